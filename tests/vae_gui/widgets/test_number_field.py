import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_gui.widgets.number_field import NumberField, real_number, whole_number


@pytest.fixture(params=["C", "de_DE", "en_US", "fr_FR"])
def language(request):
    """The user's language, which a field does not care about."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


def read_small(text):
    value = real_number(text)
    if abs(value) > 20.0:
        raise ValueError(f"{text} is too large.")
    return value


@pytest.fixture
def field(qtbot, language):
    made = NumberField(read_small, lambda: (-20.0, 20.0))
    qtbot.addWidget(made)
    made.setRange(-1e6, 1e6)
    made.setDecimals(6)
    made.setSingleStep(0.05)
    made.setValue(0.25)
    made.sentences = []
    made.refused.connect(made.sentences.append)
    made.show()
    return made


def type_over(field, text):
    field.setFocus()
    field.selectAll()
    if text.isascii():
        QTest.keyClicks(field, text)
    else:  # a key that QTest does not have
        QApplication.clipboard().setText(text)
        QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Return)


REAL = {"-2,5": -2.5, "-2.5": -2.5, "2,5": 2.5, "+1": 1.0, ".5": 0.5, ",5": 0.5, "3.": 3.0}
REAL |= {"−2.5": -2.5, " 1.5 ": 1.5, "1,000": 1.0, "-0": 0.0, "0012": 12.0}
NOT_REAL = ("1,000.5", "1.000,5", "1 000", "1'000", "1\u202f000", "1,,5", "1.5.2", "-", "--1", "1-")


@pytest.mark.parametrize(("text", "value"), REAL.items())
def test_a_comma_is_a_decimal_point(field, text, value):
    type_over(field, text)
    assert field.value() == value
    assert field.sentences == []
    assert field.text() == f"{value:.6f}".replace("-0.000000", "0.000000")


@pytest.mark.parametrize("text", NOT_REAL)
def test_what_is_not_one_number_is_refused_with_a_sentence(field, text):
    moved = []
    field.valueChanged.connect(moved.append)
    type_over(field, text)
    assert field.value() == 0.25
    assert field.text() == "0.250000"
    assert moved == []
    assert field.sentences
    assert set(field.sentences) == {field.sentences[0]}
    assert field.sentences[0].startswith(text.strip())
    assert field.sentences[0].endswith(".")


@pytest.mark.parametrize("text", ["100", "-20.5", "20,01", "123456789", "1000000"])
def test_a_number_beyond_what_is_allowed_is_refused_whole(field, text):
    """With a limit of Qt's own, the last digits could not be typed, and 100 would be 10."""
    type_over(field, text)
    assert field.value() == 0.25
    assert field.sentences[0] == f"{text} is too large."


def test_an_empty_field_takes_its_value_again_without_a_word(field):
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (field.value(), field.text()) == (0.25, "0.250000")
    assert field.sentences == []


def test_letters_cannot_be_typed(field):
    type_over(field, "a1bc.5e")
    assert field.value() == 1.5


def test_what_was_typed_counts_when_the_keyboard_leaves(field, qtbot):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1,5")
    assert field.value() == 0.25
    field.clearFocus()
    assert field.value() == 1.5


def test_arrows_step_and_stop_where_it_is_allowed(field):
    QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == pytest.approx(0.3)
    QTest.keyClick(field, Qt.Key.Key_PageDown)
    assert field.value() == pytest.approx(-0.2)
    field.setValue(19.98)
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 20.0


def test_a_value_beyond_what_is_allowed_is_shown_all_the_same(field):
    field.setValue(1234.5)
    assert field.text() == "1234.500000"


@pytest.mark.parametrize(
    ("text", "value"), {"5": 5, "10000": 10000, "1,000": 1000, "12,345": 12345, "-1": -1}.items()
)
def test_whole_numbers(text, value):
    assert whole_number(text) == value


@pytest.mark.parametrize("text", ["1.000", "1 000", "1,5", "1,00", "1,0000", "1.5", "", "-"])
def test_what_may_mean_another_number_is_no_whole_number(text):
    with pytest.raises(ValueError, match="is not a whole number"):
        whole_number(text)

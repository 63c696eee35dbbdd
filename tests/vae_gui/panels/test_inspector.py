import re

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPalette, QTextDocument
from PySide6.QtTest import QTest

from model.assets import PRETRAINED
from model.files.checkpoint import read_checkpoint
from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.panels.inspector import Inspector
from vae_gui.panels.model_panel import why_straight_cuts
from vae_gui.panels.point_text import point_text, whole_point_text
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace


@pytest.fixture
def inspector(workspace, qtbot):
    made = Inspector(workspace.viewpoint)
    qtbot.addWidget(made)
    made.decoder = LiveDecoder(workspace.viewpoint)
    made.show()
    settle()
    return made


def numbers(text):
    return [float(part) for part in re.findall(r"-?\d+\.\d+", text.replace("−", "-"))]


def wait_for_where(qtbot, inspector, z):
    """The printed point follows a moving probe twenty times a second."""
    where = inspector.probe.where
    qtbot.waitUntil(lambda: np.allclose(numbers(where.text()), z, atol=1e-6))


def wait_for_fields(qtbot, inspector, z):
    """The fields follow a moving probe twenty times a second."""
    fields = inspector.probe.fields.fields
    qtbot.waitUntil(lambda: np.allclose([field.value() for field in fields], z, atol=1e-6))


@pytest.mark.parametrize(
    "z",
    [[0.123456789, -1.987654321], [3.0000004, -0.0000006], [49.1234567, -33.7654321]],
)
def test_the_printed_z_is_the_decoders_input(inspector, workspace, monkeypatch, qtbot, z):
    inputs = []
    decoder = workspace.document.model.point_decoder
    decode = decoder.decode
    monkeypatch.setattr(decoder, "decode", lambda point: (inputs.append(point), decode(point))[1])
    workspace.viewpoint.set_probe(np.array(z))
    settle()
    wait_for_where(qtbot, inspector, inputs[-1])
    wait_for_fields(qtbot, inspector, z)
    typed = [field.value() for field in inspector.probe.fields.fields]
    np.testing.assert_allclose(typed, inputs[-1], atol=1e-6, rtol=1e-7)


def test_the_shown_levels_are_those_of_the_decoder(inspector, workspace):
    workspace.viewpoint.set_probe(np.array([0.7, -0.7]))
    settle()
    decoded = torch.sigmoid(
        workspace.document.model.checkpoint.vae.decoder(torch.tensor([[0.7, -0.7]]))
    )
    expected = np.rint(255 * decoded.numpy().reshape(28, 28))
    assert np.abs(inspector.probe.digit.levels.astype(int) - expected).max() <= 1


def test_it_says_whether_the_digit_is_a_peek(inspector, workspace, qtbot):
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    settle()
    assert inspector.probe.what.text() == "At the probe"
    workspace.viewpoint.set_peek(np.array([0.5, 0.25]))
    settle()
    assert inspector.probe.what.text() == "Under the cursor"
    wait_for_where(qtbot, inspector, [0.5, 0.25])
    workspace.viewpoint.set_peek(None)
    settle()
    assert inspector.probe.what.text() == "At the probe"


def test_fields_and_printed_point_agree_while_one_hovers(inspector, workspace, qtbot):
    fields = inspector.probe.fields.fields
    disagreements = []

    def compare():
        shown = [round(field.value(), 6) for field in fields]
        if shown != numbers(inspector.probe.where.text()):
            disagreements.append((shown, inspector.probe.where.text()))

    inspector.probe.fields.followed.connect(compare)
    plain = fields[0].palette().text().color()
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    for step in range(60):
        workspace.viewpoint.set_peek(np.array([0.01 * step, -0.02 * step]))
        qtbot.wait(3)
    wait_for_where(qtbot, inspector, [0.59, -1.18])
    wait_for_fields(qtbot, inspector, [0.59, -1.18])
    assert fields[0].palette().text().color() != plain  # muted: it is not the probe
    workspace.viewpoint.set_peek(None)
    wait_for_fields(qtbot, inspector, [1.0, 1.0])
    assert fields[0].palette().text().color() == plain
    assert not disagreements
    np.testing.assert_array_equal(workspace.viewpoint.probe, [1.0, 1.0])


def test_a_field_that_takes_the_keyboard_shows_the_probe(inspector, workspace, qtbot):
    inspector.activateWindow()
    qtbot.waitUntil(inspector.isActiveWindow)
    inspector.pages.titles["chosen"].setFocus()
    workspace.viewpoint.set_probe(np.array([1.0, 2.0]))
    workspace.viewpoint.set_peek(np.array([0.5, 0.25]))
    wait_for_fields(qtbot, inspector, [0.5, 0.25])
    QTest.mouseClick(inspector.probe.fields.fields[0].lineEdit(), Qt.MouseButton.LeftButton)
    settle()
    assert workspace.viewpoint.peek is None
    assert [field.value() for field in inspector.probe.fields.fields] == [1.0, 2.0]
    QTest.keyClick(inspector.probe.fields.fields[0], Qt.Key.Key_Up)
    np.testing.assert_allclose(workspace.viewpoint.probe, [1.05, 2.0])


def test_fields_follow_a_moving_probe_now_and_then_and_the_last_one_counts(
    inspector, workspace, qtbot
):
    wait_for_fields(qtbot, inspector, [0.0, 0.0])
    for step in range(200):
        workspace.viewpoint.set_probe(np.array([0.01 * step, -0.5]))
    assert inspector.probe.fields.fields[0].value() < 1.99  # not at each move
    wait_for_fields(qtbot, inspector, [1.99, -0.5])
    np.testing.assert_array_equal(
        workspace.viewpoint.probe, [0.01 * 199, -0.5]
    )  # showing has not rounded


def test_what_was_typed_gives_way_when_the_probe_goes_back_at_once(inspector, workspace, qtbot):
    """Undo brings the same point back, perhaps before the field has shown any other."""
    field = inspector.probe.fields.fields[0]
    home = np.array([0.25, -0.5])
    workspace.viewpoint.set_probe(home)
    qtbot.waitUntil(lambda: field.value() == 0.25)
    for _ in range(3):  # the pause after a change begins anew with the first
        field.setValue(1.5)
        workspace.viewpoint.set_probe(home)
        qtbot.waitUntil(lambda: field.value() == 0.25)


def test_a_typed_number_moves_the_probe_there_exactly(inspector, workspace):
    first, second = inspector.probe.fields.fields
    for field, text in ((first, "-1.25"), (second, "0.5")):
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
    np.testing.assert_array_equal(workspace.viewpoint.probe, [-1.25, 0.5])


def test_hovering_does_not_wipe_what_is_being_typed(inspector, workspace):
    first = inspector.probe.fields.fields[0]
    first.setFocus()
    first.selectAll()
    QTest.keyClicks(first, "1.2")
    workspace.viewpoint.set_peek(np.array([0.3, 0.4]))
    settle()
    workspace.viewpoint.set_peek(None)
    settle()
    assert first.text() == "1.2"
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert workspace.viewpoint.probe[0] == 1.2


def test_nonsense_cannot_be_typed(inspector, workspace):
    before = workspace.viewpoint.probe
    first = inspector.probe.fields.fields[0]
    first.selectAll()
    QTest.keyClicks(first, "abc")
    QTest.keyClick(first, Qt.Key.Key_Return)
    np.testing.assert_array_equal(workspace.viewpoint.probe, before)


def test_showing_the_probe_does_not_round_it(inspector, workspace):
    z = np.array([0.12345678901234, -1 / 3])
    workspace.viewpoint.set_probe(z)
    settle()
    np.testing.assert_array_equal(workspace.viewpoint.probe, z)


def test_typing_one_coordinate_keeps_the_other_exactly(inspector, workspace):
    workspace.viewpoint.set_probe(np.array([0.0, 1 / 3]))
    first = inspector.probe.fields.fields[0]
    first.setValue(2.0)
    assert workspace.viewpoint.probe[1] == 1 / 3


def test_the_model_panel_names_file_network_training_and_measure(inspector):
    text = inspector.model.facts.text()
    assert inspector.model.name.text() == "tiny.safetensors"
    assert "2-D latent, residual, 1 × 16" in text
    assert "epoch 3 of 3" in text
    assert "validation ELBO −150.25 nats per image" in text


def test_a_name_with_markup_or_direction_marks_is_shown_as_plain_text(
    workspace, make_model, inspector
):
    model = make_model(name="<b>x&y</b>\u202e.safetensors".replace("/", "_"))
    workspace.document.open(model)
    shown = QTextDocument()
    shown.setHtml(inspector.model.name.toolTip())
    assert "<b>x&y<_b>" in shown.toPlainText()
    assert shown.toPlainText().isprintable()
    assert inspector.model.name.textFormat() is Qt.TextFormat.PlainText


def test_without_a_model_it_says_so(qtbot):
    workspace = Workspace()
    inspector = Inspector(workspace.viewpoint)
    qtbot.addWidget(inspector)
    assert inspector.probe.what.text() == "No digit yet"
    assert inspector.probe.digit.levels is None
    assert not any(button.isEnabled() for button in inspector.nearest.buttons)
    assert inspector.chosen.empty.isVisibleTo(inspector)
    assert not inspector.chosen.index.isEnabled()
    assert inspector.model.name.text() == "none open yet"


def test_a_model_of_one_dimension_has_one_field(workspace, make_model, inspector, qtbot):
    workspace.document.open(make_model(1))
    settle()
    first, second = inspector.probe.fields.fields
    assert first.isEnabled()
    assert not second.isEnabled()
    qtbot.waitUntil(lambda: len(numbers(inspector.probe.where.text())) == 1)


def test_along_other_axes_the_fields_are_those_of_these(workspace, make_model, inspector, qtbot):
    workspace.document.open(make_model(4))
    workspace.viewpoint.go_to(Slice(np.zeros(4), axes=(3, 0)), None, np.zeros(4))
    first, second = inspector.probe.fields.fields
    assert first.accessibleName() == "z4 of the probe"
    assert second.accessibleName() == "z1 of the probe"
    assert [caption.text() for caption in inspector.probe.fields.captions] == ["z4", "z1"]
    first.setValue(1.5)
    second.setValue(-0.5)
    assert workspace.viewpoint.probe.tolist() == [-0.5, 0.0, 0.0, 1.5]
    qtbot.waitUntil(lambda: numbers(inspector.probe.where.text()) == [1.5, -0.5])


def test_every_control_has_a_name_for_a_screen_reader(inspector):
    assert [field.accessibleName() for field in inspector.probe.fields.fields] == [
        "z1 of the probe",
        "z2 of the probe",
    ]
    assert inspector.probe.digit.accessibleName() == "Decoded digit"


def test_of_more_than_two_dimensions_those_of_the_plane_are_printed_by_name():
    z = np.array([1.0, -2.0, 3.0])
    assert point_text(Slice(np.zeros(3)), z, 6) == "z1 = 1.000000, z2 = −2.000000"
    assert point_text(Slice(np.zeros(3), axes=(2, 0)), z, 3) == "z3 = 3.000, z1 = 1.000"
    assert whole_point_text(z, 1) == "(1.0, −2.0, 3.0)"
    assert point_text(Slice(np.zeros(2)), z[:2], 1) == "(1.0, −2.0)"
    assert point_text(Slice(np.zeros(1)), z[:1], 1) == "(1.0)"


def test_a_model_without_an_atlas_has_no_straight_cuts_to_explain(inspector):
    assert inspector.model.why.text() == ""


def test_the_bundled_model_says_why_its_classes_meet_along_straight_lines():
    said = why_straight_cuts(read_checkpoint(PRETRAINED))
    assert "straight lines" in said
    assert "atlas of 48 × 48 places" in said


def test_the_marks_of_the_plane_stand_before_the_titles(inspector, workspace):
    """As pixels: each glyph is the plane's own ring, in its own colour."""
    workspace.viewpoint.select(3)
    settle()
    accent = inspector.palette().color(QPalette.ColorRole.Highlight)
    text = inspector.palette().color(QPalette.ColorRole.WindowText)

    def inks(widget):
        image = widget.grab(QRect(0, 0, 30, widget.height())).toImage()
        every = [(x, y) for x in range(image.width()) for y in range(image.height())]
        return {image.pixelColor(x, y).name() for x, y in every}

    assert accent.name() in inks(inspector.pages.titles["chosen"])
    assert accent.name() not in inks(inspector.sections["nearest"].heading)
    assert text.name() in inks(inspector.sections["nearest"].heading)
    at_the_probe = inspector.probe.glyph.grab().toImage()
    workspace.viewpoint.set_peek(np.array([0.1, 0.1]))
    settle()
    assert inspector.probe.glyph.grab().toImage() != at_the_probe


def test_with_many_dimensions_the_probe_says_where_the_others_are(
    workspace, make_model, inspector, qtbot
):
    workspace.document.open(make_model(20))
    workspace.document.set_test(make_digits(20))
    workspace.viewpoint.select(3)
    inspector.resize(408, 900)
    settle()
    where = inspector.probe.where
    qtbot.waitUntil(lambda: "test digit 3" in where.text())
    assert "…" not in where.text()
    assert "z3 to z20 fixed at the posterior mean of test digit 3" in where.text()
    needed = where.fontMetrics().boundingRect(where.rect(), int(where.flags), where.text())
    assert where.rect().contains(needed)

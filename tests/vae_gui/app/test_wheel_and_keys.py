"""The wheel edits nothing, and the plane's keys work wherever the mouse clicked last."""

import numpy as np
import pytest
from gui_helpers import settle, settle_layers
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QListView,
    QScrollArea,
    QSlider,
    QSpinBox,
    QWidget,
)

from vae_gui.app.main_window import MainWindow
from vae_gui.style import theme

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(theme.ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1300, 560)  # so low that both panels scroll
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    made.workspace.viewpoint.select(7)
    made.activateWindow()
    made.plane.setFocus()
    probe = made.workspace.viewpoint.probe
    field = made.inspector.probe.fields.fields[0]  # it follows twenty times a second
    qtbot.waitUntil(lambda: field.value() == pytest.approx(probe[0], abs=1e-6))
    made.sitter.catch_up()
    settle()
    yield made
    made.close()
    made.join()
    settle()


def inside(window, *kinds):
    """The visible controls of some kinds, without those of lists that pop up."""
    found = [widget for kind in kinds for widget in window.centralWidget().findChildren(kind)]
    return [one for one in found if one.isVisible() and one.window() is window]


def value_of(control):
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()


def what_scrolls(window, widget):
    """The part of the window that scrolls a widget; None where there is nothing to scroll."""
    around = [area for area in window.findChildren(QScrollArea) if area.isAncestorOf(widget)]
    return around[0] if around else None


def bring_into_view(window, widget):
    """Scroll the part to a widget, but not to its very end: it can scroll on, up and down."""
    part = what_scrolls(window, widget)
    if part is None:
        return None
    part.ensureWidgetVisible(widget)
    bar = part.verticalScrollBar()
    bar.setValue(min(max(bar.value(), 5), bar.maximum() - 5))
    settle()
    return bar


# The wheel


def turn_the_wheel(window, widget, notches):
    """As the window system does it: only such an event goes on to the parents of who ignores it."""
    place = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, 120 * notches))
    settle()


@pytest.mark.slow
@pytest.mark.parametrize("notches", [1, -1])
@pytest.mark.parametrize("focused", [False, True])
@pytest.mark.parametrize("page", ["chosen", "ranking"])
def test_the_wheel_over_a_control_scrolls_the_panel_and_edits_nothing(
    window, notches, focused, page
):
    window.inspector.pages.choose(page)
    controls = inside(window, QAbstractSpinBox, QComboBox, QSlider)
    assert len(controls) >= 9
    probe = window.workspace.viewpoint.probe
    for control in controls:
        window.plane.setFocus()
        if focused:
            control.setFocus()
        keyboard, before = QApplication.focusWidget(), value_of(control)
        bar = bring_into_view(window, control)
        at = 0 if bar is None else bar.value()
        turn_the_wheel(window, control, notches)
        assert value_of(control) == before
        assert bar is None or (at - bar.value()) * notches > 0
        assert QApplication.focusWidget() is keyboard
    assert window.workspace.viewpoint.probe is probe
    assert window.workspace.viewpoint.selected == 7
    assert window.workspace.appearance.colouring is None


def test_the_wheel_over_the_text_of_a_field_edits_nothing(window):
    for field in inside(window, QAbstractSpinBox):
        bring_into_view(window, field)
        before = field.value()
        text = field.lineEdit()
        turn_the_wheel(window, text, 1)
        assert field.value() == before


def test_no_control_takes_the_keyboard_by_the_wheel(window):
    for control in inside(window, QAbstractSpinBox, QComboBox, QSlider):
        assert control.focusPolicy() is not Qt.FocusPolicy.WheelFocus


# The keys


def click(widget, place=None):
    QTest.mouseClick(widget, LEFT, pos=place or widget.rect().center())
    settle()


def assert_keys_reach_the_plane(window):
    """Press the plane's keys wherever the keyboard is, and see the plane obey."""
    viewpoint = window.workspace.viewpoint
    viewpoint.set_probe(np.array([0.25, 0.5]))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    np.testing.assert_allclose(viewpoint.probe, [0.3, 0.55])
    width = window.plane.view().bounds.width
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Plus)
    assert window.plane.view().bounds.width < width
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Minus)
    assert window.plane.view().bounds.width == pytest.approx(width)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Plus)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Home)
    assert window.plane.view().bounds.width == pytest.approx(width)
    expected = viewpoint.nearest_to(viewpoint.probe)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert expected is None or viewpoint.selected == expected.index


def controls_to_click(window):
    """One of each kind of control, by name; each is found anew, where it is now."""
    return {
        "checkbox": window.layers.rows["prior"].box,
        "legend": window.layers.colours.legend.buttons[3],
        "slider": window.layers.rows["test"].slider,
        "choice button": window.inspector.probe.decoded_as.buttons["sample"],
        "heading": window.inspector.sections["nearest"].heading,
        "page": window.inspector.pages.titles["model"],
        "nearest": window.inspector.nearest.buttons[1],
        "tool": window.tools.buttons[4],
        "ranking": window.inspector.ranking.list.viewport(),
        "caption": window.inspector.probe.fields.captions[0],
        "title": window.layers.findChildren(QLabel)[0],
        "header": window.header,
        "status": window.status,
    }


NAMES = (
    *("checkbox", "legend", "slider", "choice button", "heading", "page", "nearest", "tool"),
    *("ranking", "caption", "title", "header", "status"),
)


@pytest.mark.slow
@pytest.mark.parametrize("from_a_field", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_after_a_click_the_keys_are_the_planes(window, name, from_a_field):
    if from_a_field:
        click(window.inspector.probe.fields.fields[0].lineEdit())
    if name == "ranking":
        window.inspector.pages.choose("ranking")
    control = controls_to_click(window)[name]
    click(control)
    assert QApplication.focusWidget() is window.plane
    assert_keys_reach_the_plane(window)


def test_after_a_choice_in_a_list_that_pops_up_the_keys_are_the_planes(window):
    for choice in inside(window, QComboBox):
        bring_into_view(window, choice)
        click(choice)
        popup = choice.view()
        QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, Qt.Key.Key_Return)
        settle()
        assert choice.currentIndex() == 1
        assert QApplication.focusWidget() is window.plane


def test_no_control_but_a_field_takes_the_keyboard_by_a_click(window):
    window.messages.show_error("Something.", ValueError("x"))
    controls = inside(window, QAbstractButton, QComboBox, QSlider, QListView)
    assert len(controls) > 40
    for control in controls:
        assert not control.focusPolicy() & Qt.FocusPolicy.ClickFocus, control


def test_a_click_leaves_a_control_to_the_keys_of_those_who_tab_there(window):
    slider, box = window.layers.rows["test"].slider, window.layers.rows["prior"].box
    choice = window.layers.colours.choice
    before = slider.value()
    reached = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    for control in (slider, box, choice, window.inspector.pages.titles["chosen"]):
        assert control in reached
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert slider.value() < before
    box.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert not window.workspace.appearance.is_shown("prior")
    choice.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert window.workspace.appearance.colouring is not None


# Fields


@pytest.mark.slow
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
def test_enter_and_escape_in_a_field_give_the_keys_back_and_move_nothing(window, key):
    viewpoint = window.workspace.viewpoint
    probe = np.array([0.1234567891234, -1.0 / 3.0])
    viewpoint.set_probe(probe)
    settle()
    for field in inside(window, QDoubleSpinBox, QSpinBox):
        click(field.lineEdit())
        assert QApplication.focusWidget() is field
        QTest.keyClick(field, key)
        settle()
        assert QApplication.focusWidget() is window.plane
        assert viewpoint.probe is probe
        assert viewpoint.selected == 7
    assert_keys_reach_the_plane(window)


def test_escape_shows_again_what_the_field_showed(window):
    viewpoint = window.workspace.viewpoint
    for field in inside(window, QDoubleSpinBox, QSpinBox):
        shown, probe = field.text(), viewpoint.probe
        for typed in ("1", "-", ""):
            click(field.lineEdit())
            field.selectAll()
            QTest.keyClicks(field, typed) if typed else QTest.keyClick(field, Qt.Key.Key_Delete)
            assert field.text() != shown
            QTest.keyClick(field, Qt.Key.Key_Escape)
            settle()
            assert field.text() == shown
            assert viewpoint.probe is probe
            assert viewpoint.selected == 7


def test_a_typed_number_moves_the_probe_once_and_the_keys_are_the_planes(window):
    field = window.inspector.probe.fields.fields[0]
    click(field.lineEdit())
    field.selectAll()
    QTest.keyClicks(field, "1.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.workspace.viewpoint.probe[0] == 1.25
    assert window.workspace.viewpoint.selected == 7
    assert QApplication.focusWidget() is window.plane


def test_after_going_to_a_digit_by_its_index_letters_are_keys_again(window):
    appearance, viewpoint = window.workspace.appearance, window.workspace.viewpoint
    QTest.keyClick(window.plane, Qt.Key.Key_G, CTRL)
    index = QApplication.focusWidget()
    assert index is window.inspector.chosen.index
    QTest.keyClicks(index, "5")
    QTest.keyClick(index, Qt.Key.Key_Return)
    settle()
    assert viewpoint.selected == 5
    for key, layer in ((Qt.Key.Key_G, "manifold"), (Qt.Key.Key_T, "test")):
        before = appearance.is_shown(layer)
        QTest.keyClick(QApplication.focusWidget(), key)
        assert appearance.is_shown(layer) is not before
    settle_layers(window.workspace)  # the ranking needs the ELBO of all digits
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_N)
    worst = window.workspace.document.measures.ranked("elbo")[0]
    assert viewpoint.selected == int(worst)


def test_escape_gives_the_keys_back_from_everywhere(window):
    window.messages.show_error("Something.", ValueError("x"))
    window.messages.more.setChecked(True)
    settle()
    stops: list[QWidget] = []
    QTest.keyClick(window.plane, Qt.Key.Key_Tab)
    while QApplication.focusWidget() is not window.plane:
        stops.append(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert window.messages.details in stops
    for stop in stops:
        stop.setFocus()
        QTest.keyClick(stop, Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is window.plane, stop


@pytest.mark.parametrize("key", [Qt.Key.Key_I, Qt.Key.Key_L])
def test_a_panel_that_folds_away_gives_the_keys_back(window, key):
    window.inspector.probe.fields.fields[0].setFocus()
    if key == Qt.Key.Key_L:
        window.layers.rows["prior"].box.setFocus()
    QTest.keyClick(QApplication.focusWidget(), key, CTRL)
    settle()
    assert QApplication.focusWidget() is window.plane


def test_the_bar_of_messages_gives_the_keys_back_as_it_goes(window):
    window.messages.show_error("Something.", ValueError("x"))
    settle()
    window.messages.details.setVisible(True)
    click(window.messages.details.viewport(), QPoint(5, 5))
    click(window.messages.dismiss)
    assert QApplication.focusWidget() is window.plane
    assert_keys_reach_the_plane(window)

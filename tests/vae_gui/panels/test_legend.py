"""Classes are shown, hidden and shown alone, by mouse and by key."""

import numpy as np
import pytest
from gui_helpers import mouse, settle, settle_layers
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.panels.legend import Legend
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.style.palette import LIGHT
from vae_gui.style.theme import ThemeChoice

LEFT = Qt.MouseButton.LeftButton
ALL = frozenset(range(10))


@pytest.fixture
def legend(workspace, qtbot):
    made = Legend(workspace, workspace.viewpoint)
    qtbot.addWidget(made)
    made.show()
    settle()
    return made


def double_click(button):
    """The four events that a double click is."""
    spot = QPointF(10.0, 10.0)
    mouse(button, QEvent.Type.MouseButtonPress, spot, LEFT, LEFT)
    mouse(button, QEvent.Type.MouseButtonRelease, spot, LEFT)
    mouse(button, QEvent.Type.MouseButtonDblClick, spot, LEFT, LEFT)
    mouse(button, QEvent.Type.MouseButtonRelease, spot, LEFT)


def test_each_class_says_its_name_and_its_count(legend, workspace):
    names = [button.text() for button in legend.buttons]
    assert names == list("abcdefghij")
    assert all("20 digits" in button.accessibleName() for button in legend.buttons)


def test_a_click_hides_a_class_and_another_shows_it(legend, workspace):
    QTest.mouseClick(legend.buttons[3], LEFT)
    assert workspace.appearance.hidden_classes == {3}
    assert not legend.buttons[3].isChecked()
    QTest.mouseClick(legend.buttons[5], LEFT)
    assert workspace.appearance.hidden_classes == {3, 5}
    QTest.mouseClick(legend.buttons[3], LEFT)
    assert workspace.appearance.hidden_classes == {5}


def test_a_double_click_shows_one_class_alone_and_another_all(legend, workspace):
    workspace.appearance.hide_classes(frozenset({2}))
    double_click(legend.buttons[7])
    assert workspace.appearance.hidden_classes == ALL - {7}
    assert [button.isChecked() for button in legend.buttons] == [i == 7 for i in range(10)]
    double_click(legend.buttons[7])
    assert workspace.appearance.hidden_classes == frozenset()


def test_the_keyboard_reaches_each_class(legend, workspace):
    button = legend.buttons[4]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert workspace.appearance.hidden_classes == {4}


def test_the_nearest_digit_is_of_a_shown_class(workspace):
    z = workspace.document.test.means[42]
    assert workspace.viewpoint.nearest_to(z).index == 42
    label = int(workspace.document.test.labels[42])
    workspace.appearance.toggle_class(label)
    found = workspace.viewpoint.nearest_to(z).index
    shown = np.flatnonzero(workspace.document.test.labels != label)
    distances = np.square(workspace.document.test.means[shown] - z).sum(1)
    assert found == shown[distances.argmin()]
    workspace.appearance.hide_classes(ALL)
    assert workspace.viewpoint.nearest_to(z) is None


def test_a_hidden_class_is_faint_and_below_and_unnamed(workspace, qtbot):
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.set_theme(LIGHT)
    view.show()
    workspace.viewpoint.set_probe(np.array([3.0, 3.0]))
    for layer in view.layers.layers:
        workspace.appearance.set_layer(layer.key, LayerState(layer.key == "test"))
    settle_layers(workspace)
    digits = workspace.document.test
    # A digit of class 1 that no other hides.
    for index in np.flatnonzero(digits.labels == 1):
        gaps = np.abs(digits.means - digits.means[index]).max(1)
        if np.partition(gaps, 1)[1] > 0.1:
            break
    spot = view.view().pixel_of(*digits.means[index]).toPoint()
    before = view.grab().toImage().pixelColor(spot)
    assert before == QColor(LIGHT.classes[1])
    workspace.appearance.toggle_class(1)
    settle_layers(workspace)
    assert view.grab().toImage().pixelColor(spot) == QColor(LIGHT.line)


def test_digit_keys_switch_classes_and_alt_shows_one_alone(qtbot, quick_digits, make_model):
    window = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    window.plane.setFocus()
    QTest.keyClick(window.plane, Qt.Key.Key_3)
    assert window.workspace.appearance.hidden_classes == {3}
    QTest.keyClick(window.plane, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    assert window.workspace.appearance.hidden_classes == ALL - {6}
    QTest.keyClick(window.plane, Qt.Key.Key_A)
    assert window.workspace.appearance.hidden_classes == frozenset()
    # In a field, a digit is a digit.
    window.inspector.probe.fields.fields[0].setFocus()
    QTest.keyClick(window.inspector.probe.fields.fields[0], Qt.Key.Key_3)
    assert window.workspace.appearance.hidden_classes == frozenset()
    window.close()
    window.join()
    settle()

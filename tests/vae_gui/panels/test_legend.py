"""Classes are shown, hidden and shown alone, by mouse and by key."""

import numpy as np
import pytest
from gui_helpers import mouse, settle, settle_layers
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.panels.legend import Legend
from vae_gui.plane.plane_view import LatentView
from vae_gui.state.session import LayerState
from vae_gui.style.palette import CLASS_COLOURS, LIGHT
from vae_gui.style.theme import ThemeChoice

LEFT = Qt.MouseButton.LeftButton
ALL = frozenset(range(10))


@pytest.fixture
def legend(session, qtbot):
    made = Legend(session)
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


def test_each_class_says_its_name_and_its_count(legend, session):
    names = [button.text() for button in legend.buttons]
    assert names == list("abcdefghij")
    assert all("20 digits" in button.accessibleName() for button in legend.buttons)


def test_a_click_hides_a_class_and_another_shows_it(legend, session):
    QTest.mouseClick(legend.buttons[3], LEFT)
    assert session.hidden_classes == {3}
    assert not legend.buttons[3].isChecked()
    QTest.mouseClick(legend.buttons[5], LEFT)
    assert session.hidden_classes == {3, 5}
    QTest.mouseClick(legend.buttons[3], LEFT)
    assert session.hidden_classes == {5}


def test_a_double_click_shows_one_class_alone_and_another_all(legend, session):
    session.hide_classes(frozenset({2}))
    double_click(legend.buttons[7])
    assert session.hidden_classes == ALL - {7}
    assert [button.isChecked() for button in legend.buttons] == [i == 7 for i in range(10)]
    double_click(legend.buttons[7])
    assert session.hidden_classes == frozenset()


def test_the_keyboard_reaches_each_class(legend, session):
    button = legend.buttons[4]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert session.hidden_classes == {4}


def test_the_nearest_digit_is_of_a_shown_class(session):
    z = session.digits.means[42]
    assert session.nearest_to(z).index == 42
    label = int(session.digits.labels[42])
    session.toggle_class(label)
    found = session.nearest_to(z).index
    shown = np.flatnonzero(session.digits.labels != label)
    distances = np.square(session.digits.means[shown] - z).sum(1)
    assert found == shown[distances.argmin()]
    session.hide_classes(ALL)
    assert session.nearest_to(z) is None


def test_a_hidden_class_is_faint_and_below_and_unnamed(session, qtbot):
    view = LatentView(session)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.set_theme(LIGHT)
    view.show()
    session.set_probe(np.array([3.0, 3.0]))
    for layer in view.layers:
        session.set_layer(layer.key, LayerState(layer.key == "test"))
    settle_layers(view)
    digits = session.digits
    # A digit of class 1 that no other hides.
    for index in np.flatnonzero(digits.labels == 1):
        gaps = np.abs(digits.means - digits.means[index]).max(1)
        if np.partition(gaps, 1)[1] > 0.1:
            break
    spot = view.view().pixel_of(*digits.means[index]).toPoint()
    before = view.grab().toImage().pixelColor(spot)
    assert before == QColor(CLASS_COLOURS[1])
    session.toggle_class(1)
    settle_layers(view)
    assert view.grab().toImage().pixelColor(spot) == QColor(LIGHT.line)


def test_digit_keys_switch_classes_and_alt_shows_one_alone(qtbot, quick_digits, make_model):
    window = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    with qtbot.waitSignal(window.opener.finished):
        window.open(make_model().path)
    window.plane.setFocus()
    QTest.keyClick(window.plane, Qt.Key.Key_3)
    assert window.session.hidden_classes == {3}
    QTest.keyClick(window.plane, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    assert window.session.hidden_classes == ALL - {6}
    QTest.keyClick(window.plane, Qt.Key.Key_A)
    assert window.session.hidden_classes == frozenset()
    # In a field, a digit is a digit.
    window.inspector.probe.fields.fields[0].setFocus()
    QTest.keyClick(window.inspector.probe.fields.fields[0], Qt.Key.Key_3)
    assert window.session.hidden_classes == frozenset()
    window.close()
    window.join()
    settle()

"""The hand over the plane, by real events: what a click, a drag, a wheel and a key do."""

import numpy as np
import pytest
from gui_helpers import make_digits, mouse, settle
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.workspace import Workspace

PRESS, MOVE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove
RELEASE, DOUBLE = QEvent.Type.MouseButtonRelease, QEvent.Type.MouseButtonDblClick
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


def at(plane, x, y):
    return plane.view().pixel_of(x, y)


def point_at(plane, position):
    return plane.view().to_plane(position.x(), position.y())


def wheel(plane, position, steps):
    event = QWheelEvent(
        position,
        QPointF(plane.mapToGlobal(position)),
        QPoint(0, 0),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plane, event)
    settle()


def test_a_click_moves_the_probe_to_what_is_under_it(plane, workspace):
    position = at(plane, 0.5, -1.25)
    mouse(plane, PRESS, position, LEFT, LEFT)
    mouse(plane, RELEASE, position, LEFT)
    np.testing.assert_allclose(workspace.viewpoint.probe, [0.5, -1.25], atol=1e-9)
    assert workspace.viewpoint.selected is None  # a click never selects


def test_a_drag_moves_the_probe_along_and_letting_go_leaves_it(plane, workspace):
    mouse(plane, PRESS, at(plane, 0, 0), LEFT, LEFT)
    for x in np.linspace(0, 1, 11):
        mouse(plane, MOVE, at(plane, x, -x), held=LEFT)
        np.testing.assert_allclose(workspace.viewpoint.probe, [x, -x], atol=1e-9)
    mouse(plane, RELEASE, at(plane, 1, -1), LEFT)
    mouse(plane, MOVE, at(plane, 0.3, 0.3))
    np.testing.assert_allclose(workspace.viewpoint.probe, [1, -1], atol=1e-9)


def test_a_drag_out_of_the_plane_keeps_the_probe_inside_it(plane, workspace):
    mouse(plane, PRESS, at(plane, 0, 0), LEFT, LEFT)
    mouse(plane, MOVE, QPointF(5000.0, -4000.0), held=LEFT)
    visible = plane.view().bounds
    assert workspace.viewpoint.probe[0] == pytest.approx(visible.right)
    assert workspace.viewpoint.probe[1] == pytest.approx(visible.high)


def test_hover_peeks_and_leaving_restores_the_probe(plane, workspace, qtbot):
    workspace.viewpoint.set_probe(np.array([1.0, 1.0]))
    mouse(plane, MOVE, at(plane, -0.5, 0.25))
    qtbot.waitUntil(
        lambda: workspace.viewpoint.reading is not None and workspace.viewpoint.reading.is_peek
    )
    np.testing.assert_allclose(workspace.viewpoint.reading.z, [-0.5, 0.25], atol=1e-9)
    np.testing.assert_array_equal(workspace.viewpoint.probe, [1.0, 1.0])
    QApplication.sendEvent(plane, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not workspace.viewpoint.reading.is_peek)
    np.testing.assert_array_equal(workspace.viewpoint.reading.z, [1.0, 1.0])


def test_over_the_axes_there_is_nothing_to_peek_at_or_to_click(plane, workspace):
    mouse(plane, MOVE, at(plane, 0.5, 0.5))
    mouse(plane, MOVE, QPointF(10, 250))
    assert workspace.viewpoint.peek is None
    before = workspace.viewpoint.probe
    mouse(plane, PRESS, QPointF(10, 250), LEFT, LEFT)
    np.testing.assert_array_equal(workspace.viewpoint.probe, before)


def test_a_double_click_goes_to_the_nearest_digit(plane, workspace):
    place = workspace.document.test.means[42] + 1e-4
    position = at(plane, *place)
    mouse(plane, PRESS, position, LEFT, LEFT)
    mouse(plane, RELEASE, position, LEFT)
    mouse(plane, DOUBLE, position, LEFT, LEFT)
    assert workspace.viewpoint.selected == 42
    np.testing.assert_array_equal(workspace.viewpoint.probe, workspace.document.test.means[42])


def test_enter_goes_to_the_nearest_digit(plane, workspace):
    workspace.viewpoint.set_probe(workspace.document.test.means[7] + 1e-4)
    QTest.keyClick(plane, Qt.Key.Key_Return)
    assert workspace.viewpoint.selected == 7


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        (Qt.Key.Key_Left, (-1, 0)),
        (Qt.Key.Key_Right, (1, 0)),
        (Qt.Key.Key_Up, (0, 1)),
        (Qt.Key.Key_Down, (0, -1)),
    ],
)
@pytest.mark.parametrize(
    ("modifier", "step"),
    [
        (Qt.KeyboardModifier.NoModifier, 0.05),
        (Qt.KeyboardModifier.ShiftModifier, 0.01),
        (Qt.KeyboardModifier.ControlModifier, 0.5),
    ],
)
def test_arrows_nudge_the_probe(plane, workspace, key, direction, modifier, step):
    workspace.viewpoint.set_probe(np.array([0.2, -0.3]))
    QTest.keyClick(plane, key, modifier)
    np.testing.assert_allclose(workspace.viewpoint.probe, [0.2, -0.3] + step * np.array(direction))


def test_the_wheel_zooms_at_the_cursor(plane):
    position = at(plane, 1.0, -0.5)
    width = plane.view().bounds.width
    wheel(plane, position, 3)
    assert plane.view().bounds.width < width
    np.testing.assert_allclose(point_at(plane, position), [1.0, -0.5], atol=1e-6)
    wheel(plane, position, -6)
    assert plane.view().bounds.width > width


def test_a_middle_drag_pans_by_what_the_hand_moved(plane, workspace):
    before = workspace.viewpoint.probe
    held = point_at(plane, QPointF(300, 200))
    mouse(plane, PRESS, QPointF(300, 200), MIDDLE, MIDDLE)
    mouse(plane, MOVE, QPointF(360, 170), held=MIDDLE)
    settle()
    np.testing.assert_allclose(point_at(plane, QPointF(360, 170)), held, atol=1e-9)
    mouse(plane, RELEASE, QPointF(360, 170), MIDDLE)
    np.testing.assert_array_equal(workspace.viewpoint.probe, before)


def test_a_drag_with_space_held_pans_and_not_after(plane, workspace):
    QTest.keyPress(plane, Qt.Key.Key_Space)
    held = point_at(plane, QPointF(300, 200))
    mouse(plane, PRESS, QPointF(300, 200), LEFT, LEFT)
    mouse(plane, MOVE, QPointF(340, 230), held=LEFT)
    mouse(plane, RELEASE, QPointF(340, 230), LEFT)
    np.testing.assert_allclose(point_at(plane, QPointF(340, 230)), held, atol=1e-9)
    np.testing.assert_array_equal(workspace.viewpoint.probe, np.zeros(2))
    QTest.keyRelease(plane, Qt.Key.Key_Space)
    mouse(plane, PRESS, QPointF(340, 230), LEFT, LEFT)
    np.testing.assert_allclose(workspace.viewpoint.probe, held, atol=1e-9)


def test_home_fits_every_point(plane, workspace):
    plane.viewport.zoom(1 / 0.01)
    plane.viewport.pan_by(np.array([7.0, 0.0]))
    QTest.keyClick(plane, Qt.Key.Key_Home)
    settle()
    visible = plane.view().bounds
    x, y = workspace.document.test.means.T
    assert visible.left < x.min() < x.max() < visible.right
    assert visible.low < y.min() < y.max() < visible.high


def test_in_one_dimension_only_the_horizontal_place_counts(make_model, qtbot):
    workspace = Workspace()
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    workspace.document.open(make_model(1))
    workspace.document.set_test(make_digits(1))
    settle()
    mouse(view, PRESS, at(view, 0.75, 1.0), LEFT, LEFT)
    np.testing.assert_allclose(workspace.viewpoint.probe, [0.75], atol=1e-9)
    assert view.axes.left == "rows of classes"


def test_in_five_dimensions_a_click_changes_the_first_two(make_model, qtbot):
    workspace = Workspace()
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    workspace.document.open(make_model(5))
    workspace.document.set_test(make_digits(5))
    settle()
    base = workspace.viewpoint.slice.base
    mouse(view, PRESS, at(view, 0.75, 1.0), LEFT, LEFT)
    np.testing.assert_allclose(workspace.viewpoint.probe[:2], [0.75, 1.0], atol=1e-9)
    np.testing.assert_array_equal(workspace.viewpoint.probe[2:], base[2:])


def test_a_key_ends_the_peek_so_that_what_it_moves_is_seen(plane, workspace, qtbot):
    mouse(plane, MOVE, at(plane, -0.5, 0.25))
    qtbot.waitUntil(
        lambda: workspace.viewpoint.reading is not None and workspace.viewpoint.reading.is_peek
    )
    QTest.keyClick(plane, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: not workspace.viewpoint.reading.is_peek)
    np.testing.assert_allclose(workspace.viewpoint.reading.z, workspace.viewpoint.probe, atol=1e-6)


def test_plus_and_minus_zoom_and_alt_arrows_pan(plane, workspace):
    before = plane.view().bounds
    QTest.keyClick(plane, Qt.Key.Key_Plus)
    assert plane.view().bounds.width == pytest.approx(before.width / 1.25)
    QTest.keyClick(plane, Qt.Key.Key_Minus)
    assert plane.view().bounds.width == pytest.approx(before.width)
    QTest.keyClick(plane, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert plane.view().bounds.left == pytest.approx(before.left + 0.1 * before.width)
    np.testing.assert_array_equal(workspace.viewpoint.probe, np.zeros(2))

"""What the hand does with its tools, without a window: events in, calls of a tool out."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from vae_gui.plane.tools import GESTURES, TOOLS
from vae_gui.plane.tools.hand import Hand
from vae_gui.plane.tools.navigation import GESTURES as NAVIGATION
from vae_gui.plane.tools.navigation import PRIOR_VIEW, Navigation
from vae_gui.plane.tools.probe import ProbeTool
from vae_gui.plane.tools.tool import Tool
from vae_gui.plane.viewport import Viewport
from vae_gui.state.viewpoint import REACH

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
RIGHT, NONE = Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
CROSS, OPEN = Qt.CursorShape.CrossCursor, Qt.CursorShape.OpenHandCursor
CLOSED, WHAT = Qt.CursorShape.ClosedHandCursor, Qt.CursorShape.WhatsThisCursor
PLAIN = Qt.KeyboardModifier.NoModifier


class Recorder(Tool):
    """A tool that writes down what happens to it."""

    key, title, cursor, gestures = "recorder", "Recorder", WHAT, (("Wave", "Be seen"),)

    def __init__(self, viewpoint=None, viewport=None, repaint=None):
        self.seen = []

    def hover(self, point):
        self.seen.append(("hover", None if point is None else point.tolist()))

    def drag(self, point):
        self.seen.append(("press", point.tolist()))
        while (point := (yield)) is not None:
            self.seen.append(("drag", point.tolist()))
        self.seen.append(("let go", None))

    def activate(self, point):
        self.seen.append(("activate", point.tolist()))

    def paint(self, painter, view, theme):
        """Nothing."""


class Stamp(Recorder):
    """A tool that has done all it does at the press."""

    def drag(self, point):
        self.seen.append(("stamp", point.tolist()))
        yield from ()


@pytest.fixture
def viewport():
    made = Viewport(PRIOR_VIEW, REACH, lambda: None)
    made.place(0.0, 0.0, 600.0, 600.0)  # 100 pixels a unit; the origin at (300, 300)
    return made


@pytest.fixture
def cursors():
    return []


@pytest.fixture
def acts(workspace):
    found = []
    workspace.gesture_began.connect(
        lambda second: found.append("began again" if second else "began")
    )
    workspace.gesture_ended.connect(lambda: found.append("ended"))
    return found


def hand_with(tool, workspace, viewport, cursors):
    viewpoint = workspace.viewpoint
    navigation = Navigation(viewpoint, viewport)
    return Hand(workspace, viewpoint, viewport, navigation, tool, cursors.append)


@pytest.fixture
def tool():
    return Recorder()


@pytest.fixture
def hand(tool, workspace, viewport, cursors):
    return hand_with(tool, workspace, viewport, cursors)


def mouse(x, y, button=NONE, kind=QEvent.Type.MouseMove):
    place = QPointF(x, y)
    return QMouseEvent(kind, place, place, button, button, PLAIN)


def press(hand, x, y, button=LEFT):
    hand.press(mouse(x, y, button, QEvent.Type.MouseButtonPress))


def wheel(hand, x, y, notches):
    place, turned = QPointF(x, y), QPoint(0, round(120 * notches))
    phase = Qt.ScrollPhase.NoScrollPhase
    hand.wheel(QWheelEvent(place, place, QPoint(), turned, NONE, PLAIN, phase, False))


def key(hand, which, modifiers=PLAIN):
    return hand.key_press(QKeyEvent(QEvent.Type.KeyPress, which, modifiers))


def release_key(hand, which, again=False):
    kind = QEvent.Type.KeyRelease
    return hand.key_release(QKeyEvent(kind, which, PLAIN, "", again))


# The hand and a tool


def test_a_tool_hovers_over_points_of_the_plane_and_not_over_the_axes(hand, tool):
    hand.move(mouse(400.0, 250.0))
    hand.move(mouse(400.0, 601.0))
    hand.leave()
    assert tool.seen == [("hover", [1.0, 0.5]), ("hover", None), ("hover", None)]


def test_a_drag_is_fed_with_points_until_the_hand_lets_go(hand, tool, acts):
    press(hand, 300.0, 300.0)
    hand.move(mouse(400.0, 300.0))
    hand.leave()  # the mouse is held: it has not left
    hand.move(mouse(1300.0, -700.0))  # outside
    hand.release()
    hand.move(mouse(300.0, 300.0))
    assert tool.seen == [
        ("press", [0.0, 0.0]),
        ("drag", [1.0, 0.0]),
        ("drag", [10.0, 10.0]),
        ("let go", None),
        ("hover", [0.0, 0.0]),
    ]
    assert acts == ["began", "ended"]


def test_a_drag_may_be_at_its_end_before_the_hand_lets_go(workspace, viewport, cursors):
    tool = Stamp()
    hand = hand_with(tool, workspace, viewport, cursors)
    press(hand, 300.0, 300.0)
    hand.move(mouse(400.0, 300.0))
    hand.release()
    assert tool.seen == [("stamp", [0.0, 0.0]), ("hover", [1.0, 0.0])]


def test_a_press_on_the_axes_or_with_the_right_button_does_nothing(hand, tool, acts):
    press(hand, -1.0, 300.0)
    press(hand, 300.0, 300.0, RIGHT)
    assert tool.seen == acts == []


def test_a_second_press_ends_the_drag_before_it(hand, tool):
    press(hand, 300.0, 300.0)
    press(hand, 400.0, 300.0, MIDDLE)
    assert tool.seen == [("press", [0.0, 0.0]), ("let go", None)]


def test_a_double_click_and_enter_activate(hand, tool, workspace, acts):
    hand.double_click(mouse(400.0, 300.0, LEFT, QEvent.Type.MouseButtonDblClick))
    workspace.viewpoint.set_probe(np.array([0.25, -0.5]))
    assert key(hand, Qt.Key.Key_Return)
    assert key(hand, Qt.Key.Key_Enter)
    assert tool.seen == [("activate", [1.0, 0.0])] + 2 * [("activate", [0.25, -0.5])]
    assert acts == ["began again"]
    hand.double_click(mouse(400.0, 300.0, MIDDLE, QEvent.Type.MouseButtonDblClick))
    hand.double_click(mouse(400.0, 900.0, LEFT, QEvent.Type.MouseButtonDblClick))
    assert len(tool.seen) == 3


def test_another_tool_is_taken_and_the_last_one_let_go(hand, tool, cursors, acts):
    press(hand, 300.0, 300.0)
    other = Recorder()
    other.cursor = Qt.CursorShape.IBeamCursor
    hand.take(other)
    assert hand.tool is other
    assert tool.seen[1:] == [("let go", None), ("hover", None)]
    assert acts == ["began", "ended"]
    assert cursors[-1] == other.cursor
    hand.move(mouse(300.0, 300.0))
    assert other.seen == [("hover", [0.0, 0.0])]
    assert len(tool.seen) == 3


# The hand and the navigation


def test_the_cursor_says_what_a_drag_would_do(hand, cursors):
    assert key(hand, Qt.Key.Key_Space)
    press(hand, 300.0, 300.0)
    hand.release()
    assert not release_key(hand, Qt.Key.Key_Space, again=True)  # the keyboard repeats it
    assert not release_key(hand, Qt.Key.Key_A)
    assert release_key(hand, Qt.Key.Key_Space)
    press(hand, 300.0, 300.0, MIDDLE)
    hand.release()
    assert cursors == [WHAT, OPEN, CLOSED, OPEN, WHAT, CLOSED, WHAT]


@pytest.mark.parametrize("with_space", [True, False])
def test_a_pan_keeps_the_point_under_the_hand_and_leaves_the_tool_alone(
    hand, tool, viewport, acts, with_space
):
    if with_space:
        key(hand, Qt.Key.Key_Space)
    press(hand, 400.0, 300.0, LEFT if with_space else MIDDLE)
    for x, y in ((420.0, 310.0), (350.0, 200.0), (900.0, -50.0)):
        hand.move(mouse(x, y))
        np.testing.assert_allclose(viewport.view().to_plane(x, y), [1.0, 0.0], atol=1e-12)
    hand.release()
    hand.hold_space(False)
    assert tool.seen == []
    assert acts == ["ended"]


def test_the_wheel_zooms_at_the_cursor_and_not_over_the_axes(hand, viewport):
    wheel(hand, 500.0, 100.0, 2)
    np.testing.assert_allclose(viewport.view().to_plane(500.0, 100.0), [2.0, 2.0])
    assert viewport.bounds.width == pytest.approx(6.0 / 1.25**2)
    wheel(hand, 500.0, 700.0, 2)
    wheel(hand, 500.0, 100.0, -2)
    assert viewport.bounds.width == pytest.approx(6.0)


def test_keys_that_mean_nothing_here_are_left_to_the_window(hand):
    assert not key(hand, Qt.Key.Key_A)
    assert key(hand, Qt.Key.Key_Home)


def test_a_nudge_stops_where_one_can_see(hand, workspace):
    workspace.viewpoint.set_probe(np.array([REACH - 0.2, 0.0]))
    assert key(hand, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert workspace.viewpoint.probe.tolist() == [REACH, 0.0]


# The probe


@pytest.fixture
def probe(workspace, viewport):
    return ProbeTool(workspace.viewpoint, viewport, lambda: None)


def test_hovering_peeks_and_leaving_ends_the_peek(probe, workspace):
    probe.hover(np.array([0.5, -0.25]))
    assert workspace.viewpoint.peek.tolist() == [0.5, -0.25]
    probe.hover(None)
    assert workspace.viewpoint.peek is None
    assert workspace.viewpoint.probe.tolist() == [0.0, 0.0]


def test_the_probe_follows_a_drag_and_stays_inside(probe, workspace):
    drag = probe.drag(np.array([1.0, 2.0]))
    next(drag)
    assert workspace.viewpoint.probe.tolist() == [1.0, 2.0]
    drag.send(np.array([40.0, -0.5]))
    assert workspace.viewpoint.probe.tolist() == [3.0, -0.5]
    with pytest.raises(StopIteration):
        drag.send(None)
    assert workspace.viewpoint.probe.tolist() == [3.0, -0.5]


def test_activating_goes_to_the_nearest_digit(probe, workspace):
    probe.activate(workspace.document.test.means[42] + 1e-4)
    assert workspace.viewpoint.selected == 42
    np.testing.assert_array_equal(workspace.viewpoint.probe, workspace.document.test.means[42])


# The table


def test_every_tool_says_what_it_is_and_no_two_are_called_the_same():
    assert all((tool.key, tool.title, tool.gestures) for tool in TOOLS)
    assert len({tool.key for tool in TOOLS}) == len(TOOLS)
    assert len({tool.title for tool in TOOLS}) == len(TOOLS)


def test_the_gestures_are_those_of_all_tools_and_then_of_the_navigation():
    assert GESTURES[: len(ProbeTool.gestures)] == ProbeTool.gestures
    assert GESTURES[-len(NAVIGATION) :] == NAVIGATION
    assert len(GESTURES) == sum(len(tool.gestures) for tool in TOOLS) + len(NAVIGATION)

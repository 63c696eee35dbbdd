"""Mouse and keys over the plane, given to the navigation or to the tool in hand."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from vae_gui.plane.tools.navigation import Navigation
from vae_gui.plane.tools.tool import Array, Drag, Tool
from vae_gui.plane.viewport import Viewport
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

WHEEL_STEP = 120  # Qt's unit for one notch of a wheel
PROBE = "probe"  # the tool that Escape gives back


class Hand:
    """One hand over the plane, and the tool that it holds.

    The middle button, or the left one with Space held, pans; the left one alone is the tool's.
    """

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        viewport: Viewport,
        navigation: Navigation,
        tool: Tool,
        show_cursor: Callable[[Qt.CursorShape], None],
    ) -> None:
        """Hold a tool; `show_cursor` shows what the hand would do."""
        self._workspace = workspace
        self._viewpoint = viewpoint
        self._viewport = viewport
        self._navigation = navigation
        self._tool = tool
        self._show_cursor = show_cursor
        self._drag: Drag | None = None
        self._space = False
        tool.take(True)
        self._show_tool()

    @property
    def tool(self) -> Tool:
        """The tool in hand."""
        return self._tool

    def take(self, tool: Tool) -> None:
        """Take another tool. What the last one did is at an end."""
        self.release()
        self._tool.hover(None)
        self._tool.take(False)
        self._tool = tool
        self._tool.take(True)
        self._show_tool()

    def press(self, event: QMouseEvent) -> None:
        """Begin to pan, or to drag with the tool."""
        if not self._is_inside(event.position()):
            return
        self._end_drag()
        point = self._point_at(event.position())
        if self._pans(event):
            self._begin(self._navigation.drag(point))
            self._show_cursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._workspace.begin_gesture()
            self._begin(self._tool.drag(point))

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag, or hover."""
        if self._drag is not None:
            self._send(self._point_at(event.position()))
        elif self._is_inside(event.position()):
            self._tool.hover(self._point_at(event.position()))
        else:
            self._tool.hover(None)

    def release(self) -> None:
        """Let go."""
        self._end_drag()
        self._workspace.end_gesture()
        self._show_tool()

    def double_click(self, event: QMouseEvent) -> None:
        """Activate what is under the cursor."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._is_inside(event.position()):
            self._workspace.begin_gesture(goes_on=True)
            self._tool.activate(self._point_at(event.position()))

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the cursor: the point under it stays under it."""
        if self._is_inside(event.position()):
            point = self._point_at(event.position())
            self._navigation.zoom(event.angleDelta().y() / WHEEL_STEP, point)

    def leave(self) -> None:
        """Hover no more."""
        if self._drag is None:
            self._tool.hover(None)

    def key_press(self, event: QKeyEvent) -> bool:
        """Space, Enter, and the keys of the navigation; False for everything else."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Space:
            self.hold_space(True)
        elif key == Qt.Key.Key_Escape:
            return self._escape()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tool.activate(self._viewpoint.slice.to_plane(self._viewpoint.probe))
        else:
            return self._navigation.key_press(key, event.modifiers())
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """Space let go ends panning; False for everything else."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self.hold_space(False)
        return True

    def hold_space(self, held: bool) -> None:
        """Hold Space, or let it go: while it is held, a drag pans."""
        self._space = held
        self._show_tool()

    def _escape(self) -> bool:
        """Remove what the tool shows, or else take up the probe again; False with the probe."""
        if not self._tool.escape():
            if self._tool.key == PROBE:
                return False
            self._workspace.take_tool(PROBE)
        return True

    def _show_tool(self) -> None:
        self._show_cursor(Qt.CursorShape.OpenHandCursor if self._space else self._tool.cursor)

    def _begin(self, drag: Drag) -> None:
        self._drag = drag
        self._send(None)  # a generator starts with None

    def _send(self, point: Array | None) -> None:
        assert self._drag is not None
        try:
            self._drag.send(point)
        except StopIteration:
            self._drag = None

    def _end_drag(self) -> None:
        if self._drag is not None:
            self._send(None)
            self._drag = None

    def _is_inside(self, position: QPointF) -> bool:
        return self._viewport.holds(position.x(), position.y())

    def _point_at(self, position: QPointF) -> Array:
        return self._viewport.view().to_plane(position.x(), position.y())

    def _pans(self, event: QMouseEvent) -> bool:
        left = event.button() == Qt.MouseButton.LeftButton
        return event.button() == Qt.MouseButton.MiddleButton or (left and self._space)

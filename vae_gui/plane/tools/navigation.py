"""What mouse and keys mean in the plane."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

if TYPE_CHECKING:
    from vae_gui.plane.plane_view import LatentView

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_ZOOM = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
WHEEL_STEP = 120  # Qt's unit for one notch of a wheel

NUDGE, FINE_NUDGE, COARSE_NUDGE = 0.05, 0.01, 0.5

# All that the methods of `Hand` do, for the sheet of keys: what, and to what effect.
GESTURES = (
    ("Hover", "Peek, until the cursor leaves"),
    ("Click, drag", "Move the probe"),
    ("Double-click", "Go to the nearest test digit"),
    ("Wheel", "Zoom at the cursor"),
    ("Middle-drag, Space-drag", "Pan"),
    ("Arrows", f"Nudge the probe by {NUDGE:g}"),
    ("Shift+arrows", f"Nudge it by {FINE_NUDGE:g}"),
    ("Ctrl+arrows", f"Nudge it by {COARSE_NUDGE:g}"),
    ("Alt+arrows", "Pan by a tenth of the view"),
)


class Hand:
    """One hand over the plane: what it holds, and what its moves do to session and view.

    What it can do is written in `GESTURES`, and beside the actions of the menu that it has keys
    for: Enter, Home, + and -.
    """

    def __init__(self, view: "LatentView", workspace: Workspace, viewpoint: Viewpoint) -> None:
        self._view = view
        self._viewpoint = viewpoint
        self._workspace = workspace
        self._pan_from: QPointF | None = None
        self._holds_probe = False
        self._space = False
        self.show_cursor()

    def press(self, event: QMouseEvent) -> None:
        """Left: move the probe there and take hold of it. Middle, or Space: take hold to pan."""
        if not self._view.is_inside(event.position()):
            return
        if self._pans(event):
            self._pan_from = event.position()
            self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._holds_probe = True
            self._workspace.gesture_began.emit(False)
            self._probe_at(event.position())

    def move(self, event: QMouseEvent) -> None:
        """Drag the probe, pan, or peek."""
        if self._pan_from is not None:
            moved = self._view.plane_point_at(self._pan_from)
            moved -= self._view.plane_point_at(event.position())
            self._view.pan_by(moved)
            self._pan_from = event.position()
        elif self._holds_probe:
            self._probe_at(event.position())
        elif self._view.is_inside(event.position()):
            self._viewpoint.set_peek(self._latent_at(event.position()))
        else:
            self._viewpoint.set_peek(None)

    def release(self) -> None:
        """Let go."""
        self._holds_probe = False
        self._workspace.gesture_ended.emit()
        self._pan_from = None
        self.show_cursor()

    def double_click(self, event: QMouseEvent) -> None:
        """Go to the nearest test digit. The first click has moved the probe here."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._view.is_inside(event.position()):
            self._workspace.gesture_began.emit(True)
            self._viewpoint.select_nearest(self._latent_at(event.position()))

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the cursor: the point under it stays under it."""
        if self._view.is_inside(event.position()):
            centre = QPointF(*self._view.plane_point_at(event.position()))
            self._view.zoom(event.angleDelta().y() / WHEEL_STEP, centre)

    def leave(self) -> None:
        """The peek ends; the probe's digit comes back."""
        if not self._holds_probe:
            self._viewpoint.set_peek(None)

    def key_press(self, event: QKeyEvent) -> bool:
        """Arrows, Enter, Home, +, - and Space; False for everything else."""
        key = Qt.Key(event.key())
        if key in _ARROWS and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._view.pan(_ARROWS[key])
        elif key in _ARROWS:
            self._view.nudge(_ARROWS[key], _step(event.modifiers()))
        elif key in _ZOOM:
            self._view.zoom(_ZOOM[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._view.snap()
        elif key == Qt.Key.Key_Home:
            self._view.fit()
        elif key == Qt.Key.Key_Space:
            self.hold_space(True)
        else:
            return False
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """Space let go ends panning; False for everything else."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self.hold_space(False)
        return True

    def hold_space(self, held: bool) -> None:
        """Whether Space is held: a drag then pans."""
        self._space = held
        self.show_cursor()

    def show_cursor(self) -> None:
        """Say with the cursor what a drag would do."""
        hand, cross = Qt.CursorShape.OpenHandCursor, Qt.CursorShape.CrossCursor
        self._view.viewport().setCursor(hand if self._space else cross)

    def _probe_at(self, position: QPointF) -> None:
        """Move the probe under the hand; outside the plane, to the nearest point inside."""
        seen = self._view.bounds()
        x, y = self._view.plane_point_at(position)
        xy = np.array([min(max(x, seen.left), seen.right), min(max(y, seen.low), seen.high)])
        self._viewpoint.set_probe(self._viewpoint.slice.to_latent(xy))

    def _latent_at(self, position: QPointF) -> np.ndarray:
        return self._viewpoint.slice.to_latent(self._view.plane_point_at(position))

    def _pans(self, event: QMouseEvent) -> bool:
        left = event.button() == Qt.MouseButton.LeftButton
        return event.button() == Qt.MouseButton.MiddleButton or (left and self._space)


def _step(modifiers: Qt.KeyboardModifier) -> float:
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return FINE_NUDGE
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return COARSE_NUDGE
    return NUDGE

"""Navigation, which works with every tool: pan, zoom, fit, and nudge the probe."""

import numpy as np
from PySide6.QtCore import Qt

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.tools.tool import Array, Drag, Gestures
from vae_gui.plane.viewport import Viewport
from vae_gui.state.viewpoint import Viewpoint

# What is shown without digits: within 3 standard deviations, the prior has 99 % of its mass.
PRIOR_VIEW = Bounds(-3.0, 3.0, -3.0, 3.0)
PADDING = 0.04  # around what is fitted, as a fraction of its size

ZOOM_PER_STEP = 1.25
PAN_PER_STEP = 0.1  # of what is seen
NUDGE, FINE_NUDGE, COARSE_NUDGE = 0.05, 0.01, 0.5

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_ZOOM = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}

# Beside the actions of the menu that the plane has keys for: Home, + and -.
GESTURES: Gestures = (
    ("Wheel", "Zoom at the cursor"),
    ("Middle-drag, Space-drag", "Pan"),
    ("Arrows", f"Nudge the probe by {NUDGE:g}"),
    ("Shift+arrows", f"Nudge it by {FINE_NUDGE:g}"),
    ("Ctrl+arrows", f"Nudge it by {COARSE_NUDGE:g}"),
    ("Alt+arrows", "Pan by a tenth of the view"),
    ("Escape", "Give the keys back to the plane, from wherever they are"),
)


class Navigation:
    """Moves what is seen of the plane, and the probe by small steps."""

    def __init__(self, viewpoint: Viewpoint, viewport: Viewport) -> None:
        self._viewpoint = viewpoint
        self._viewport = viewport

    def fit(self) -> None:
        """Show all points, those of a model beside it too, and the prior's middle."""
        beside, shown = self._viewpoint.beside, PRIOR_VIEW
        both = (self._viewpoint, *(() if beside is None else (beside,)))
        for viewpoint in both:
            test = viewpoint.document.test
            if test is not None:
                shown = shown.around(viewpoint.slice.place(test.means, test.labels))
        self._viewport.reach = max(viewpoint.reach for viewpoint in both)
        self._viewport.show(shown.grown(PADDING))

    def zoom(self, steps: float, at: Array | None = None) -> None:
        """Zoom in by steps (out if negative) at a point of the plane (2,); None: in the middle."""
        self._viewport.zoom(ZOOM_PER_STEP**steps, at)

    def pan(self, direction: tuple[float, float]) -> None:
        """Move the view by a tenth of its size."""
        seen = self._viewport.bounds
        self._viewport.pan_by(PAN_PER_STEP * np.array([seen.width, seen.height]) * direction)

    def drag(self, held: Array) -> Drag:
        """Pan: keep the point that the hand took hold of under it."""
        while (point := (yield)) is not None:
            self._viewport.pan_by(held - point)

    def nudge(self, direction: tuple[float, float], step: float) -> None:
        """Move the probe by a step in latent units."""
        slice_, reach = self._viewpoint.slice, self._viewpoint.reach
        xy = slice_.to_plane(self._viewpoint.probe) + step * np.array(direction)
        self._viewpoint.set_probe(slice_.to_latent(np.clip(xy, -reach, reach)))

    def key_press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows, Home, + and -; False for everything else."""
        if key in _ARROWS and modifiers & Qt.KeyboardModifier.AltModifier:
            self.pan(_ARROWS[key])
        elif key in _ARROWS:
            self.nudge(_ARROWS[key], _step(modifiers))
        elif key in _ZOOM:
            self.zoom(_ZOOM[key])
        elif key == Qt.Key.Key_Home:
            self.fit()
        else:
            return False
        return True


def _step(modifiers: Qt.KeyboardModifier) -> float:
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return FINE_NUDGE
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return COARSE_NUDGE
    return NUDGE

"""The shortest path: press at a place and drag; it follows, in the decoder's own measure."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from vae_gui.jobs.path_finding import PathFinding
from vae_gui.plane.path_drawing import PathDrawing
from vae_gui.plane.tools.tool import Array, Drag, Tool
from vae_gui.plane.viewport import View, Viewport
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme

STILL = 4.0  # pixels that the hand may move in a double click


class ShortestPathTool(Tool):
    """Draws the shortest path from where the hand pressed to where it is.

    By keys: Enter begins a path at the probe, whose nudges lead it on, and Enter ends it.

    Attributes:
        finding: the path.
    """

    key = "path"
    title = "Shortest path"
    cursor = Qt.CursorShape.CrossCursor
    gestures = (
        ("Drag, with the path tool", "Shortest path, in Fisher length, from there to the cursor"),
        ("Enter, with the path tool", "Begin it at the probe, which the arrows nudge; Enter: end"),
        ("Escape, with the path tool", "Remove the path; again: back to the probe"),
    )

    def __init__(
        self, viewpoint: Viewpoint, viewport: Viewport, repaint: Callable[[], None]
    ) -> None:
        self._viewpoint = viewpoint
        self._viewport = viewport
        self._follows_the_probe = False
        self.finding = PathFinding(viewpoint)
        self._drawing = PathDrawing(self.finding)
        self._repaint = repaint
        self.finding.changed.connect(self._show)
        self.finding.stops_changed.connect(self._show)
        viewpoint.point_changed.connect(self._follow_the_probe)

    def take(self, taken: bool) -> None:
        """Survey the plane once it is in the hand."""
        self._follows_the_probe = False
        self.finding.use(taken)

    def hover(self, point: Array | None) -> None:
        """Decode the point as long as the hand is over it."""
        slice_ = self._viewpoint.slice
        self._viewpoint.set_peek(None if point is None else slice_.to_latent(point))

    def drag(self, point: Array) -> Drag:
        """Begin a path, and lead it along under the hand; the digit there is shown, too."""
        self._follows_the_probe = False
        if not self.finding.why_not():
            self.finding.begin(self._viewport.bounds.nearest(point))
        while (following := (yield)) is not None:
            inside = self._viewport.bounds.nearest(following)
            self._viewpoint.set_peek(self._viewpoint.slice.to_latent(inside))
            self.finding.lead_to(inside)

    def activate(self, point: Array) -> None:
        """Begin a path here, or end the one that was begun."""
        finding = self.finding
        if finding.why_not():
            return
        if finding.start is None or (finding.end is not None and not self._follows_the_probe):
            finding.begin(point)
            self._follows_the_probe = True
        elif not self._is_still(point):
            finding.lead_to(point)
            self._follows_the_probe = False

    def escape(self) -> bool:
        """Remove the path; False where there is none."""
        self._follows_the_probe = False
        if self.finding.start is None:
            return False
        self.finding.clear()
        return True

    def close(self) -> None:
        """The plane goes."""
        self.finding.close()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw the path."""
        self._drawing.paint(painter, view, theme)

    def _show(self) -> None:
        if self.finding.is_in_use:
            self._repaint()

    def _follow_the_probe(self) -> None:
        if self._follows_the_probe and self._viewpoint.peek is None:
            self.finding.lead_to(self._viewpoint.slice.to_plane(self._viewpoint.probe))

    def _is_still(self, point: Array) -> bool:
        """Whether a point is where the path began: a double click has begun it."""
        assert self.finding.start is not None
        distance = float(np.linalg.norm(point - self.finding.start))
        return distance * self._viewport.view().per_unit < STILL

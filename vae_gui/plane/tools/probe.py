"""The probe: decode the point under the hand."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from vae_gui.plane.tools.tool import Array, Drag, Tool
from vae_gui.plane.viewport import View, Viewport
from vae_gui.state.session import Session
from vae_gui.style.theme import Theme


class ProbeTool(Tool):
    """Peek at a point, move the probe there, or go to the nearest test digit."""

    key = "probe"
    title = "Probe"
    cursor = Qt.CursorShape.CrossCursor
    gestures = (
        ("Hover", "Peek, until the cursor leaves"),
        ("Click, drag", "Move the probe"),
        ("Double-click", "Go to the nearest test digit"),
    )

    def __init__(self, session: Session, viewport: Viewport, repaint: Callable[[], None]) -> None:
        self._session = session
        self._viewport = viewport

    def hover(self, point: Array | None) -> None:
        """Decode the point as long as the hand is over it."""
        plane = self._session.plane
        self._session.set_peek(None if point is None else plane.to_latent(point))

    def drag(self, point: Array) -> Drag:
        """Keep the probe under the hand; where that is outside, at the nearest point inside."""
        following: Array | None = point
        while following is not None:
            inside = self._viewport.bounds.nearest(following)
            self._session.set_probe(self._session.plane.to_latent(inside))
            following = yield

    def activate(self, point: Array) -> None:
        """Go to the nearest test digit. The first of two clicks has moved the probe here."""
        self._session.select_nearest(self._session.plane.to_latent(point))

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Nothing: the probe's mark is one of those that layers have, too."""

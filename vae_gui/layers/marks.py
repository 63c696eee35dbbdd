"""The two marks that follow the hand: the probe, and the test digit nearest to what is read."""

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from vae_gui.session import Session
from vae_gui.theme import LIGHT, Theme

PROBE_RADIUS = 9.0
NEAREST_RADIUS = 5.0


class Mark(QGraphicsItem):
    """A ring of fixed size on the screen, light and dark at once so that it shows on any colour."""

    def __init__(self, radius: float, *, crosshair: bool) -> None:
        super().__init__()
        self._radius = radius
        self._crosshair = crosshair
        self._inner = self._outer = QPen()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's text colour, on a halo of its surface colour."""
        self._outer = QPen(QColor(theme.surface), 5.0)
        self._inner = QPen(QColor(theme.text), 2.0)
        self.update()

    def boundingRect(self) -> QRectF:
        """In pixels around the place of the mark."""
        reach = self._radius + 8.0
        return QRectF(-reach, -reach, 2 * reach, 2 * reach)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the halo, then the ring."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (self._outer, self._inner):
            painter.setPen(pen)
            painter.drawEllipse(QPointF(0.0, 0.0), self._radius, self._radius)
            if self._crosshair:
                self._draw_ticks(painter)

    def _draw_ticks(self, painter: QPainter) -> None:
        near, far = self._radius - 3.0, self._radius + 4.0
        for x, y in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            painter.drawLine(QPointF(near * x, near * y), QPointF(far * x, far * y))


class MarksLayer:
    """Places the marks where the session says."""

    def __init__(self, view: pg.ViewBox, session: Session) -> None:
        self._session = session
        self._nearest = Mark(NEAREST_RADIUS, crosshair=False)
        self._probe = Mark(PROBE_RADIUS, crosshair=True)
        for height, mark in ((10, self._nearest), (11, self._probe)):
            mark.setZValue(height)
            view.addItem(mark, ignoreBounds=True)
        self.set_theme(LIGHT)
        session.point_changed.connect(self._place_probe)
        session.reading_changed.connect(self._place_nearest)
        session.model_changed.connect(self._place_nearest)
        self._place_probe()
        self._place_nearest()

    def set_theme(self, theme: Theme) -> None:
        """Draw the marks in the theme's colours."""
        self._nearest.set_theme(theme)
        self._probe.set_theme(theme)

    def _place_probe(self) -> None:
        self._probe.setPos(*self._session.plane.to_plane(self._session.probe))

    def _place_nearest(self) -> None:
        session = self._session
        nearest = session.reading.nearest if session.reading else None
        self._nearest.setVisible(nearest is not None)
        if nearest is not None and session.digits is not None:
            one = slice(nearest.index, nearest.index + 1)
            digits = session.digits
            self._nearest.setPos(*session.plane.place_digits(digits.means[one], digits.labels[one])[0])

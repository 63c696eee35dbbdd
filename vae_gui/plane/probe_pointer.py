"""An arrow at the plane's edge, which points to the probe while it is not in sight."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from vae_gui.plane.viewport import View
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme
from vae_gui.style.scales import with_minus

DECIMALS = 2
LENGTH, NOTCH, HALF_WIDTH = 18.0, 5.0, 7.0  # of the arrow, in pixels
MARGIN, GAP = 8.0, 9.0
PADDING = QSizeF(10.0, 4.0)


@dataclass(frozen=True)
class _Arrow:
    """Where the arrow is drawn.

    Attributes:
        corners: of the arrow, its tip first.
        box: of its text.
        text: the probe's coordinates.
    """

    corners: QPolygonF
    box: QRectF
    text: str

    @property
    def bounds(self) -> QRect:
        """The pixels that it covers."""
        around = self.corners.boundingRect().united(self.box)
        return around.adjusted(-3.0, -3.0, 3.0, 3.0).toAlignedRect()


class ProbePointer:
    """Says where the probe is when what is seen of the plane does not hold it."""

    def __init__(self, viewpoint: Viewpoint, plane: QWidget) -> None:
        """Point to the probe of a viewpoint, in the font of the widget that shows it."""
        self._viewpoint = viewpoint
        self._plane = plane
        self._covered = QRect()

    def paint(self, painter: QPainter, plane: QRectF, view: View, theme: Theme) -> None:
        """Draw the arrow and the probe's coordinates, if it is outside the plane's rectangle."""
        arrow = self._arrow(plane, view)
        self._covered = QRect() if arrow is None else arrow.bounds
        if arrow is None:
            return
        painter.setPen(QPen(QColor(theme.surface), 4.0))
        painter.setBrush(QColor(theme.surface))
        painter.drawRoundedRect(arrow.box, 3.0, 3.0)
        painter.drawPolygon(arrow.corners)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawPolygon(arrow.corners)
        painter.setPen(QColor(theme.text))
        painter.setFont(self._plane.font())
        painter.drawText(arrow.box, Qt.AlignmentFlag.AlignCenter, arrow.text)

    def moved(self, plane: QRectF, view: View) -> QRect:
        """The pixels to paint again after the probe has moved; empty if it was and is in sight."""
        arrow = self._arrow(plane, view)
        return self._covered if arrow is None else self._covered | arrow.bounds

    def _arrow(self, plane: QRectF, view: View) -> _Arrow | None:
        slice_, probe = self._viewpoint.slice, self._viewpoint.probe
        x, y = slice_.to_plane(probe).tolist()
        pixel = view.pixel_of(x, y)
        if plane.contains(pixel):
            return None
        values = ", ".join(with_minus(f"{z:.{DECIMALS}f}") for z in slice_.along(probe).tolist())
        return self._laid_out(plane, pixel, f"probe ({values})")

    def _laid_out(self, plane: QRectF, pixel: QPointF, text: str) -> _Arrow:
        """The arrow at the place of the rectangle nearest to a pixel, its text further inside."""
        tip = _nearest(plane.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), pixel)
        away = pixel - tip
        along = away / math.hypot(away.x(), away.y())
        across = QPointF(-along.y(), along.x())
        foot = tip - along * LENGTH
        left, right = foot + across * HALF_WIDTH, foot - across * HALF_WIDTH
        corners = QPolygonF([tip, left, foot + along * NOTCH, right])
        metrics = self._plane.fontMetrics()
        size = QSizeF(metrics.horizontalAdvance(text), metrics.height()) + PADDING
        # From the middle of the box to its edge, along the arrow's line.
        across_box = size.width() / max(2.0 * abs(along.x()), 1e-9)
        up_the_box = size.height() / max(2.0 * abs(along.y()), 1e-9)
        middle = foot - along * (GAP + min(across_box, up_the_box))
        room = plane.adjusted(MARGIN, MARGIN, -MARGIN - size.width(), -MARGIN - size.height())
        corner = middle - QPointF(size.width() / 2, size.height() / 2)
        return _Arrow(corners, QRectF(_nearest(room, corner), size), text)


def _nearest(rect: QRectF, point: QPointF) -> QPointF:
    """The point of a rectangle that is nearest to a point."""
    x = max(min(point.x(), rect.right()), rect.left())
    return QPointF(x, max(min(point.y(), rect.bottom()), rect.top()))

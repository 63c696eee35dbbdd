"""Rings around the modes of a posterior, with their mass: a narrow one is smaller than a point."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from vae_gui.plane.viewport import View
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

RADIUS, GAP, PADDING = 11.0, 5.0, 4.0
ROOM = 80.0  # around a spot, in pixels, in which ring and text lie


@dataclass(frozen=True)
class Spot:
    """A place of the plane that is pointed at.

    Attributes:
        z: (2,).
        text: what is written beside it; empty for nothing.
    """

    z: NDArray[np.float64]
    text: str = ""

    def bounds(self, view: View) -> QRectF:
        """The pixels that it may cover."""
        room = ROOM * view.magnification
        centre = view.pixel_of(*self.z.tolist())
        return QRectF(centre - QPointF(room, room), centre + QPointF(room, room))


def paint_spots(painter: QPainter, spots: Sequence[Spot], view: View, theme: Theme) -> None:
    """Draw rings, and texts on plates, in the posterior's colour."""
    painter.setFont(_bold(painter.font()))
    for spot in spots:
        centre, times = view.pixel_of(*spot.z.tolist()), view.magnification
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((faded(theme.surface, 0.9), 5.0), (QColor(theme.posterior), 2.0)):
            painter.setPen(QPen(colour, width * times))
            painter.drawEllipse(centre, RADIUS * times, RADIUS * times)
        if spot.text:
            _write(painter, spot.text, centre + QPointF((RADIUS + GAP) * times, 0.0), theme)


def _write(painter: QPainter, text: str, left: QPointF, theme: Theme) -> None:
    metrics = QFontMetricsF(painter.font())
    plate = QRectF(0.0, 0.0, metrics.horizontalAdvance(text) + 2.0 * PADDING, metrics.height())
    plate.moveTop(left.y() - plate.height() / 2.0)
    plate.moveLeft(left.x())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.surface, 0.9))
    painter.drawRoundedRect(plate, 3.0, 3.0)
    painter.setPen(QColor(theme.posterior))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made

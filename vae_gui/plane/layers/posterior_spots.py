"""Rings around the modes of a posterior, with their mass: a narrow one is smaller than a point."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from vae_gui.plane.layers.layer import Spot
from vae_gui.plane.marks import MODE
from vae_gui.plane.viewport import View
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

GAP, PADDING = 5.0, 4.0
ROOM = 80.0  # around a spot, in pixels, in which ring and text lie


def part_of(spot: Spot, view: View) -> QRectF:
    """The pixels that a spot may cover."""
    return _square(view.pixel_of(*spot.z.tolist()), ROOM * view.magnification)


def paint_spots(painter: QPainter, spots: Sequence[Spot], view: View, theme: Theme) -> None:
    """Draw rings in the posterior's colour, and texts on plates where they cover no other."""
    painter.setFont(_bold(painter.font()))
    centres = [view.pixel_of(*spot.z.tolist()) for spot in spots]
    for centre in centres:
        MODE.paint(painter, centre, view, theme)
    rings = [_square(centre, MODE.radius * view.magnification) for centre in centres]
    taken = list(rings)
    for spot, ring in zip(spots, rings, strict=True):
        if spot.text:
            plate = _free_plate(QFontMetricsF(painter.font()), spot.text, ring, taken)
            taken.append(plate)
            _write(painter, spot.text, plate, theme)


def _square(centre: QPointF, radius: float) -> QRectF:
    return QRectF(centre.x() - radius, centre.y() - radius, 2.0 * radius, 2.0 * radius)


def _free_plate(metrics: QFontMetricsF, text: str, ring: QRectF, taken: list[QRectF]) -> QRectF:
    """Beside, above or below a ring, where nothing is covered; beside it, if there is no room."""
    plate = QRectF(0.0, 0.0, metrics.horizontalAdvance(text) + 2.0 * PADDING, metrics.height())
    across = (ring.width() + plate.width()) / 2.0 + GAP
    along = (ring.height() + plate.height()) / 2.0
    places = []
    for x, y in ((across, 0.0), (-across, 0.0), (0.0, -along), (0.0, along), (across, along)):
        plate.moveCenter(ring.center() + QPointF(x, y))
        places.append(QRectF(plate))
    free = (place for place in places if not any(place.intersects(other) for other in taken))
    return next(free, places[0])


def _write(painter: QPainter, text: str, plate: QRectF, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.surface, 0.9))
    painter.drawRoundedRect(plate, 3.0, 3.0)
    painter.setPen(QColor(theme.posterior))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made

"""Marks round single pixels of a canvas: the one that tells most, and the one under the hand."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.panels.evidence.brush import SIDE

RING = 1.3  # its radius, in pixels of the image
_SHADE, _RING, _HAND = QColor(0, 0, 0, 200), QColor("#ffc233"), QColor(255, 255, 255)


def paint_ring(painter: QPainter, pixel: int, scale: int) -> None:
    """Ring the pixel that tells most."""
    row, column = divmod(pixel, SIDE)
    middle = QPointF((column + 0.5) * scale, (row + 0.5) * scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_SHADE, 4.0), (_RING, 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(middle, RING * scale, RING * scale)


def paint_frame(painter: QPainter, pixel: int, scale: int, colour: QColor = _HAND) -> None:
    """Frame a pixel: the one that would be looked at."""
    row, column = divmod(pixel, SIDE)
    square = QRectF(column * scale, row * scale, scale, scale)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((_SHADE, 4.0), (colour, 1.6)):
        painter.setPen(QPen(ink, width))
        painter.drawRect(square)

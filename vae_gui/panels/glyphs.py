"""The plane's own marks, small, before the titles of what they mark."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen, QPolygonF

from vae_gui.plane.marks import Ring
from vae_gui.widgets.glyph import PaintGlyph

SCALE = 0.68  # of the plane's size: the largest of the marks is as high as a title
# A mouse's arrow, from its tip, in pixels.
_ARROW = ((0, 0), (0, 11), (2.6, 8.6), (4.4, 12.6), (6.2, 11.8), (4.4, 7.9), (8, 7.9))


def glyph_of(ring: Ring) -> PaintGlyph:
    """A function that paints a mark of the plane in a square."""

    def paint(painter: QPainter, square: QRectF, palette: QPalette) -> None:
        role = QPalette.ColorRole
        ink = palette.color(role.Highlight if ring.ink == "accent" else role.WindowText)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(square.center())
        painter.scale(SCALE, SCALE)
        ring.draw(painter, QPointF(0.0, 0.0), ink.name(), palette.color(role.Window).name())
        painter.restore()

    return paint


def paint_cursor(painter: QPainter, square: QRectF, palette: QPalette) -> None:
    """Paint the mouse's arrow in a square."""
    ink = palette.color(QPalette.ColorRole.WindowText)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(square.center() - QPointF(4.0, 6.3))
    painter.setPen(QPen(ink, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _ARROW]))
    painter.restore()

"""The icons: strokes on a field of 16 x 16, drawn in any colour."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

FIELD = 16.0
STROKE = 1.5

# "l" is a stroke through points x, y; "a" an arc of the ellipse in the rectangle x, y, width,
# height, from an angle over a span, in degrees as Qt has them.
_SHAPES: dict[str, tuple[tuple[str, tuple[float, ...]], ...]] = {
    "left": (("l", (10.0, 3.5, 5.5, 8.0, 10.0, 12.5)),),
    "right": (("l", (6.0, 3.5, 10.5, 8.0, 6.0, 12.5)),),
    "undo": (
        ("l", (5.5, 2.5, 2.5, 5.5, 5.5, 8.5)),
        ("l", (2.5, 5.5, 9.5, 5.5)),
        ("a", (5.5, 5.5, 8.0, 8.0, 90.0, -180.0)),
        ("l", (9.5, 13.5, 6.0, 13.5)),
    ),
    "redo": (
        ("l", (10.5, 2.5, 13.5, 5.5, 10.5, 8.5)),
        ("l", (13.5, 5.5, 6.5, 5.5)),
        ("a", (2.5, 5.5, 8.0, 8.0, 90.0, 180.0)),
        ("l", (6.5, 13.5, 10.0, 13.5)),
    ),
    "zoom_in": (("l", (8.0, 3.0, 8.0, 13.0)), ("l", (3.0, 8.0, 13.0, 8.0))),
    "zoom_out": (("l", (3.0, 8.0, 13.0, 8.0)),),
    "fit": (  # a house: Home
        ("l", (2.0, 8.2, 8.0, 2.8, 14.0, 8.2)),
        ("l", (4.0, 6.9, 4.0, 13.2, 12.0, 13.2, 12.0, 6.9)),
        ("l", (6.7, 13.2, 6.7, 9.6, 9.3, 9.6, 9.3, 13.2)),
    ),
    "alone": (  # four corners: all of the screen
        ("l", (2.5, 6.0, 2.5, 2.5, 6.0, 2.5)),
        ("l", (10.0, 2.5, 13.5, 2.5, 13.5, 6.0)),
        ("l", (13.5, 10.0, 13.5, 13.5, 10.0, 13.5)),
        ("l", (6.0, 13.5, 2.5, 13.5, 2.5, 10.0)),
    ),
    "play": (("l", (5.0, 3.0, 12.5, 8.0, 5.0, 13.0, 5.0, 3.0)),),
    "pause": (("l", (5.5, 3.5, 5.5, 12.5)), ("l", (10.5, 3.5, 10.5, 12.5))),
    "back": (
        ("l", (11.5, 3.5, 5.5, 8.0, 11.5, 12.5, 11.5, 3.5)),
        ("l", (3.5, 3.5, 3.5, 12.5)),
    ),
    "forth": (
        ("l", (4.5, 3.5, 10.5, 8.0, 4.5, 12.5, 4.5, 3.5)),
        ("l", (12.5, 3.5, 12.5, 12.5)),
    ),
    "follow": (
        ("l", (3.0, 3.5, 7.5, 8.0, 3.0, 12.5)),
        ("l", (7.5, 3.5, 12.0, 8.0, 7.5, 12.5)),
        ("l", (13.5, 3.5, 13.5, 12.5)),
    ),
    "film": (
        ("l", (2.0, 3.5, 14.0, 3.5, 14.0, 12.5, 2.0, 12.5, 2.0, 3.5)),
        ("l", (5.0, 3.5, 5.0, 12.5)),
        ("l", (11.0, 3.5, 11.0, 12.5)),
    ),
    "picture": (
        ("l", (2.0, 3.5, 14.0, 3.5, 14.0, 12.5, 2.0, 12.5, 2.0, 3.5)),
        ("l", (2.0, 11.0, 6.0, 7.0, 9.0, 10.0, 11.0, 8.5, 14.0, 11.0)),
    ),
    "close": (("l", (4.0, 4.0, 12.0, 12.0)), ("l", (12.0, 4.0, 4.0, 12.0))),
    "keys": (
        ("l", (1.5, 4.0, 14.5, 4.0, 14.5, 12.0, 1.5, 12.0, 1.5, 4.0)),
        ("l", (4.2, 6.7, 4.8, 6.7)),
        ("l", (7.7, 6.7, 8.3, 6.7)),
        ("l", (11.2, 6.7, 11.8, 6.7)),
        ("l", (5.0, 9.6, 11.0, 9.6)),
    ),
}

NAMES = tuple(_SHAPES)


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw one of `NAMES` in the middle of a rectangle, as large as its field is."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colour, STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(rect.center() - QPointF(FIELD / 2, FIELD / 2))
    painter.drawPath(path_of(name))
    painter.restore()


def path_of(name: str) -> QPainterPath:
    """The strokes of an icon, in its field."""
    path = QPainterPath()
    for kind, numbers in _SHAPES[name]:
        if kind == "a":
            x, y, width, height, start, span = numbers
            path.arcMoveTo(x, y, width, height, start)
            path.arcTo(x, y, width, height, start, span)
            continue
        points = [QPointF(*numbers[index : index + 2]) for index in range(0, len(numbers), 2)]
        path.moveTo(points[0])
        for point in points[1:]:
            path.lineTo(point)
    return path

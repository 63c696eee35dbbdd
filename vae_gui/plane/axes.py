"""The axes beside the plane: a line, round ticks, numbers and a title each."""

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPen

from vae_gui.plane.viewport import View
from vae_gui.state.slice import Slice
from vae_gui.style.scales import round_ticks, text_of
from vae_gui.style.theme import Theme

# All in pixels, and magnified with the text. The room for the axes is fixed, so that longer numbers
# at the ticks do not shift the plane under the cursor.
LEFT_WIDTH, BOTTOM_HEIGHT = 72, 44
TICK, GAP = 5.0, 3.0
EVERY = 75.0  # the least distance from one number to the next
FEWEST = 3  # numbers along an axis, where there is room for them
LINE_HEIGHT = 16.0
BETWEEN = 6.0  # left free between numbers on one line
NUMBER_WIDTH = LEFT_WIDTH - LINE_HEIGHT - TICK - GAP  # between the title at the left and a tick


class Axes:
    """The axes z1 at the bottom and z2 at the left, in data units, without prefixes or factors.

    They are drawn anew at each step of a pan or a zoom, in half a millisecond.
    """

    def __init__(self) -> None:
        self.bottom, self.left = "z1", "z2"
        self.has_left_numbers = True

    def name(self, slice_: Slice) -> None:
        """Take the names of the dimensions that a slice shows; one alone has rows of classes."""
        self.bottom, *others = (
            name if slice_.turn is None else f"{name}, turned" for name in slice_.names
        )
        self.left = others[0] if others else "rows of classes"
        self.has_left_numbers = bool(others)

    def paint(
        self, painter: QPainter, font: QFont, plane: QRectF, view: View, theme: Theme
    ) -> None:
        """Draw both axes around the plane's rectangle, in the widget's pixels."""
        painter.setFont(font)
        painter.setPen(QPen(QColor(theme.line), 1.0))
        corner = plane.bottomLeft()
        painter.drawLines([QLineF(corner, plane.topLeft()), QLineF(corner, plane.bottomRight())])
        self._paint_bottom(painter, plane, view, theme)
        self._paint_left(painter, plane, view, theme)

    def cover(self, painter: QPainter, plane: QRectF, whole: QRectF, theme: Theme) -> None:
        """Cover what lies where the axes are, beside and below the plane's rectangle."""
        painter.setClipping(False)
        surface = QColor(theme.surface)
        painter.fillRect(QRectF(whole.topLeft(), plane.bottomLeft()), surface)
        below = QRectF(QPointF(whole.left(), plane.bottom()), whole.bottomRight())
        painter.fillRect(below, surface)

    def _paint_bottom(self, painter: QPainter, plane: QRectF, view: View, theme: Theme) -> None:
        bounds, low, times = view.bounds, plane.bottom(), view.magnification
        line = LINE_HEIGHT * times
        ticks = ticks_between(bounds.left, bounds.right, view.per_unit / times)
        places = [view.pixel_of(value, bounds.low).x() for value in ticks]
        every = min([EVERY * times, *(right - left for left, right in pairwise(places))])
        painter.drawLines([QLineF(x, low, x, low + TICK * times) for x in places])
        painter.setPen(QColor(theme.muted))
        top, texts, font = low + (TICK + GAP) * times, texts_of(ticks), painter.font()
        painter.setFont(fitting(font, texts, every - BETWEEN))
        for x, text in zip(places, texts, strict=True):
            place = QRectF(x - every / 2, top, every, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(font)
        place = QRectF(plane.left(), low + BOTTOM_HEIGHT * times - line, plane.width(), line)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.bottom)

    def _paint_left(self, painter: QPainter, plane: QRectF, view: View, theme: Theme) -> None:
        if self.has_left_numbers:
            self._paint_left_numbers(painter, plane, view, theme)
        line = LINE_HEIGHT * view.magnification
        painter.save()
        painter.translate(
            plane.left() - LEFT_WIDTH * view.magnification + line / 2, plane.center().y()
        )
        painter.rotate(-90.0)
        place = QRectF(-plane.height() / 2, -line / 2, plane.height(), line)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.left)
        painter.restore()

    def _paint_left_numbers(
        self, painter: QPainter, plane: QRectF, view: View, theme: Theme
    ) -> None:
        bounds, right, times = view.bounds, plane.left(), view.magnification
        line, width = LINE_HEIGHT * times, NUMBER_WIDTH * times
        ticks = ticks_between(bounds.low, bounds.high, view.per_unit / times)
        places = [view.pixel_of(bounds.left, value).y() for value in ticks]
        painter.setPen(QPen(QColor(theme.line), 1.0))
        painter.drawLines([QLineF(right - TICK * times, y, right, y) for y in places])
        painter.setPen(QColor(theme.muted))
        left, texts, font = right - (TICK + GAP) * times - width, texts_of(ticks), painter.font()
        painter.setFont(fitting(font, texts, width))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for y, text in zip(places, texts, strict=True):
            painter.drawText(QRectF(left, y - line / 2, width, line), flags, text)
        painter.setFont(font)


def ticks_between(low: float, high: float, per_unit: float) -> list[float]:
    """Round numbers from low to high, at least `EVERY` pixels apart.

    Where these are fewer than three, as with large text, they may be nearer to each other: one
    number alone tells no scale.
    """
    for times in (1.0, 0.7, 0.5, 0.4):
        ticks = round_ticks(low, high, times * EVERY / per_unit)
        if len(ticks) >= FEWEST:
            break
    return ticks


def fitting(font: QFont, texts: list[str], width: float) -> QFont:
    """A font in which no text is wider than `width`: smaller than the usual one at a deep zoom.

    A number whose first digits are cut off would be read as another number.
    """
    metrics = QFontMetricsF(font)
    needed = max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
    if needed <= width:
        return font
    smaller = QFont(font)
    smaller.setPointSizeF(0.98 * QFontInfo(font).pointSizeF() * width / needed)
    return smaller


def texts_of(ticks: list[float]) -> list[str]:
    """The numbers at the ticks, with as many decimals as tell them apart."""
    if len(ticks) < 2:
        return [f"{value:g}" for value in ticks]
    return [text_of(value, ticks[1] - ticks[0]) for value in ticks]

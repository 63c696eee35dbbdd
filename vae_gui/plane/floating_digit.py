"""A decoded digit that floats over the plane, and the rules for where it floats."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QCursor, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from vae_gui.widgets.digit_view import SIDE, DigitView

BORDER = 1  # pixels on each side, which set a black digit off from a dark plane
GAP = 18  # from the cursor to the digit, in pixels: more than an arrow is large
MARGIN = 12  # from the plane's edges to a digit in a corner

# From the cursor (None: it is elsewhere), the room for the digit and the digit's size to its upper
# left corner. None: it is not to be seen.
Placing = Callable[[QPointF | None, QRect, QSize], QPoint | None]


def beside_the_cursor(cursor: QPointF | None, room: QRect, size: QSize) -> QPoint | None:
    """Above the cursor and to its right; on the other side of it where there is no room."""
    if cursor is None:
        return None
    x, y = round(cursor.x()) + GAP, round(cursor.y()) - GAP - size.height()
    if x + size.width() > room.right() + 1:
        x = round(cursor.x()) - GAP - size.width()
    if y < room.top():
        y = round(cursor.y()) + GAP
    return _inside(QPoint(x, y), room, size)


def farthest_corner(cursor: QPointF | None, room: QRect, size: QSize) -> QPoint | None:
    """In the corner of the room that is farthest from the cursor; at first the upper right one."""
    inner = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    middle = room.center()
    at_left = cursor is not None and cursor.x() > middle.x()
    at_bottom = cursor is not None and cursor.y() < middle.y()
    x = inner.left() if at_left else inner.right() + 1 - size.width()
    y = inner.bottom() + 1 - size.height() if at_bottom else inner.top()
    return QPoint(x, y)


def beside_the_cursor_or_in_a_corner(
    cursor: QPointF | None, room: QRect, size: QSize
) -> QPoint | None:
    """Beside the cursor while it is over the plane; in a corner while it is over another one."""
    return (farthest_corner if cursor is None else beside_the_cursor)(cursor, room, size)


class FloatingDigit(DigitView):
    """Shows what another view of a digit shows, over the plane; the mouse goes through it.

    It is hidden until it is told how to be placed.
    """

    def __init__(self, source: DigitView, plane: QWidget, side: int = 3 * SIDE) -> None:
        """Mirror a view over a plane; `side` is the digit's, in pixels, without its border."""
        super().__init__("Decoded digit over the plane", side + 2 * BORDER, parent=plane)
        self._source = source
        self._plane = plane
        self._placing: Placing | None = None
        self._cursor: QPointF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        source.changed.connect(self._mirror)
        self._mirror()

    def place(self, placing: Placing | None) -> None:
        """Follow a rule for where it is; None hides it, which then costs nothing."""
        if (placing is None) != (self._placing is None):
            if placing is None:
                self._plane.removeEventFilter(self)
            else:
                self._plane.installEventFilter(self)
                self._cursor = self._cursor_now()
        self._placing = placing
        self._mirror()
        self._move()

    def set_side(self, side: int) -> None:
        """Be larger or smaller: the digit's side in pixels, without its border."""
        self.resize_to(side + 2 * BORDER)
        self._move()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the cursor over the plane, and the plane's size."""
        kind = event.type()
        if kind is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._cursor = event.position()
        elif kind is QEvent.Type.Leave:
            self._cursor = None
        elif kind is not QEvent.Type.Resize:
            return False
        self._move()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the digit and its border."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _cursor_now(self) -> QPointF | None:
        if not self._plane.underMouse():
            return None
        return QPointF(self._plane.mapFromGlobal(QCursor.pos()))

    def _mirror(self) -> None:
        if self._placing is None:
            return
        appears = (self.levels is None) != (self._source.levels is None)
        if self._source.levels is None:
            self.clear()
        else:
            self.show_levels(self._source.levels)
        if appears:
            self._move()

    def _move(self) -> None:
        at = None
        if self._placing is not None and self._source.levels is not None:
            room = self._plane.contentsRect()
            at = self._placing(self._cursor, room, self.size())
        if at is not None:
            self.move(at)
        self.setVisible(at is not None)


def _inside(corner: QPoint, room: QRect, size: QSize) -> QPoint:
    """The corner moved so that all of the digit is in the room, as far as it fits."""
    right, bottom = room.right() + 1 - size.width(), room.bottom() + 1 - size.height()
    x = max(room.left(), min(corner.x(), right))
    y = max(room.top(), min(corner.y(), bottom))
    return QPoint(x, y)

"""A small card that floats over the window and points at one of its parts."""

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_gui.style.labels import label

WIDTH = 292
TIP = 11  # how far the tip sticks out, in pixels; kept free on all sides
PADDING, CORNER = 14, 7.0
LEFT, RIGHT, ABOVE, BELOW, INSIDE = "left", "right", "above", "below", "inside"


class Callout(QWidget):
    """Says something about a part of the window, and has a button to go on and one to close it.

    It keeps its place beside the part while the window changes, and takes no keys of its own: one
    works on beside it.

    Signals:
        went_on: the first button was pressed.
        closed: the second button was pressed.
    """

    went_on = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        """Make a hidden card above everything else in a widget."""
        super().__init__(parent)
        self._ground = parent
        self._target: QWidget | None = None
        self._side, self._tip = INSIDE, QPoint()
        self.count = label("caption", wrap=False)
        self.title = label("title")
        self.text = label("text")
        self.go_on = QPushButton()
        self.close_button = QPushButton("Close")
        self.go_on.clicked.connect(self.went_on)
        self.close_button.clicked.connect(self.closed)
        for button in (self.go_on, self.close_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lay_out()
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._place)
        parent.installEventFilter(self)
        self.hide()

    def say(self, count: str, title: str, text: str, go_on: str) -> None:
        """Say something else; `go_on` is what the first button says."""
        self.count.setText(count)
        self.title.setText(title)
        self.text.setText(text)
        self.go_on.setText(go_on)
        self.setAccessibleName(f"{title} {text}")

    def point_at(self, target: QWidget) -> None:
        """Come up beside a part of the window, without covering it where there is room."""
        self._target = target
        self._place()
        self.show()
        self.raise_()

    @property
    def tip(self) -> QPoint:
        """Where its tip is, in its parent's pixels; its middle where it points at nothing."""
        return self._tip

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self.isVisible():
            self._soon.start()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and its tip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.setBrush(palette.color(QPalette.ColorRole.ToolTipBase))
        painter.setPen(QPen(QColor(palette.color(QPalette.ColorRole.Highlight)), 1.5))
        painter.drawPath(self._outline())

    # Inside

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.count)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.go_on)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[TIP + PADDING] * 4)
        layout.setSpacing(6)
        for part in (self.title, self.text):
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addLayout(buttons)

    def _place(self) -> None:
        ground, target = self._ground, self._target
        if target is None:
            return
        size = QSize(WIDTH + 2 * TIP, self.heightForWidth(WIDTH + 2 * TIP))
        aim = QRect(target.mapTo(ground, QPoint()), target.size()).intersected(ground.rect())
        place, self._side = placed(size, aim, ground.rect())
        self.setGeometry(QRect(place, size))
        self._tip = _tip(self._side, self.geometry(), aim)
        self.update()

    def _outline(self) -> QPainterPath:
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(TIP, TIP, -TIP, -TIP), CORNER, CORNER)
        if self._side == INSIDE:
            return card
        tip = QPointF(self._tip - self.pos())
        along = QPointF(0.0, TIP) if self._side in (LEFT, RIGHT) else QPointF(TIP, 0.0)
        inwards = {LEFT: (-1, 0), RIGHT: (1, 0), ABOVE: (0, -1), BELOW: (0, 1)}[self._side]
        base = tip + QPointF(*inwards) * (TIP + 1.0)
        pointer = QPainterPath()
        pointer.addPolygon(QPolygonF([tip, base + along, base - along, tip]))
        return card.united(pointer)


def placed(size: QSize, aim: QRect, bounds: QRect) -> tuple[QPoint, str]:
    """Where a card of a size goes, and on which side of what it points at.

    Beside it where there is room within the bounds; else at the bottom of the bounds, pointing at
    nothing.
    """
    width, height = size.width(), size.height()
    y = _within(aim.center().y() - height // 2, height, bounds.top(), bounds.bottom())
    x = _within(aim.center().x() - width // 2, width, bounds.left(), bounds.right())
    for place, side in (
        (QPoint(aim.left() - width, y), LEFT),
        (QPoint(aim.right() + 1, y), RIGHT),
        (QPoint(x, aim.top() - height), ABOVE),
        (QPoint(x, aim.bottom() + 1), BELOW),
    ):
        if not aim.isEmpty() and bounds.contains(QRect(place, size)):
            return place, side
    low = bounds.bottom() - height
    return QPoint(bounds.center().x() - width // 2, max(bounds.top(), low)), INSIDE


def _within(start: int, length: int, low: int, high: int) -> int:
    return max(low, min(start, high + 1 - length))


def _tip(side: str, card: QRect, aim: QRect) -> QPoint:
    """The tip: on the card's edge towards the aim, as near to the aim's middle as that allows."""
    margin = 3 * TIP
    x = max(card.left() + margin, min(aim.center().x(), card.right() - margin))
    y = max(card.top() + margin, min(aim.center().y(), card.bottom() - margin))
    return {
        LEFT: QPoint(card.right(), y),
        RIGHT: QPoint(card.left(), y),
        ABOVE: QPoint(x, card.bottom()),
        BELOW: QPoint(x, card.top()),
        INSIDE: card.center(),
    }[side]

"""Bars that float over what they speak of: nothing moves under the hand when one comes or goes."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

MARGIN = 6  # pixels, to the edges of what it floats over
LINE = 1  # around the bars
_SHOWN = (QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
_MOVED = (QEvent.Type.Resize, *_SHOWN)


class FloatingBars(QWidget):
    """A stack of bars over a widget, below its controls; hidden while all of them are.

    A bar in the layout would push the plane down by its height, and the point that the hand is
    about to press would be another one.
    """

    def __init__(self, ground: QWidget, controls: QWidget) -> None:
        """Float over a widget, below what is at its upper edge: that can be pressed meanwhile."""
        super().__init__(ground)
        self._ground = ground
        self._controls = controls
        self._bars: list[QWidget] = []
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(LINE, LINE, LINE, LINE)
        self._stack.setSpacing(LINE)
        for part in (ground, controls):
            part.installEventFilter(self)
        self.hide()

    def add(self, bar: QWidget) -> None:
        """Add a bar below the others; it shows and hides itself."""
        self._bars.append(bar)
        hidden = bar.isHidden()
        self._stack.addWidget(bar)
        bar.setVisible(not hidden)
        bar.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the bars, and what they float over."""
        if event.type() in (_SHOWN if watched in self._bars else _MOVED):
            self._place()
        return False

    def event(self, event: QEvent) -> bool:
        """Grow with what a bar says."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._place()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line around the bars and between them."""
        QPainter(self).fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Mid))

    def _place(self) -> None:
        shown = any(not bar.isHidden() for bar in self._bars)
        if shown:
            top = 0 if self._controls.isHidden() else self._controls.geometry().bottom() + 1
            room = self._ground.rect().adjusted(MARGIN, top + MARGIN, -MARGIN, -MARGIN)
            least = self._stack.minimumSize().height()
            wanted = max(self._stack.heightForWidth(room.width()), least)
            room.setHeight(min(wanted, room.height()))
            self.setGeometry(room)
            self.raise_()
        self.setVisible(shown)

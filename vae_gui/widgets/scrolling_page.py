"""A page of parts that takes the room it is given, and scrolls where that is too low."""

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

LEAST_HEIGHT = 84  # of what is seen of a page, in pixels


class _Content(QWidget):
    """The parts, one below the other, each as high as its wrapped text needs at this width."""

    def __init__(self, margins: QMargins) -> None:
        super().__init__()
        self.parts = QVBoxLayout(self)
        self.parts.setContentsMargins(margins)

    def minimumSizeHint(self) -> QSize:
        """The height that this width needs: Qt's own answer ignores wrapped lines."""
        least = self.parts.totalMinimumSize()
        if not self.parts.hasHeightForWidth():
            return least
        width = max(self.width(), least.width())
        return QSize(least.width(), self.parts.totalMinimumHeightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may need another height."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()


class ScrollingPage(QScrollArea):
    """A page that scrolls vertically, without a frame.

    Where a scroll bar is needed, it lies over the right margin: nothing becomes narrower.
    """

    def __init__(self, margins: QMargins, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._margins = margins
        self._content = _Content(margins)
        self.parts = self._content.parts
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def whole_height(self) -> int:
        """How high all of it is, in pixels."""
        return self._content.minimumSizeHint().height()

    def minimumSizeHint(self) -> QSize:
        """As wide as its parts need, and a few lines high."""
        width = self._content.minimumSizeHint().width()
        return QSize(width, min(self.whole_height, LEAST_HEIGHT))

    def sizeHint(self) -> QSize:
        """As large as all of it."""
        return self._content.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the scroll bar take its width from the margin."""
        super().resizeEvent(event)
        covered = self.width() - self.viewport().width()
        margins = QMargins(self._margins)
        margins.setRight(max(0, margins.right() - covered))
        if margins != self.parts.contentsMargins():
            self.parts.setContentsMargins(margins)

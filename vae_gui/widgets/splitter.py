"""Two parts side by side, or one above the other, with an edge between them that can be dragged."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

EDGE = 4  # pixels


class Splitter(QSplitter):
    """The second part has its usual size until someone drags the edge, and then that share.

    Attributes:
        share: of the second part in the frame, from 0 to 1; None: as usual.
    """

    def __init__(
        self,
        orientation: Qt.Orientation,
        usual: Callable[[int], int],
        frame: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty one.

        Args:
            orientation: horizontal if the parts lie side by side.
            usual: from the frame's pixels to the second part's.
            frame: what the second part takes its share of; this widget itself if None.
            parent: as Qt has it.
        """
        super().__init__(orientation, parent)
        self._usual = usual
        self._frame = frame or self
        self.share: float | None = None
        self.setHandleWidth(EDGE)
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(self._remember)

    def set_share(self, share: float | None) -> None:
        """Give the second part a share of the whole; None: its usual size."""
        self.share = share
        self.divide()

    def divide(self) -> None:
        """Give each part its pixels; a part that is hidden gets them when it is shown."""
        whole = self._length(self) - self.handleWidth()
        if whole > 0:
            frame = self._length(self._frame)
            second = self._usual(frame) if self.share is None else round(self.share * frame)
            self.setSizes([max(0, whole - second), second])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the new size."""
        super().resizeEvent(event)
        self.divide()

    def _remember(self) -> None:
        second = self.sizes()[1]
        if second > 0:
            self.share = second / self._length(self._frame)

    def _length(self, widget: QWidget) -> int:
        across = self.orientation() is Qt.Orientation.Horizontal
        return widget.width() if across else widget.height()

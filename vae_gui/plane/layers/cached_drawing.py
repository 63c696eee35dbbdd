"""A drawing that is kept as a picture where it is wanted a second time."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap


class CachedDrawing:
    """A drawing that becomes a picture when it is wanted a second time, ten times as fast.

    The plane is composed again whenever one layer changes, while most have not changed. During a pan or a zoom, however, each drawing differs, and pictures would be made in vain: so the
    first one is drawn directly.
    """

    def __init__(self) -> None:
        self._of: tuple[Hashable, QSize, float, float] | None = None
        self._pixmap: QPixmap | None = None

    def paint(
        self,
        painter: QPainter,
        key: Hashable,
        size: QSize,
        ratio: float,
        draw: Callable[[QPainter], None],
    ) -> None:
        """Draw it, or show it as it was drawn.

        Args:
            painter: where to; its font, hints and opacity hold for the drawing, too.
            key: all that the drawing depends on.
            size: what it lies in, in pixels, from the upper left corner: any other corner could lie
                between two of the screen's own pixels. What is outside may be cut off.
            ratio: how many of the screen's own pixels a pixel has, along each axis.
            draw: draws it.
        """
        opacity = painter.opacity()
        if (key, size, ratio, opacity) != self._of:
            self._of, self._pixmap = (key, size, ratio, opacity), None
            draw(painter)
            return
        if self._pixmap is None:
            self._pixmap = QPixmap(size * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._pixmap)
            inner.setRenderHints(painter.renderHints())
            inner.setFont(painter.font())
            inner.setOpacity(opacity)  # line by line, as when it is drawn directly
            draw(inner)
            inner.end()
        painter.setOpacity(1.0)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.setOpacity(opacity)

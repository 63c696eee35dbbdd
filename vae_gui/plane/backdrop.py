"""All of the plane that does not follow the hand, kept as a picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion, QTransform
from PySide6.QtWidgets import QWidget


class StillPicture(QObject):
    """What a widget paints, kept in a pixmap until it would paint something else.

    A mark that moves over the plane then costs the blit of a small rectangle, however many points
    and layers lie beneath: they are only drawn after a change of their own.
    """

    def __init__(self, widget: QWidget, paint: Callable[[QPainter], None]) -> None:
        """Keep what `paint` paints in a widget's pixels."""
        super().__init__(widget)
        self._widget = widget
        self._paint = paint
        self._pixmap: QPixmap | None = None
        self._of = (QTransform(), QSize(), 0.0)

    def forget(self) -> None:
        """Draw everything anew at the next paint."""
        self._pixmap = None
        self._widget.update()

    def draw(self, painter: QPainter, region: QRegion, mapping: QTransform) -> None:
        """Draw a part of the picture, a region in the widget's pixels, by a mapping of the data."""
        ratio = self._widget.devicePixelRatioF()
        of = (mapping, self._widget.size(), ratio)
        pixmap = self._pixmap
        if pixmap is None or of != self._of:  # a pixmap's own size is rounded where ratio is 1.25
            pixmap = self._pixmap = self._render()
            self._of = of
        for part in region:  # type: ignore[attr-defined]  # missing in PySide6's stubs
            source = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            )
            painter.drawPixmap(QRectF(part), pixmap, source)

    def _render(self) -> QPixmap:
        ratio = self._widget.devicePixelRatioF()
        pixmap = QPixmap(self._widget.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        self._paint(painter)
        painter.end()
        return pixmap

"""The plane without its marks, kept as a picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QWidget

from vae_gui.plane.viewport import View


class StillPicture(QObject):
    """The painting of a widget, kept in a pixmap until it changes.

    A mark that moves over the plane then costs the blit of a small rectangle, however many points
    and layers lie beneath: they are drawn again only when they change themselves.
    """

    def __init__(self, widget: QWidget, paint: Callable[[QPainter], None]) -> None:
        """Keep what `paint` paints, in the widget's pixels."""
        super().__init__(widget)
        self._widget = widget
        self._paint = paint
        self._pixmap: QPixmap | None = None
        self._shows: tuple[View, QSize] | None = None

    def forget(self) -> None:
        """Draw everything anew at the next paint."""
        self._pixmap = None
        self._widget.update()

    def draw(self, painter: QPainter, region: QRegion, view: View) -> None:
        """Draw a region of the picture, in the widget's pixels, for a view of the plane."""
        ratio, pixmap = view.ratio, self._pixmap
        shows = (view, self._widget.size())
        if pixmap is None or shows != self._shows:
            pixmap = self._pixmap = self._render(ratio)
            self._shows = shows
        for part in region:  # type: ignore[attr-defined]  # missing in PySide6's stubs
            source = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            )
            painter.drawPixmap(QRectF(part), pixmap, source)

    def _render(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(self._widget.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        self._paint(painter)
        painter.end()
        return pixmap

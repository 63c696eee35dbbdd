"""All of the plane that does not follow the hand, kept as a picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QGraphicsView


class StillPicture(QObject):
    """A graphics view's scene and what lies above it, kept in a pixmap until either changes.

    A mark that moves over the plane then costs the blit of two small rectangles, however many
    points and layers lie beneath: they are only drawn after a change of their own.
    """

    def __init__(self, view: QGraphicsView, paint_above: Callable[[QPainter], None]) -> None:
        """Keep a view's scene, and what `paint_above` paints in the viewport's pixels."""
        super().__init__(view)
        self._view = view
        self._paint_above = paint_above
        self._pixmap: QPixmap | None = None
        view.scene().changed.connect(self.forget)

    def forget(self) -> None:
        """Draw the scene anew at the next paint."""
        self._pixmap = None
        self._view.viewport().update()

    def draw(self, painter: QPainter, region: QRegion) -> None:
        """Draw a part of the picture, a region of the viewport in its pixels."""
        pixmap = self._pixmap
        if pixmap is None or pixmap.deviceIndependentSize() != self._view.viewport().size():
            pixmap = self._pixmap = self._render()
        ratio = pixmap.devicePixelRatio()
        for part in region:  # type: ignore[attr-defined]  # missing in PySide6's stubs
            source = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            )
            painter.drawPixmap(QRectF(part), pixmap, source)

    def _render(self) -> QPixmap:
        viewport = self._view.viewport()
        ratio = viewport.devicePixelRatioF()
        pixmap = QPixmap(viewport.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        whole = QRect(viewport.rect())
        self._view.render(painter, QRectF(whole), whole)
        self._paint_above(painter)
        painter.end()
        return pixmap

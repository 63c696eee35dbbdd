"""All of the plane that does not follow the hand, kept as a picture."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, QRectF
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QGraphicsView


class StillPicture(QObject):
    """A graphics view's scene and what lies above it, kept in a pixmap until either changes.

    A mark that moves over the plane then costs the blit of two small rectangles, however many
    points and layers lie beneath: they are only drawn after a change of their own. The scene by
    itself (axes with their ticks) is kept too, since it takes longer than what lies above it.
    """

    def __init__(self, view: QGraphicsView, paint_above: Callable[[QPainter], None]) -> None:
        """Keep a view's scene, and what `paint_above` paints in the viewport's pixels."""
        super().__init__(view)
        self._view = view
        self._paint_above = paint_above
        self._scene: QPixmap | None = None
        self._pixmap: QPixmap | None = None
        view.scene().changed.connect(self.forget)

    def forget(self) -> None:
        """Draw everything anew at the next paint."""
        self._scene = None
        self.forget_above()

    def forget_above(self) -> None:
        """Draw what lies above the scene anew at the next paint."""
        self._pixmap = None
        self._view.viewport().update()

    def draw(self, painter: QPainter, region: QRegion) -> None:
        """Draw a part of the picture, a region of the viewport in its pixels."""
        size = self._view.viewport().size()
        pixmap = self._pixmap
        if pixmap is None or pixmap.deviceIndependentSize() != size:
            pixmap = self._pixmap = self._render()
        ratio = pixmap.devicePixelRatio()
        for part in region:  # type: ignore[attr-defined]  # missing in PySide6's stubs
            source = QRectF(
                part.x() * ratio, part.y() * ratio, part.width() * ratio, part.height() * ratio
            )
            painter.drawPixmap(QRectF(part), pixmap, source)

    def _render(self) -> QPixmap:
        if (
            self._scene is None
            or self._scene.deviceIndependentSize() != self._view.viewport().size()
        ):
            self._scene = self._render_scene()
        pixmap = self._scene.copy()
        painter = QPainter(pixmap)
        self._paint_above(painter)
        painter.end()
        return pixmap

    def _render_scene(self) -> QPixmap:
        viewport = self._view.viewport()
        ratio = viewport.devicePixelRatioF()
        pixmap = QPixmap(viewport.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        whole = QRect(viewport.rect())
        self._view.render(painter, QRectF(whole), whole)
        painter.end()
        return pixmap

"""One 28 x 28 image, at fixed levels."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.style.pixels import image_of

SIDE = 28

# The 32-bit pixel 0xffvvvvvv of each grey level v.
_OPAQUE = (0xFF000000 + 0x010101 * np.arange(256)).astype(np.uint32)


class DigitView(QWidget):
    """Shows an image at fixed levels; row 0 is the top.

    Every pixel is drawn as a square of whole device pixels: nothing is smoothed or stretched.

    Signals:
        changed: it shows another image, or none.
    """

    changed = Signal()

    def __init__(
        self,
        name: str,
        side: int,
        colours: NDArray[np.uint32] = _OPAQUE,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty view.

        Args:
            name: for a screen reader.
            side: the view's, in pixels.
            colours: of the levels, (256,) 0xffRRGGBB; from black to white by default.
            parent: as Qt has it.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self._side = side
        self._colours = colours
        self._levels: NDArray[np.uint8] | None = None
        self._enlarged = np.empty((SIDE, 0, 0), dtype=np.uint32)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.setFixedSize(side, side)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def levels(self) -> NDArray[np.uint8] | None:
        """The grey levels on show, (28, 28), 0 to 255; None while the view is empty."""
        return self._levels

    def show_image(self, image: NDArray[np.floating]) -> None:
        """Show an image (28, 28) of numbers from 0 to 1; what is not a number is black."""
        within = np.fmin(np.fmax(image, 0.0), 1.0)
        self.show_levels(np.rint(255.0 * within).astype(np.uint8))

    def show_levels(self, levels: NDArray[np.uint8]) -> None:
        """Show an image (28, 28) of grey levels from 0 to 255."""
        self._levels = np.ascontiguousarray(levels)
        self.update()
        self.changed.emit()

    def clear(self) -> None:
        """Show nothing."""
        self._levels = None
        self.update()
        self.changed.emit()

    def resize_to(self, side: int) -> None:
        """Take another side, in pixels."""
        if side != self._side:
            self._side = side
            self.setFixedSize(side, side)

    def sizeHint(self) -> QSize:
        """The least side, both ways."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image in the largest square of whole pixels."""
        painter = QPainter(self)
        if self._levels is None:
            painter.fillRect(self.rect(), self.palette().mid())
            return
        self._draw(painter, self._levels)

    def _draw(self, painter: QPainter, levels: NDArray[np.uint8]) -> None:
        """Enlarge the image here, in numpy: five times as fast as Qt's scaling of a small one."""
        ratio = self.devicePixelRatioF()
        factor = max(1, int(min(self.width(), self.height()) * ratio) // SIDE)
        side = factor * SIDE
        if self._enlarged.shape != (SIDE, factor, side):
            self._enlarged = np.empty((SIDE, factor, side), dtype=np.uint32)
        self._enlarged[:] = self._colours[levels].repeat(factor, axis=1)[:, None]
        image = image_of(self._enlarged.reshape(side, side), opaque=True)
        image.setDevicePixelRatio(ratio)
        margin_x, margin_y = (self.width() - side / ratio) / 2, (self.height() - side / ratio) / 2
        if margin_x or margin_y:
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.drawImage(QPointF(margin_x, margin_y), image)

"""Small pictures of whole images in a row: the mean and draws, or the modes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from vae_gui.style.labels import wrapped
from vae_gui.style.pixels import image_of

SIDE = 56  # 2 pixels for each of 28
GAP = 2
COUNT = 4


@dataclass(frozen=True, eq=False)
class Picture:
    """One image and what is said of it.

    Attributes:
        pixels: (784,) in [0, 1].
        caption: under it.
        tip: its tooltip.
        z: where it is drawn in the latent space, (D,); None where it is not of one place.
    """

    pixels: NDArray[np.floating]
    caption: str
    tip: str
    z: NDArray[np.float64] | None = None


class PictureButton(QAbstractButton):
    """An image and a line under it; a press goes to its place in the plane, if it has one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self._image: QImage | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_picture(None)

    def show_picture(self, picture: Picture | None) -> None:
        """Show an image, or nothing."""
        self.picture = picture
        self._image = None
        if picture is not None:
            levels = np.rint(255.0 * np.clip(picture.pixels, 0.0, 1.0)).astype(np.uint8)
            self._image = image_of(np.ascontiguousarray(levels.reshape(28, 28))).copy()
        self.setEnabled(picture is not None and picture.z is not None)
        self.setToolTip("" if picture is None else wrapped(picture.tip))
        self.setAccessibleName("" if picture is None else f"{picture.caption}: {picture.tip}")
        self.update()

    def sizeHint(self) -> QSize:
        """The image, and a line."""
        return QSize(SIDE, SIDE + GAP + self.fontMetrics().lineSpacing())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw image and caption; a frame under the mouse and where the keyboard is."""
        painter, palette = QPainter(self), self.palette()
        square = QRect(0, 0, SIDE, SIDE)
        if self._image is None or self.picture is None:
            return
        painter.drawImage(square, self._image)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        below = QRect(0, SIDE + GAP, self.width(), self.fontMetrics().lineSpacing())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self.picture.caption)
        if self.isEnabled() and (self.hasFocus() or self.underMouse()):
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2.0))
            painter.drawRect(square.adjusted(1, 1, -1, -1))


class PictureRow(QWidget):
    """Four such buttons.

    Signals:
        chosen (object): the place, (D,), of the picture that was pressed.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = [PictureButton() for _ in range(COUNT)]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for button in self.buttons:
            layout.addWidget(button)
            button.clicked.connect(lambda _=False, one=button: self._choose(one))
        layout.addStretch(1)

    def show_pictures(self, pictures: Sequence[Picture]) -> None:
        """Show up to four."""
        for index, button in enumerate(self.buttons):
            button.show_picture(pictures[index] if index < len(pictures) else None)

    def _choose(self, button: PictureButton) -> None:
        if button.picture is not None and button.picture.z is not None:
            self.chosen.emit(button.picture.z)

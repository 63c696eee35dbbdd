"""A button that chooses a test digit."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from vae_gui.style.pixels import image_of

SIDE = 56  # 2 pixels for each of 28
GAP = 2


class DigitButton(QAbstractButton):
    """A small image, and two short lines under it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty one; `name` is for a screen reader while it has no digit."""
        super().__init__(parent)
        self._name = name
        self._image: QImage | None = None
        self._lines = ("", "")
        self.index: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clear()

    @property
    def lines(self) -> tuple[str, str]:
        """What is written under the image."""
        return self._lines

    def show_digit(
        self, index: int, levels: NDArray[np.uint8], lines: tuple[str, str], note: str = ""
    ) -> None:
        """Show a digit (28, 28) of grey levels, say two things of it, and more in its tooltip."""
        self.setToolTip(f"Choose test digit {index:,}" + (f"\n{note}" if note else ""))
        if (index, lines) == (self.index, self._lines):
            return
        if index != self.index:
            self._image = image_of(np.ascontiguousarray(levels)).copy()  # it owns its memory
        self.index, self._lines = index, lines
        self.setAccessibleName(f"Test digit {index:,}: {', '.join(lines)}")
        self.setEnabled(True)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.index, self._image, self._lines = None, None, ("", "")
        self.setAccessibleName(self._name)
        self.setToolTip("")
        self.setEnabled(False)
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the image; its texts are short."""
        return QSize(SIDE, SIDE + GAP + 2 * self.fontMetrics().lineSpacing())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw image and lines; a frame under the mouse and where the keyboard is."""
        painter = QPainter(self)
        palette = self.palette()
        picture = QRect(0, 0, SIDE, SIDE)
        if self._image is None:
            painter.fillRect(picture, palette.mid())
            return
        painter.drawImage(picture, self._image)
        line = self.fontMetrics().lineSpacing()
        roles = (QPalette.ColorRole.WindowText, QPalette.ColorRole.PlaceholderText)
        for row, (text, role) in enumerate(zip(self._lines, roles, strict=True)):
            painter.setPen(palette.color(role))
            box = QRect(0, SIDE + GAP + row * line, self.width(), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, text)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2.0))
            painter.drawRect(picture.adjusted(1, 1, -1, -1))

"""Small pictures before titles."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

# Paints a small picture in a square, in the colours of a palette.
PaintGlyph = Callable[[QPainter, QRectF, QPalette], None]

GLYPH = 18.0  # the square's side, in pixels
GAP = 4.0  # from the picture to the title


class Glyph(QWidget):
    """One of them, on the background of its parent."""

    def __init__(self, paint: PaintGlyph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paint = paint
        self.setFixedSize(round(GLYPH), round(GLYPH))

    def show_glyph(self, paint: PaintGlyph) -> None:
        """Show another one."""
        if paint is not self._paint:
            self._paint = paint
            self.update()

    def sizeHint(self) -> QSize:
        """A square as high as a title."""
        return QSize(round(GLYPH), round(GLYPH))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        self._paint(QPainter(self), QRectF(self.rect()), self.palette())

"""A bar whose parts stand beside each other, each in its colour."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.style.palette import Theme
from vae_gui.style.theme import theme_of

HEIGHT = 14
SWATCH = 10


def colours(theme: Theme) -> tuple[str, str, str]:
    """Of what a better encoder wins, of what turned axes win, and of what no Gaussian reaches."""
    return theme.accent, theme.classes[3], theme.posterior


class StackedBar(QWidget):
    """Three parts of a whole; nothing while they are not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The parts of the gap")

    def show_parts(self, parts: Sequence[float]) -> None:
        """Show some numbers; those below zero, as rounding makes them, as nothing."""
        self.parts = tuple(parts)
        self.setAccessibleDescription(", ".join(f"{part:.2f} nats" for part in parts))
        self.update()

    def sizeHint(self) -> QSize:
        """As high as a line."""
        return QSize(120, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts from the left to the right."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().mid())
        whole = sum(max(part, 0.0) for part in self.parts)
        left = 0.0
        for part, colour in zip(self.parts, colours(theme_of(self.palette())), strict=False):
            width = self.width() * max(part, 0.0) / whole if whole > 0.0 else 0.0
            painter.fillRect(QRectF(left, 0.0, width, self.height()), QColor(colour))
            left += width


class Swatch(QWidget):
    """A small square in the colour of one part."""

    def __init__(self, part: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        self.setFixedSize(SWATCH, SWATCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        colour = colours(theme_of(self.palette()))[self._part]
        QPainter(self).fillRect(self.rect(), QColor(colour))

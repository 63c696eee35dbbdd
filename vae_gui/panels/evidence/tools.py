"""The brush: what it draws, and how wide it is."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.panels.evidence.brush import SIZES
from vae_gui.state.observation import BLANK, INK, UNKNOWN, Observation
from vae_gui.style.labels import label
from vae_gui.widgets.choice_row import ChoiceRow


class Paint(StrEnum):
    """What a brush can make of a pixel."""

    INK = "ink"
    BLANK = "blank"
    UNKNOWN = "unknown"


_OPPOSITE = {Paint.INK: Paint.BLANK, Paint.BLANK: Paint.INK}
_VALUE = {Paint.INK: INK, Paint.BLANK: BLANK, Paint.UNKNOWN: UNKNOWN}
_TIPS = {
    Paint.INK: "Draw pixels that are ink (I); the right button draws blank ones",
    Paint.BLANK: "Draw pixels that are blank (B): to know that there is no ink tells much",
    Paint.UNKNOWN: "Make pixels unknown (U); the right button uncovers those of a loaded digit",
}


class Brush(QObject):
    """What is in the hand.

    Signals:
        changed: it draws something else, or is of another size.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paint = Paint.INK
        self.size = SIZES[1]

    def take(self, paint: Paint) -> None:
        """Draw something else."""
        self.paint = paint
        self.changed.emit()

    def resize(self, size: int) -> None:
        """Have another diameter, in pixels of the image."""
        self.size = size
        self.changed.emit()

    def draw(
        self, observation: Observation, pixels: NDArray[np.intp], *, opposite: bool = False
    ) -> None:
        """Draw pixels, or the opposite: blank for ink, ink for blank, the truth for unknown."""
        if opposite and self.paint is Paint.UNKNOWN:
            observation.uncover(pixels)
        else:
            paint = _OPPOSITE[self.paint] if opposite else self.paint
            observation.draw(pixels, _VALUE[paint])


class ToolsRow(QWidget):
    """Three buttons for what is drawn, and four for the size."""

    def __init__(self, brush: Brush, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paints = ChoiceRow(
            "Draw", {paint: (paint.capitalize(), _TIPS[paint]) for paint in Paint}
        )
        self.sizes = ChoiceRow(
            "Brush", {str(size): (str(size), f"A brush {size} pixels wide") for size in SIZES}
        )
        self.sizes.choose(str(brush.size))
        self.paints.chosen.connect(lambda paint: brush.take(Paint(paint)))
        self.sizes.chosen.connect(lambda size: brush.resize(int(size)))
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(label("caption", "brush, pixels", wrap=False))
        below.addWidget(self.sizes, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.paints)
        layout.addLayout(below)

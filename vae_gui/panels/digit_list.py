"""A list of digits side by side, each with a number under it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractItemModel, QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QListView, QSizePolicy, QWidget

from vae_gui.style.pixels import image_of

SIDE = 56


class DigitList(QListView):
    """Shows the pictures and texts of a model's rows; arrow keys or a click choose one."""

    def __init__(self, name: str, rows: QAbstractItemModel, parent: QWidget | None = None) -> None:
        """Make the list of some rows; `name` is for a screen reader."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setModel(rows)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setGridSize(QSize(SIDE + 16, SIDE + 24))
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setMinimumSize(SIDE + 40, SIDE + 24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFrameShape(QListView.Shape.NoFrame)

    def sizeHint(self) -> QSize:
        """A row of digits; more where there is room."""
        return QSize(4 * (SIDE + 16), SIDE + 24)


def picture_of(image: NDArray[np.uint8]) -> QPixmap:
    """The picture of a digit (28, 28) in such a list."""
    return QPixmap.fromImage(image_of(np.ascontiguousarray(image)).scaled(SIDE, SIDE))

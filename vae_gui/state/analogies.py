"""Analogies of some test digits: which digits, and what their styles become as each class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_gui.state.encoded import Array
from vae_gui.state.viewpoint import Viewpoint


@dataclass(frozen=True, eq=False)
class AnalogyRows:
    """A row of ten images for each of some digits.

    Attributes:
        indices: of the digits in the test set.
        originals: the digits themselves, (R, 28, 28) uint8.
        z: (R, D), their styles: the means of q(z|x, y) with their labels y.
        images: (R, 10, 28, 28) in [0, 1], each style decoded as each class.
    """

    indices: tuple[int, ...]
    originals: NDArray[np.uint8]
    z: Array
    images: NDArray[np.float32]


class AnalogyChoice(QObject):
    """Which digits have a row: of each label the digit that was chosen last, or else the first.

    Attributes:
        indices: of the digits, by label.
        found: their rows; None until they are known.
        is_wanted: whether somebody looks.

    Signals:
        changed: other digits have rows, or the rows are known.
        wanted_changed: somebody looks, or nobody any more.
    """

    changed = Signal()
    wanted_changed = Signal()

    def __init__(self, viewpoint: Viewpoint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._labels: NDArray[np.int64] | None = None
        self.indices: tuple[int, ...] = ()
        self.found: AnalogyRows | None = None
        self.is_wanted = False
        viewpoint.selection_changed.connect(self._choose)
        viewpoint.document.test_changed.connect(self._choose)
        viewpoint.document.opened.connect(lambda: self.show(None))

    def want(self, wanted: bool) -> None:
        """Say whether somebody looks."""
        if wanted != self.is_wanted:
            self.is_wanted = wanted
            self.wanted_changed.emit()

    def show(self, found: AnalogyRows | None) -> None:
        """Take the rows."""
        self.found = found
        self.changed.emit()

    def _choose(self) -> None:
        test, chosen = self._viewpoint.document.test, self._viewpoint.selected
        if test is None:
            return
        before = self.indices
        if self._labels is None or not np.array_equal(test.labels, self._labels):
            self._labels = test.labels
            _, first = np.unique(test.labels, return_index=True)
            self.indices = tuple(first.tolist())
        if chosen is not None:
            label = test.labels[chosen]
            self.indices = tuple(
                chosen if test.labels[index] == label else index for index in self.indices
            )
        if self.indices != before:
            self.changed.emit()

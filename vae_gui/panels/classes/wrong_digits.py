"""The test digits that the classifier is wrong about, to click through."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.panels.digit_list import DigitList, picture_of
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, wrapped
from vae_gui.style.scales import percent_of_belief

Index = QModelIndex | QPersistentModelIndex
TIP = (
    "Those for which the likeliest class by q(y|x) is not the label, the surest errors first: "
    "label → class, and its q."
)
HEIGHT = 172  # of the list, in pixels: two rows


class WrongDigits(QAbstractListModel):
    """The digits, the surest errors first. A row's picture is made when it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._images: EncodedImages | None = None
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def list_of(self, images: EncodedImages | None) -> None:
        """List those of other images."""
        if _same(images, self._images):
            self._images = images
            return
        self.beginResetModel()
        self._images = images
        self.order = np.empty(0, dtype=np.intp)
        if images is not None and images.taken_for is not None and images.classified is not None:
            wrong = np.flatnonzero(images.taken_for != images.labels)
            sure = images.classified[wrong].max(axis=1)
            self.order = wrong[np.argsort(-sure, kind="stable")]
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many digits there are."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A digit's picture, and what it is taken for."""
        images = self._images
        if images is None or images.taken_for is None or not index.isValid():
            return None
        assert images.classified is not None
        digit = int(self.order[index.row()])
        if role == Qt.ItemDataRole.DecorationRole:
            return picture_of(images.images[digit])
        label_ = images.class_names[images.labels[digit]]
        taken = images.class_names[images.taken_for[digit]]
        sure = percent_of_belief(float(images.classified[digit].max()))
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{label_} → {taken}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"Test digit {digit:,}, label {label_}: q(y = {taken} | x) = {sure}"
        return None


class WrongPart(QWidget):
    """How many are wrong, and the list; arrow keys, a click, or the keys of a menu choose one."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self.said = label("text")
        self.digits = WrongDigits()
        self.list = DigitList("Wrong test digits", self.digits)
        self.list.setFixedHeight(HEIGHT)
        self.said.setToolTip(wrapped(TIP))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.said)
        layout.addWidget(self.list)
        self.list.selectionModel().selectionChanged.connect(self._choose)
        viewpoint.selection_changed.connect(self._mark)
        self._document.test_changed.connect(self._show)
        self._show()

    @property
    def row(self) -> int | None:
        """The row of the chosen digit; None where it is not wrong, or none is chosen."""
        chosen = self._viewpoint.selected
        rows = np.flatnonzero(self.digits.order == (-1 if chosen is None else chosen))
        return int(rows[0]) if len(rows) else None

    def walk(self, steps: int) -> None:
        """Choose the digit `steps` places further; the first one if none of them is chosen."""
        row = 0 if self.row is None else self.row + steps
        if 0 <= row < len(self.digits.order):
            self._viewpoint.select(int(self.digits.order[row]))

    def _show(self) -> None:
        test = self._document.test
        self.digits.list_of(test)
        if test is None or test.taken_for is None:
            return
        wrong, count = len(self.digits.order), len(test)
        share = f"{100 * wrong / count:.2f} %"
        self.said.setText(f"q(y|x) is wrong about {wrong:,} of {count:,} test digits: {share}.")
        self._mark()

    def _mark(self) -> None:
        """Show which digit is chosen, without choosing it again."""
        selection, row = self.list.selectionModel(), self.row
        selection.blockSignals(True)
        if row is None:
            self.list.clearSelection()
        else:
            self.list.setCurrentIndex(self.digits.index(row))
        selection.blockSignals(False)
        self.list.viewport().update()

    def _choose(self) -> None:
        chosen = self.list.selectedIndexes()
        if chosen:
            self._viewpoint.select(int(self.digits.order[chosen[0].row()]))


def _same(one: EncodedImages | None, other: EncodedImages | None) -> bool:
    """Whether the same images are classified in the same way, for whichever class encoded."""
    if one is None or other is None:
        return one is other
    return one.classified is other.classified and one.images is other.images

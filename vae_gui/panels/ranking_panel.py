"""All test digits ranked by a measure, to click through."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.panels.digit_list import DigitList, picture_of
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.glossary import explained
from vae_gui.state.measures import MEASURES, Column, Measurements
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label

A_LOT = 1000
WORST, BEST = "Worst first", "Best first"

Index = QModelIndex | QPersistentModelIndex


class Ranking(QAbstractListModel):
    """The images whose value is known, in order. A row's picture is made when it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._images: EncodedImages | None = None
        self.column: Column | None = None
        self._key = ""
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def rank(
        self, images: EncodedImages | None, measures: Measurements | None, key: str, best: bool
    ) -> None:
        """Rank other images, or in another order."""
        self.beginResetModel()
        self._images, self._key = images, key
        self.order = np.empty(0, dtype=np.intp)
        if measures is not None:
            self.column = measures[key]
            worst_first = measures.ranked(key)
            self.order = worst_first[::-1] if best else worst_first
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many digits there are."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """An image's picture, value and description."""
        if self._images is None or self.column is None or not index.isValid():
            return None
        digit = int(self.order[index.row()])
        if role == Qt.ItemDataRole.DecorationRole:
            return picture_of(self._images.images[digit])
        measure = MEASURES[self._key]
        value = measure.text_of(self.column.values[digit])
        if role == Qt.ItemDataRole.DisplayRole:
            return value
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            name = self._images.class_names[self._images.labels[digit]]
            title = measure.title_given(self._images.label)
            return f"Test digit {digit:,}, label {name}: {title} {value} {measure.unit}"
        return None


class RankingPanel(QWidget):
    """The choice of measure and order, and the images; arrow keys or a click choose one."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self.measure = QComboBox()
        self.first = QComboBox()
        self.note = label("caption")
        self.ranking = Ranking()
        self._is_outdated = False
        self.list = DigitList("Test digits in order", self.ranking)
        self._set_up()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.measure, 1)
        row.addWidget(self.first)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.note)
        layout.addWidget(self.list, 1)
        self.measure.currentIndexChanged.connect(self._rank)
        self.first.currentIndexChanged.connect(self._rank)
        self.list.selectionModel().selectionChanged.connect(self._choose)
        self._document.test_changed.connect(self._rank_when_seen)
        self._document.model_changed.connect(self._name_measures)
        self._document.measures_changed.connect(self._rank_if_more_is_known)
        self._rank()

    @property
    def row(self) -> int | None:
        """The chosen row; keyboard focus alone chooses none."""
        chosen = self.list.selectedIndexes()
        return chosen[0].row() if chosen else None

    def walk(self, steps: int) -> None:
        """Choose the image `steps` rows further; the first one if none is chosen."""
        if self._is_outdated:
            self._rank()
        row = 0 if self.row is None else self.row + steps
        if 0 <= row < len(self.ranking.order):
            self.list.setCurrentIndex(self.ranking.index(row))

    def _set_up(self) -> None:
        for row, measure in enumerate(MEASURES.values()):
            self.measure.addItem(measure.title, measure.key)
            tip = explained(measure.title, measure.tip)
            self.measure.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        self.first.addItems([WORST, BEST])
        self.measure.setAccessibleName("Rank test digits by")
        self.first.setAccessibleName("Which end of the ranking comes first")

    def _name_measures(self) -> None:
        """Write the titles, as those of a class where only one is shown."""
        for row, measure in enumerate(MEASURES.values()):
            self.measure.setItemText(row, measure.title_given(self._document.label))

    def showEvent(self, event: QShowEvent) -> None:
        """Rank what came while the page was hidden."""
        super().showEvent(event)
        if self._is_outdated:
            self._rank()

    def _rank_when_seen(self) -> None:
        """Other images, or other weights: ten times in a second, while a timeline is scrubbed."""
        self._is_outdated = True
        if self.isVisible() or self._document.test is None:
            self._rank()

    def _rank_if_more_is_known(self) -> None:
        """Rank again now and then while values come in, unless the user is walking through it."""
        measures = self._document.measures
        if measures is None or self._is_outdated:
            return
        column = measures[self.measure.currentData()]
        known, ranked = int(np.isfinite(column.values).sum()), len(self.ranking.order)
        some, many = known > 0 and ranked == 0, known - ranked >= A_LOT and self.row is None
        if column is not self.ranking.column and (column.is_complete or some or many):
            self._rank()
        self._explain(measures, known)

    def _rank(self) -> None:
        self._is_outdated = False
        measures, key = self._document.measures, self.measure.currentData()
        best = self.first.currentText() == BEST
        chosen = None if self.row is None else int(self.ranking.order[self.row])
        self.ranking.rank(self._document.test, measures, key, best)
        self._stay_at(chosen)
        if measures is not None:
            self._explain(measures, len(self.ranking.order))

    def _stay_at(self, digit: int | None) -> None:
        """Keep the chosen image selected in the new order, without choosing it again."""
        rows = np.flatnonzero(self.ranking.order == (-1 if digit is None else digit))
        if len(rows):
            selection = self.list.selectionModel()
            selection.blockSignals(True)
            self.list.setCurrentIndex(self.ranking.index(int(rows[0])))
            selection.blockSignals(False)

    def _explain(self, measures: Measurements, known: int) -> None:
        """Say what is missing."""
        key, count = self.measure.currentData(), len(measures)
        self.note.setVisible(known < count)
        if key in measures.never:
            self.note.setText(measures.never[key])
        elif measures[key].is_complete:
            self.note.setText(f"{count - known:,} of {count:,} not resolved")
        elif known == 0:
            self.note.setText("Not measured yet; log p(x): colour the digits by it to integrate.")
        else:
            self.note.setText(f"{known:,} of {count:,} measured so far")

    def _choose(self) -> None:
        if self.row is not None:
            self._viewpoint.select(int(self.ranking.order[self.row]))

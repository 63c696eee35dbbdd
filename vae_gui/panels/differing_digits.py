"""The test digits on which two models differ most, to click through."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QBoxLayout, QComboBox, QVBoxLayout, QWidget

from vae_gui.panels.comparison_table import signed
from vae_gui.panels.digit_list import DigitList, picture_of
from vae_gui.state.comparison import Comparison
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.glossary import explained
from vae_gui.state.measures import MEASURES, Measurements
from vae_gui.style.labels import label

MEASURED = ("elbo", "log_likelihood", "reconstruction", "kl")
Index = QModelIndex | QPersistentModelIndex
Array = NDArray[np.float64]


class Order(StrEnum):
    """Which digits come first."""

    EITHER = "differ most"
    RIGHT = "better at right"
    LEFT = "better at left"


def differences(first: Measurements, second: Measurements, key: str) -> Array:
    """Right minus left of each image, (N,); not a number where either is not known."""
    found: Array = second[key].values - first[key].values
    found[~np.isfinite(found)] = np.nan
    return found


def ordered(values: Array, order: Order, *, high_is_good: bool) -> NDArray[np.intp]:
    """The indices of the images of known difference, (K,), in order."""
    known = np.flatnonzero(~np.isnan(values))
    gain = values[known] if high_is_good else -values[known]
    sought = {Order.EITHER: np.abs(gain), Order.RIGHT: gain, Order.LEFT: -gain}[order]
    return known[np.argsort(-sought, kind="stable")]


class Differences(QAbstractListModel):
    """The images whose difference is known, in order. A row's picture is made when it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._images: EncodedImages | None = None
        self._values: Array = np.empty(0)
        self._key = MEASURED[0]
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def show(self, images: EncodedImages | None, values: Array, key: str, order: Order) -> None:
        """Show other images, or in another order."""
        self.beginResetModel()
        self._images, self._values, self._key = images, values, key
        self.order = ordered(values, order, high_is_good=MEASURES[key].high_is_good)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """How many digits there are."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """An image's picture, difference and description."""
        if self._images is None or not index.isValid():
            return None
        digit = int(self.order[index.row()])
        if role == Qt.ItemDataRole.DecorationRole:
            return picture_of(self._images.images[digit])
        measure, value = MEASURES[self._key], float(self._values[digit])
        text = signed(measure.text_of(value))
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            name = self._images.class_names[self._images.labels[digit]]
            what = f"{measure.title}, right minus left, {text} {measure.unit}"
            return f"Test digit {digit:,}, label {name}: {what}"
        return None


class DifferingDigits(QWidget):
    """The choice of measure and order, and the digits; a click chooses one in both planes."""

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison = comparison
        self.measure, self.order = QComboBox(), QComboBox()
        self.note = label("caption")
        self.digits = Differences()
        self.list = DigitList("Test digits on which the models differ", self.digits)
        self._shown: tuple[object, ...] = ()
        self._set_up()
        self.measure.currentIndexChanged.connect(self._show)
        self.order.currentIndexChanged.connect(self._show)
        self.list.selectionModel().selectionChanged.connect(self._choose)
        assert comparison.second is not None
        for viewpoint in (comparison.first, comparison.second):
            viewpoint.document.measures_changed.connect(self._show)
        comparison.changed.connect(self._show)
        self._show()

    @property
    def row(self) -> int | None:
        """The chosen row."""
        chosen = self.list.selectedIndexes()
        return chosen[0].row() if chosen else None

    def stack_choices(self, stacked: bool) -> None:
        """Put the choices one above the other, or side by side."""
        direction = QBoxLayout.Direction
        self._choices.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)

    def _set_up(self) -> None:
        for row, key in enumerate(MEASURED):
            measure = MEASURES[key]
            self.measure.addItem(f"by {measure.title}", key)
            tip = explained(measure.title, measure.tip)
            self.measure.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        for order in Order:
            self.order.addItem(order[:1].upper() + order[1:], order)
        self.measure.setAccessibleName("Compare test digits by")
        self.order.setAccessibleName("Which test digits come first")
        self._choices = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._choices.setSpacing(6)
        self._choices.addWidget(self.order)
        self._choices.addWidget(self.measure)
        self._choices.addWidget(self.note, 1)
        self._choices.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._choices)
        layout.addWidget(self.list, 1)

    def _show(self) -> None:
        """Rank again where both are measured; not at each few values that come in."""
        first, second = self._comparison.first, self._comparison.second
        assert second is not None
        measures = first.document.measures, second.document.measures
        key, order = self.measure.currentData(), Order(self.order.currentData())
        why = self._why_not(*measures, key)
        self.note.setText(why)
        self.note.setVisible(bool(why))
        a, b = measures
        columns = () if why or a is None or b is None else (a[key], b[key])
        if (columns, order, key) == self._shown:
            return
        self._shown = (columns, order, key)
        chosen = None if self.row is None else int(self.digits.order[self.row])
        known = bool(columns) and a is not None and b is not None
        values = differences(a, b, key) if known and a and b else np.empty(0)
        self.digits.show(first.document.test, values, key, order)
        self._stay_at(chosen)

    def _why_not(self, a: Measurements | None, b: Measurements | None, key: str) -> str:
        """Why nothing is shown; empty where both are measured."""
        if a is None or b is None or not self._comparison.shows_same:
            return "Only where both models show the same images."
        for measures in (a, b):
            if key in measures.never:
                return f"{MEASURES[key].title}: {measures.never[key]}."
        if a[key].is_complete and b[key].is_complete:
            return ""
        if MEASURES[key].on_request:
            return "Press Integrate in the table first."
        least = min(a[key].count, b[key].count)
        return f"Measuring: {100 * least // max(1, len(a))} %"

    def _stay_at(self, digit: int | None) -> None:
        """Keep the chosen digit selected in the new order, without choosing it again."""
        rows = np.flatnonzero(self.digits.order == (-1 if digit is None else digit))
        if len(rows):
            selection = self.list.selectionModel()
            selection.blockSignals(True)
            self.list.setCurrentIndex(self.digits.index(int(rows[0])))
            selection.blockSignals(False)

    def _choose(self) -> None:
        if self.row is not None:
            self._comparison.first.select(int(self.digits.order[self.row]))

"""The chosen test digit: how it is encoded and decoded, and its measures."""

from functools import cached_property

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vae_gui.panels.encoder_step import EncoderStep
from vae_gui.panels.measure_table import MeasureTable
from vae_gui.panels.point_text import whole_point_text
from vae_gui.state.class_words import q_of_z
from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.number_field import NumberField, whole_number

EMPTY = (
    "None chosen yet. Double-click in the plane, press Enter, click one of the nearest digits, "
    "or type an index."
)
MEAN, DRAWN = "mean", "drawn"


class DigitPanel(QWidget):
    """The digit and how it comes back; its measures and its rank in each.

    Signals:
        compared: its q(z|x) is to be compared with the exact posterior.
    """

    compared = Signal()

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._noise: Array | None = None  # None: reconstruct from the posterior's mean
        self.index = NumberField(self._read_index, self._allowed_indices)
        self.name = label("text", wrap=False)
        self.empty = label("caption", EMPTY)
        self.refusal = label("caption")
        self.refusal.hide()
        self.step = EncoderStep()
        self.original, self.reconstruction = self.step.original, self.step.decoded
        self.difference = self.step.difference
        self.from_what = ChoiceRow(
            "Reconstruct from",
            {
                MEAN: ("From the mean", "Decode the mean of q(z|x)"),
                DRAWN: ("From a draw", "Decode a z drawn from q(z|x); press again for another"),
            },
        )
        self.where = label("caption")
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.where.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.compare = QPushButton("Encoder's loss …")
        self.table = MeasureTable()
        self.values = self.table.values
        self.known = QWidget()
        self.parts = QStackedWidget()  # as high without a choice as with one: nothing moves
        self._set_up_index()
        self.compare.setToolTip("Compare q(z|x) with the exact posterior (Shift+Y)")
        self.compare.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.compare.clicked.connect(lambda _=False: self.compared.emit())
        self._lay_out()
        self.from_what.chosen.connect(self._reconstruct_from)
        self._viewpoint.selection_changed.connect(self._select)
        self._document.test_changed.connect(self._show)
        self._document.measures_changed.connect(self._show_measures)
        self._show()

    def _set_up_index(self) -> None:
        self.index.setDecimals(0)
        self.index.setRange(-1, -1)
        self.index.setSpecialValueText("–")
        self.index.setGroupSeparatorShown(True)
        self.index.setAccessibleName("Index of the chosen test digit")
        self.index.setToolTip("Go to the test digit of this index: type, then Enter (Ctrl+G)")
        self.index.setAccelerated(True)
        self.index.valueChanged.connect(lambda index: self._go(int(index)))
        self.index.refused.connect(self._refuse)
        self.index.lineEdit().textEdited.connect(self.refusal.hide)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        caption = label("caption", "index", wrap=False)
        caption.setBuddy(self.index)
        for part in (caption, self.index, self.name):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self.compare)
        inside = QVBoxLayout(self.known)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        for below in (self.step, self.from_what, self.table, self.where):
            inside.addWidget(below)
        inside.addStretch(1)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.parts.addWidget(self.empty)
        self.parts.addWidget(self.known)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.refusal)
        layout.addWidget(self.parts, 1)

    def _go(self, index: int) -> None:
        digits = self._document.test
        assert digits is not None  # the field has no other value without them
        if 0 <= index < len(digits.labels):
            self._viewpoint.select(index)
        else:
            self._show()  # the digit that is chosen still

    def _read_index(self, text: str) -> int:
        index, (_, last) = whole_number(text), self._allowed_indices()
        if index > last:
            raise ValueError(f"There is no digit {index:,}: the last is {last:,}.")
        return index

    def _allowed_indices(self) -> tuple[int, int]:
        digits = self._document.test
        return (-1, -1) if digits is None else (0, len(digits) - 1)

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.show()

    def _select(self) -> None:
        if self._noise is not None and self._viewpoint.selected is not None:
            self._draw()
        self._show()

    def _reconstruct_from(self, what: str) -> None:
        self._noise = None
        if what == DRAWN:
            self._draw()
        self._show()

    @cached_property
    def _generator(self) -> "np.random.Generator":
        return np.random.default_rng(0)  # not at the start: numpy.random takes long to import

    def _draw(self) -> None:
        self._noise = self._generator.standard_normal(self._viewpoint.slice.dimensions)

    def _show(self) -> None:
        digits, index = self._document.test, self._viewpoint.selected
        self.refusal.hide()
        self.index.blockSignals(True)
        self.index.setRange(-1, self._allowed_indices()[1])
        self.index.setValue(-1 if index is None else index)
        self.index.blockSignals(False)
        self.index.setEnabled(digits is not None)
        chosen = digits is not None and index is not None
        self.compare.setVisible(chosen)
        self.parts.setCurrentWidget(self.known if chosen else self.empty)
        if digits is None or index is None:
            self.name.clear()
            return
        self.name.setText(name_of(digits, index))
        self._show_pictures(digits, index)
        self._show_measures()

    def _show_pictures(self, images: EncodedImages, index: int) -> None:
        model = self._document.model
        if model is None:
            return
        original, mean = images.images[index], images.means[index]
        deviations = images.standard_deviations[index]
        z = mean if self._noise is None else mean + deviations * self._noise
        image = model.point_decoder.decode(z)
        self.original.show_levels(original)
        self.reconstruction.show_image(image)
        self.difference.show_image(0.5 + 0.5 * (original / 255.0 - image))
        self.step.show_posterior(self._viewpoint.slice, mean, deviations)
        what = "At the mean of" if self._noise is None else "At a draw of"
        self.where.setText(f"{what} {q_of_z(images.label)}, {whole_point_text(z, 3)}")

    def _show_measures(self) -> None:
        measures, index = self._document.measures, self._viewpoint.selected
        if measures is not None and index is not None:
            self.table.show_measures(measures, index)


def name_of(digits: EncodedImages, index: int) -> str:
    """The label of a digit, and what the model takes it for, where it has classes."""
    names = digits.class_names
    words = f"label {names[digits.labels[index]]}"
    if digits.taken_for is None:
        return words
    return f"{words}, taken for {names[digits.taken_for[index]]}"

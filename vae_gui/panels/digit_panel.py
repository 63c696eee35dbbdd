"""The chosen test digit: the image, its reconstruction, its measures."""

from functools import cached_property

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vae_gui.panels.point_text import point_text
from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.measures import MEASURES, Knowledge, Measurements
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import signed
from vae_gui.style.labels import label
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.digit_view import DigitView
from vae_gui.widgets.number_field import NumberField, whole_number

SIDE = 84  # 3 pixels for each of 28
EMPTY = (
    "None chosen yet. Double-click in the plane, press Enter, click one of the nearest digits, "
    "or type an index."
)
MEAN, DRAWN = "mean", "drawn"


class DigitPanel(QWidget):
    """Original, reconstruction and difference; the digit's measures and its rank in each."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._noise: Array | None = None  # None: reconstruct from the posterior's mean
        self.index = NumberField(self._read_index, self._allowed_indices)
        self.name = label("text", wrap=False)
        self.empty = label("caption", EMPTY)
        self.refusal = label("caption")
        self.original = DigitView("Original", SIDE)
        self.reconstruction = DigitView("Reconstruction", SIDE)
        self.difference = DigitView("Original minus reconstruction", SIDE, signed(True))
        self.from_what = ChoiceRow(
            "Reconstruct from",
            {
                MEAN: ("From the mean", "Decode the mean of q(z|x)"),
                DRAWN: ("From a draw", "Decode a z drawn from q(z|x); press again for another"),
            },
        )
        self.where = label("caption")
        self.values: dict[str, tuple[QLabel, QLabel]] = {}
        self.known = QWidget()
        self._set_up_index()
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

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        caption = label("caption", "index", wrap=False)
        caption.setBuddy(self.index)
        for part in (caption, self.index, self.name):
            row.addWidget(part)
        row.addStretch(1)
        inside = QVBoxLayout(self.known)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addLayout(self._pictures())
        inside.addWidget(self.from_what)
        inside.addWidget(self.where)
        inside.addLayout(self._table())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.refusal)
        layout.addWidget(self.empty)
        layout.addWidget(self.known)

    def _pictures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(0)
        captions = ("original", "reconstruction", "difference")
        views = (self.original, self.reconstruction, self.difference)
        tips = (
            "The grey image; the encoder saw it binarised once, seed 0",
            "The decoder's mean, from black (0) to white (1)",
            "Original minus reconstruction: red where the original has more ink (+1), blue where "
            "it has less (−1), black where they agree",
        )
        for column, (view, caption, tip) in enumerate(zip(views, captions, tips, strict=True)):
            side = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter)[min(column, 1)]
            side = Qt.AlignmentFlag.AlignRight if column == 2 else side
            grid.setColumnStretch(column, 1)
            view.setToolTip(tip)
            under = label("caption", caption, wrap=False)
            under.setFixedWidth(SIDE)
            under.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            grid.addWidget(view, 0, column, side)
            grid.addWidget(under, 1, column, side)
        return grid

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(10)
        grid.setColumnStretch(0, 1)
        right = Qt.AlignmentFlag.AlignRight
        grid.addWidget(label("caption", "nats", wrap=False), 0, 1, right)
        self.among = label("caption", wrap=False)
        grid.addWidget(self.among, 0, 2, right)
        for row, measure in enumerate(MEASURES.values(), start=1):
            unit = (
                "" if measure.unit == "nats" else f", in {measure.unit.removeprefix('units of ')}"
            )
            title = label("caption", measure.title + unit, wrap=False)
            pair = (label("text", wrap=False), label("caption", wrap=False))
            for part in (title, *pair):
                part.setToolTip(measure.tip)
            grid.addWidget(title, row, 0)
            grid.addWidget(pair[0], row, 1, right)
            grid.addWidget(pair[1], row, 2, right)
            self.values[measure.key] = pair
        return grid

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
        self.known.setVisible(chosen)
        self.empty.setVisible(not chosen)
        if digits is None or index is None:
            self.name.clear()
            return
        self.name.setText(f"label {digits.class_names[digits.labels[index]]}")
        self._show_pictures(digits, index)
        self._show_measures()

    def _show_pictures(self, images: EncodedImages, index: int) -> None:
        from model.latent.decoding import decode_point

        model = self._document.model
        if model is None:
            return
        original, mean = images.images[index], images.means[index]
        deviations = images.standard_deviations[index]
        z = mean if self._noise is None else mean + deviations * self._noise
        image = decode_point(model.checkpoint.vae, z)
        self.original.show_levels(original)
        self.reconstruction.show_image(image)
        self.difference.show_image(0.5 + 0.5 * (original / 255.0 - image))
        point = point_text(self._viewpoint.slice, z, 3)
        what = "At the mean of q(z|x)" if self._noise is None else "At a draw of q(z|x)"
        self.where.setText(f"{what}, {point}")

    def _show_measures(self) -> None:
        measures, index = self._document.measures, self._viewpoint.selected
        if measures is None or index is None:
            return
        self.among.setText(f"rank of {len(measures):,}")
        for key, (value, rank) in self.values.items():
            place = measures.rank_of(index, key)
            if place is None:
                value.setText("–")
                rank.setText(_why_unknown(measures, key, index))
                continue
            value.setText(MEASURES[key].text_of(measures[key].values[index]))
            complete = place[1] == len(measures)
            rank.setText(f"{place[0]:,}" if complete else f"{place[0]:,} of {place[1]:,}")
            rank.setToolTip(f"Rank 1 is the best. {MEASURES[key].tip}")


def _why_unknown(measures: Measurements, key: str, index: int) -> str:
    knowledge = measures.knowledge_of(key, index)
    if knowledge is Knowledge.NEVER:
        return measures.never[key]
    if knowledge is Knowledge.UNRESOLVED:
        return "not resolved"
    return "colour by it" if MEASURES[key].on_request else "not yet"

"""The measures of one image, each with its unit and its rank among all images."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from vae_gui.state.glossary import explained
from vae_gui.state.measures import MEASURES, Knowledge, Measurements
from vae_gui.style.labels import label

RANK = "rank (1 = best)"


class MeasureTable(QWidget):
    """A row for each measure: title and unit, value, rank."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: dict[str, tuple[QLabel, QLabel]] = {}
        self.titles: dict[str, QLabel] = {}
        self.heading = label("caption", RANK, wrap=False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(1)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.heading, 0, 0, 1, 3, Qt.AlignmentFlag.AlignRight)
        for key in MEASURES:
            self._add(key)

    def show_measures(self, measures: Measurements, index: int) -> None:
        """Show what is known of an image."""
        self.heading.setText(f"{RANK} of {len(measures):,}")
        self._name(measures.subject.model.label)
        for key, (value, rank) in self.values.items():
            is_said = not (MEASURES[key].is_silent_where_unavailable and key in measures.never)
            for part in (self.titles[key], value, rank):
                part.setVisible(is_said)
            place = measures.rank_of(index, key)
            if place is None:
                value.setText("–")
                rank.setText(_why_unknown(measures, key, index))
                continue
            value.setText(MEASURES[key].text_of(measures[key].values[index]))
            complete = place[1] == len(measures)
            rank.setText(f"{place[0]:,}" if complete else f"{place[0]:,} of {place[1]:,}")

    def _name(self, class_: int | None) -> None:
        """Write the titles, as those of a class where only one is shown."""
        for key, title in self.titles.items():
            measure = MEASURES[key]
            title.setText(f"{measure.title_given(class_)}, {measure.unit}")

    def _add(self, key: str) -> None:
        measure, row = MEASURES[key], self._grid.rowCount()
        words = f"{measure.title}, {measure.unit}"
        title = self.titles[key] = label("caption", words, wrap=False)
        value, rank = label("text", wrap=False), label("caption", wrap=False)
        self.values[key] = value, rank
        right = Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(value, row, 1, right)
        self._grid.addWidget(rank, row, 2, right)
        tip = explained(words, measure.tip)
        for part in (title, value):
            part.setToolTip(tip)
        best = "highest" if measure.high_is_good else "lowest"
        rank.setToolTip(explained("", f"Rank 1 is the digit with the {best} value."))


def _why_unknown(measures: Measurements, key: str, index: int) -> str:
    knowledge = measures.knowledge_of(key, index)
    if knowledge is Knowledge.NEVER:
        return measures.never[key]
    if knowledge is Knowledge.UNRESOLVED:
        return "not resolved"
    return "colour by it" if MEASURES[key].on_request else "not yet"

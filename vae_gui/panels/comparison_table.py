"""The numbers of two models side by side, over all test digits and of the chosen one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from vae_gui.state.comparison import Comparison
from vae_gui.state.document import Document
from vae_gui.state.glossary import explained
from vae_gui.state.measures import MEASURES, Knowledge
from vae_gui.state.measures.neighbour_accuracy import NEAREST
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, wrapped
from vae_gui.style.scales import with_minus

UNKNOWN = "–"
WIDEST = "−9999.99"  # that columns have room for from the start
TERMS = ("elbo", "reconstruction", "kl", "log_likelihood")
INTEGRATED = "log_likelihood"
HEADINGS = ("left", "right", "right − left")
SOURCE = (
    "Means over the {count:,} test images, binarised once with seed 0, in nats per image: the same "
    "for both models."
)
OTHER_SOURCES = (
    "Means over the test images of each model's own data set, binarised once with seed 0, in nats "
    "per image: they are of other images, and cannot be compared."
)


@dataclass(frozen=True)
class Fact:
    """A number that a model has as a whole, or waits for.

    Attributes:
        title: its name.
        tip: a sentence that explains it.
        value: of a document; None where it is not known.
        text: how a value is written.
    """

    title: str
    tip: str
    value: Callable[[Document], float | None]
    text: Callable[[float], str]


def mean_of(document: Document, key: str) -> float | None:
    """The mean of a measure over all test images that could be resolved; None: not measured yet."""
    measures = document.measures
    if measures is None or key in measures.never or not measures[key].is_complete:
        return None
    known = measures[key].values[~np.isnan(measures[key].values)]
    return float(known.mean()) if len(known) else None


def neighbours_of(document: Document) -> float | None:
    """The share of test images that agree with their neighbours, in %; None where it is not known.

    The training images beside a class's plane are those of that class alone: they say nothing.
    """
    found = document.neighbour_accuracy
    if found is None or document.label is not None:
        return None
    return 100.0 * found.right / found.count


def _measured(key: str) -> Fact:
    measure = MEASURES[key]
    title = f"{measure.title}, {measure.unit}"
    return Fact(title, measure.tip, lambda document: mean_of(document, key), measure.text_of)


MEASURED = tuple(_measured(key) for key in TERMS)
FACTS: Sequence[Fact] = (
    *MEASURED,
    Fact(
        f"{NEAREST} nearest agree, %",
        f"k-NN accuracy: the share of test images whose {NEAREST} nearest training images, by "
        "posterior means over all dimensions, mostly have their label.",
        neighbours_of,
        lambda value: with_minus(f"{value:.1f}"),
    ),
    Fact(
        "Latent dimensions",
        "How many numbers z has.",
        lambda document: None if document.model is None else document.model.latent_dim,
        lambda value: with_minus(f"{value:.0f}"),
    ),
    Fact(
        "Epochs",
        "How often the model has seen the training images.",
        lambda document: (
            document.model.checkpoint.epoch if document.model and document.model.is_read else None
        ),
        lambda value: with_minus(f"{value:.0f}"),
    ),
)


class ComparisonTable(QWidget):
    """A row for each number: left, right, their difference; beside them the chosen digit's own.

    Signals:
        integration_wanted: log p(x) is to be integrated for both models, which takes a minute.
    """

    integration_wanted = Signal()

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison = comparison
        self.cells: list[tuple[QLabel, QLabel, QLabel]] = []
        self.of_digit: list[tuple[QLabel, QLabel]] = []
        self.titles: list[QLabel] = []
        self.digit_heading = label("caption", wrap=False)
        self._digit_parts: list[QLabel] = [self.digit_heading]
        self.integrate = QPushButton("Integrate")
        self.integrate.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.integrate.setToolTip("Integrate log p(x) of all test digits: takes a minute, once")
        self.integrate.setMaximumHeight(self.integrate.fontMetrics().height() + 4)
        self.integrate.clicked.connect(self._integrate)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(1)
        self._grid.setHorizontalSpacing(14)
        self._lay_out()
        assert comparison.second is not None
        for viewpoint in (comparison.first, comparison.second):
            self._follow(viewpoint)
        comparison.changed.connect(self._show)
        self._show()

    def show_digit(self, shown: bool) -> None:
        """Show the numbers of the chosen digit, or leave them out."""
        for part in self._digit_parts:
            part.setVisible(shown)

    def _lay_out(self) -> None:
        right = Qt.AlignmentFlag.AlignRight
        for column, heading in enumerate((*HEADINGS, "left", "right"), start=1):
            part = label("caption", heading, wrap=False)
            self._grid.addWidget(part, 1, column, right)
            self._digit_parts += [part] if column > len(HEADINGS) else []
        middle = Qt.AlignmentFlag.AlignHCenter
        self._grid.addWidget(
            label("caption", "mean of all test digits", wrap=False), 0, 1, 1, 3, middle
        )
        self._grid.addWidget(self.digit_heading, 0, 4, 1, 2, middle)
        for row, fact in enumerate(FACTS, start=2):
            title = label("caption", fact.title, wrap=False)
            title.setToolTip(explained(fact.title, fact.tip))
            self._grid.addWidget(title, row, 0)
            self.titles.append(title)
            cells = tuple(label("text", wrap=False) for _ in range(3))
            own = tuple(label("caption", wrap=False) for _ in range(2))
            for column, cell in enumerate((*cells, *own), start=1):
                cell.setAlignment(right | Qt.AlignmentFlag.AlignVCenter)
                cell.setMinimumWidth(self.fontMetrics().horizontalAdvance(WIDEST))
                self._grid.addWidget(cell, row, column, right)
            self._digit_parts += own
            self.cells.append(cells)  # type: ignore[arg-type]
            self.of_digit.append(own)  # type: ignore[arg-type]
        row = 2 + TERMS.index(INTEGRATED)
        self._grid.addWidget(self.integrate, row, 3, right)
        self._grid.setRowMinimumHeight(row, self.integrate.maximumHeight())  # nothing moves

    def _follow(self, viewpoint: Viewpoint) -> None:
        document = viewpoint.document
        for signal in (
            document.measures_changed,
            document.neighbour_accuracy_changed,
            document.model_read,
            viewpoint.selection_changed,
        ):
            signal.connect(self._show)

    def _documents(self) -> tuple[Document, Document]:
        assert self._comparison.second is not None
        return self._comparison.first.document, self._comparison.second.document

    def _show(self) -> None:
        first, second = self._documents()
        self._name(first.label, second.label)
        for fact, (left, right, difference) in zip(FACTS, self.cells, strict=True):
            a, b = fact.value(first), fact.value(second)
            for cell, value in ((left, a), (right, b)):
                cell.setText(UNKNOWN if value is None else fact.text(value))
            known = a is not None and b is not None
            comparable = known and (fact not in MEASURED or self._comparison.shows_same)
            text = signed(fact.text(b - a)) if comparable else UNKNOWN  # type: ignore[operator]
            difference.setText(text)
        count = 0 if first.test is None else len(first.test)
        same = SOURCE.format(count=count) if self._comparison.shows_same else OTHER_SOURCES
        self.setToolTip(wrapped(same))
        self._offer_to_integrate()
        self._show_digit()

    def _name(self, left: int | None, right: int | None) -> None:
        """Say which class the measures are given, or which of the two models is given one."""
        for key, title in zip(TERMS, self.titles, strict=False):
            measure = MEASURES[key]
            if left == right:
                title.setText(f"{measure.title_given(left)}, {measure.unit}")
                continue
            sides = zip(HEADINGS, (left, right), strict=False)
            given = ", ".join(f"{side} y = {label}" for side, label in sides if label is not None)
            title.setText(f"{measure.title}, {measure.unit} ({given})")

    def _offer_to_integrate(self) -> None:
        """A button in place of the difference, while nobody has asked for the numbers yet."""
        wanted = any(
            document.measures is not None and document.measures.is_open(INTEGRATED)
            for document in self._documents()
        )
        self.integrate.setVisible(wanted)
        self.cells[TERMS.index(INTEGRATED)][2].setVisible(not wanted)
        if not wanted:
            self.integrate.setEnabled(True)
            self.integrate.setText("Integrate")

    def _integrate(self) -> None:
        self.integrate.setEnabled(False)
        self.integrate.setText("Integrating …")
        self.integration_wanted.emit()

    def _show_digit(self) -> None:
        index = self._comparison.first.selected
        self.digit_heading.setText("chosen digit" if index is None else f"digit {index:,}")
        for key, cells in zip(TERMS, self.of_digit, strict=False):
            for document, cell in zip(self._documents(), cells, strict=True):
                cell.setText(_of_digit(document, key, index))


def signed(text: str) -> str:
    """A difference as it is written: with its sign, unless it is written as zero."""
    size = text.lstrip("−")
    if not size.strip("0."):
        return size
    return text if text != size else f"+{text}"


def _of_digit(document: Document, key: str, index: int | None) -> str:
    measures = document.measures
    if index is None or measures is None or index >= len(measures):
        return UNKNOWN
    if measures.knowledge_of(key, index) is not Knowledge.KNOWN:
        return UNKNOWN
    return MEASURES[key].text_of(measures[key].values[index])

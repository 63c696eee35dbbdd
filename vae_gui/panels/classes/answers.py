"""q(y|x) of the chosen digit beside its exact p(y|x), as bars."""

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from vae_gui.jobs.class_answering import NO_DIGIT
from vae_gui.panels.evidence.label_bars import LabelBars
from vae_gui.state.class_answer import ClassAnswer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, wrapped

Q_TIP = "What the classifier q(y|x) says of the class of this digit, at once."
P_TIP = (
    "The exact posterior of the model: p(x|y), integrated over the plane of each class, over the "
    "sum of all ten. Nothing of the classifier is in it."
)


class Answers(QWidget):
    """Two rows of ten bars, and a sentence that compares them."""

    def __init__(
        self, viewpoint: Viewpoint, answer: ClassAnswer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._answer = answer
        self.said = label("text")
        self.q, self.p = LabelBars("q(y = {} | x)"), LabelBars("p(y = {} | x)")
        self.note = label("caption")
        self._lay_out()
        for signal in (viewpoint.selection_changed, self._document.test_changed, answer.changed):
            signal.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        rows = QGridLayout()
        rows.setHorizontalSpacing(10)
        rows.setVerticalSpacing(2)
        for row, (name, tip, bars) in enumerate(
            (("q(y|x)", Q_TIP, self.q), ("p(y|x)", P_TIP, self.p))
        ):
            title = label("caption", name, wrap=False)
            for part in (title, bars):
                part.setToolTip(wrapped(tip))
            bars.setAccessibleName(f"{name} of the chosen digit")
            rows.addWidget(title, row, 0)
            rows.addWidget(bars, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.said)
        layout.addLayout(rows)
        layout.addWidget(self.note)

    def _show(self) -> None:
        test, index, found = self._document.test, self._viewpoint.selected, self._answer.found
        q = None
        if test is not None and test.classified is not None and index is not None:
            q = test.classified[index].astype(float)
        names = None if test is None else test.class_names
        p = None
        if found is not None and found.unresolved is None and self._answer.index == index:
            p = found.probabilities
        self.q.show_labels(q, names)
        self.p.show_labels(p, names)
        if test is None or q is None or index is None or names is None:
            self.said.setText("Choose a digit: double-click in the plane, or click one below.")
        else:
            words = f"Test digit {index:,}, label {names[test.labels[index]]}"
            self.said.setText(f"{words}: q says {names[int(q.argmax())]}{_of_p(q, p, names)}.")
        unresolved = "" if found is None else found.unresolved or ""
        status = "" if self._answer.status == NO_DIGIT else self._answer.status  # said above
        self.note.setText(status or unresolved)
        self.note.setVisible(bool(self.note.text()))


def _of_p(q: object, p: object, names: tuple[str, ...]) -> str:
    """What p says, beside q."""
    import numpy as np

    if not isinstance(p, np.ndarray) or not isinstance(q, np.ndarray):
        return ""
    label_ = int(p.argmax())
    return ", and so does p" if label_ == int(q.argmax()) else f", p says {names[label_]}"

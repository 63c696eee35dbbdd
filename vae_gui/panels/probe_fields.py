"""The probe's coordinates in the plane, as fields that can be typed into."""

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.state.encoded import Array
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label
from vae_gui.style.scales import with_minus
from vae_gui.widgets.number_field import NumberField, real_number
from vae_gui.widgets.throttle import Throttle

DECIMALS = 6
LIMIT = 1e6  # of what is shown; how far one may go is the reach of the viewpoint
STEP = 0.05
AXES = (0, 1)  # of the plane


class ProbeFields(QWidget):
    """One field for each axis of the plane; arrow keys step by 0.05, Enter accepts typed text.

    A field takes as long to paint as everything else that follows the hand, so the fields follow a
    moving probe only twenty times a second.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._shown: Array | None = None
        row = QHBoxLayout()
        row.setSpacing(8)
        self.captions = tuple(label("caption", wrap=False) for _ in AXES)
        self.refusal = label("caption")
        self.refusal.hide()
        self.fields = tuple(self._make(place, row) for place in AXES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.refusal)
        self._throttle = Throttle(self._show, self)
        self._viewpoint.point_changed.connect(self._throttle.call)
        self._document.model_changed.connect(self._show)
        self._viewpoint.slice_changed.connect(self._name)
        self._name()
        self._show()

    def _make(self, place: int, row: QHBoxLayout) -> NumberField:
        field = NumberField(partial(self._read, place), self._allowed)
        field.setRange(-LIMIT, LIMIT)
        field.setDecimals(DECIMALS)
        field.setSingleStep(STEP)
        field.valueChanged.connect(lambda value: self._move(place, value))
        field.refused.connect(self._refuse)
        field.lineEdit().textEdited.connect(self.refusal.hide)
        self.captions[place].setBuddy(field)
        row.addWidget(self.captions[place])
        row.addWidget(field, 1)
        return field

    def _name(self) -> None:
        """Name the fields for the dimensions that the plane shows."""
        shown = self._viewpoint.slice.shown
        for place, (caption, field) in enumerate(zip(self.captions, self.fields, strict=True)):
            name = f"z{shown[place] + 1}" if place < len(shown) else "z2"
            caption.setText(name)
            field.setAccessibleName(f"{name} of the probe")
            field.setToolTip(f"{name} of the probe: type a number, then Enter; Escape to leave it")

    def _read(self, place: int, text: str) -> float:
        value, (low, high) = real_number(text), self._allowed()
        if low <= value <= high:
            return value
        name = self.captions[place].text()
        ends = " to ".join(with_minus(f"{end:.4g}") for end in (low, high))
        raise ValueError(f"{text.strip()} is out of reach: {name} goes from {ends}.")

    def _allowed(self) -> tuple[float, float]:
        return -self._viewpoint.reach, self._viewpoint.reach

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.show()

    def _move(self, place: int, value: float) -> None:
        z = self._viewpoint.probe.copy()
        z[self._viewpoint.slice.shown[place]] = value
        self._shown = None  # it shows what was typed, not the probe: an undo must update it
        self._viewpoint.set_probe(z)

    def _show(self) -> None:
        probe = self._viewpoint.probe
        if probe is self._shown:  # only the peek moved: do not overwrite what is being typed
            return
        self._shown = probe
        self.refusal.hide()
        shown = self._viewpoint.slice.along(probe)
        for place, field in enumerate(self.fields):
            field.setEnabled(place < len(shown))
            value = float(shown[place]) if place < len(shown) else 0.0
            field.blockSignals(True)  # showing the probe must not round it
            field.setValue(value)
            field.blockSignals(False)

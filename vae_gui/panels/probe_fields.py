"""The probe's coordinates in the plane, as fields that can be typed into."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

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
_ROLE = QPalette.ColorRole


class ProbeFields(QWidget):
    """One field for each axis of the plane; arrow keys step by 0.05, Enter accepts typed text.

    While one hovers over the plane, they show the point under the cursor, muted. A field that takes
    the keyboard ends that: what is typed is of the probe.

    A field takes as long to paint as everything else that follows the hand, so the fields follow a
    moving point only twenty times a second.

    Signals:
        followed: they show the point that is decoded now, or would, if nobody typed in them.
    """

    followed = Signal()

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._shown: Array | None = None
        self._probe: Array | None = None  # that of the time when they were last shown
        self._peeks = False
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.captions = tuple(label("caption", wrap=False) for _ in AXES)
        self.refusal = label("caption")
        self.refusal.hide()
        self.fields = tuple(self._make(place) for place in AXES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._grid)
        layout.addWidget(self.refusal)
        self._throttle = Throttle(self._follow, self)
        self._viewpoint.reading_changed.connect(self._throttle.call)
        self._viewpoint.point_changed.connect(self._follow_without_model)
        self._document.model_changed.connect(self._show)
        self._viewpoint.slice_changed.connect(self._name)
        self._name()
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A field that takes the keyboard shows the probe."""
        if event.type() is QEvent.Type.FocusIn and self._viewpoint.peek is not None:
            self._viewpoint.set_peek(None)
            self._show_point(self._viewpoint.probe, False)
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._mute(self._peeks)

    def _make(self, place: int) -> NumberField:
        field = NumberField(partial(self._read, place), self._allowed)
        field.setRange(-LIMIT, LIMIT)
        field.setDecimals(DECIMALS)
        field.setSingleStep(STEP)
        field.valueChanged.connect(lambda value: self._move(place, value))
        field.refused.connect(self._refuse)
        field.lineEdit().textEdited.connect(self.refusal.hide)
        self.captions[place].setBuddy(field)
        field.installEventFilter(self)
        self._grid.addWidget(self.captions[place], place, 0)
        self._grid.addWidget(field, place, 1)
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
        """Move the probe to the point that the fields show, with another coordinate."""
        z = self._viewpoint.point.copy()
        z[self._viewpoint.slice.shown[place]] = value
        self._shown = self._probe = None  # they show what was typed: an undo must update them
        self._viewpoint.set_probe(z)

    def _follow_without_model(self) -> None:
        if self._document.model is None:
            self._throttle.call()

    def _follow(self) -> None:
        self._show()
        self.followed.emit()

    def _show(self) -> None:
        reading, probe = self._viewpoint.reading, self._viewpoint.probe
        if reading is None:
            point, peeks = probe, False
        else:
            point, peeks = reading.z, reading.is_peek
        is_typed_in = any(f.hasFocus() and f.lineEdit().isModified() for f in self.fields)
        if point is self._shown or (is_typed_in and probe is self._probe):
            return
        self._show_point(point, peeks)

    def _show_point(self, point: Array, peeks: bool) -> None:
        if self._viewpoint.probe is not self._probe:
            self.refusal.hide()
        self._shown, self._probe = point, self._viewpoint.probe
        if peeks != self._peeks:
            self._mute(peeks)
        shown = self._viewpoint.slice.along(point)
        for place, field in enumerate(self.fields):
            field.setEnabled(place < len(shown))
            value = float(shown[place]) if place < len(shown) else 0.0
            field.blockSignals(True)  # showing the point must not round the probe
            field.setValue(value)
            field.blockSignals(False)

    def _mute(self, muted: bool) -> None:
        self._peeks = muted
        palette = self.palette()
        if muted:
            palette.setColor(_ROLE.Text, palette.color(_ROLE.PlaceholderText))
        for field in self.fields:
            field.setPalette(palette)

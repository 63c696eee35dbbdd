"""z1 and z2 of the probe, as fields that can be typed into."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from vae_gui.state.session import Array, Session
from vae_gui.style.labels import label
from vae_gui.widgets.throttle import Throttle

DECIMALS = 6
LIMIT = 1e6
STEP = 0.05


class ProbeFields(QWidget):
    """One field a coordinate of the plane; arrows step by 0.05, Enter takes what was typed.

    A field costs as much to paint as all that must follow the hand: while the probe moves without
    rest, they follow twenty times a second.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Array | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.fields = tuple(self._make(axis, layout) for axis in (0, 1))
        self._throttle = Throttle(self._show, self)
        session.point_changed.connect(self._throttle.call)
        session.model_changed.connect(self._show)
        self._show()

    def _make(self, axis: int, layout: QHBoxLayout) -> QDoubleSpinBox:
        name = f"z{axis + 1}"
        caption = label("caption", name, wrap=False)
        field = QDoubleSpinBox()
        field.setLocale(QLocale.c())  # a point is a point, whatever the system's language
        field.setRange(-LIMIT, LIMIT)
        field.setDecimals(DECIMALS)
        field.setSingleStep(STEP)
        field.setKeyboardTracking(False)
        field.setAccessibleName(f"{name} of the probe")
        field.setToolTip(f"{name} of the probe: type a number, then Enter")
        field.valueChanged.connect(lambda value: self._move(axis, value))
        caption.setBuddy(field)
        layout.addWidget(caption)
        layout.addWidget(field, 1)
        return field

    def _move(self, axis: int, value: float) -> None:
        z = self._session.probe.copy()
        z[axis] = value
        self._shown = None  # a field shows what was typed, which may be undone before it is shown
        self._session.set_probe(z)

    def _show(self) -> None:
        probe = self._session.probe
        if probe is self._shown:  # a peek moved: what is being typed must not be lost
            return
        self._shown = probe
        for axis, field in enumerate(self.fields):
            field.setEnabled(axis < len(probe))
            value = probe[axis] if axis < len(probe) else 0.0
            field.blockSignals(True)  # showing the probe must not round it
            field.setValue(value)
            field.blockSignals(False)

"""The test digit that lies nearest to what is decoded."""

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_gui.digit_view import DigitView
from vae_gui.labels import label
from vae_gui.readout import Readout
from vae_gui.session import Session

THUMBNAIL_SIDE = 84  # 3 pixels for each of 28


class NearestPanel(QWidget):
    """Image, index, label and distance of the nearest test digit, and a button to go there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: int | None = None
        self.image = DigitView("Nearest test digit", THUMBNAIL_SIDE)
        self.index = Readout("text")
        self.class_name = Readout("text")
        self.distance = Readout("text")
        self.go = QPushButton("Move the probe there")
        self.go.setToolTip("Move the probe to this digit's posterior mean (Enter in the plane)")
        self.go.clicked.connect(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(8)
        self.heading = label("section")
        layout.addWidget(self.heading)
        layout.addLayout(self._row())
        layout.addWidget(self.go)
        session.reading_changed.connect(self._show)
        session.digits_changed.connect(self._show)
        self._show()

    def _row(self) -> QHBoxLayout:
        facts = QVBoxLayout()
        facts.setSpacing(4)
        facts.addStretch(1)
        for fact in (self.index, self.class_name, self.distance):
            facts.addWidget(fact)
        facts.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.image)
        row.addLayout(facts, 1)
        return row

    def _show(self) -> None:
        reading, digits = self._session.reading, self._session.digits
        nearest = reading.nearest if reading else None
        self.go.setEnabled(nearest is not None and digits is not None)
        more = self._session.plane.dimensions > 2
        self.heading.setText("Nearest test digit in z1 and z2" if more else "Nearest test digit")
        if nearest is None or digits is None:
            self._clear()
            return
        self.distance.setText(f"distance {nearest.distance:.4f}{self._over()}")
        if nearest.index != self._shown:
            self._shown = nearest.index
            self.image.show_levels(digits.images[nearest.index])
            self.index.setText(f"index {nearest.index:,}")
            self.class_name.setText(f"label {digits.class_names[digits.labels[nearest.index]]}")

    def _over(self) -> str:
        """Which distance it is, where the plane does not show it."""
        dimensions = self._session.plane.dimensions
        return f", over all {dimensions} z" if dimensions > 2 else ""

    def _clear(self) -> None:
        self._shown = None
        self.image.clear()
        self.index.setText("not encoded yet")
        self.class_name.setText("")
        self.distance.setText("")

    def _go(self) -> None:
        if self._session.reading is not None and self._session.reading.nearest is not None:
            self._session.select(self._session.reading.nearest.index)

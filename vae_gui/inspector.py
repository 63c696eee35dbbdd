"""The panel beside the plane: what is decoded, where, what lies near, and of which model."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from vae_gui.digit_view import DigitView
from vae_gui.labels import rule
from vae_gui.model_panel import ModelPanel
from vae_gui.nearest_panel import NearestPanel
from vae_gui.probe_fields import ProbeFields
from vae_gui.readout import Readout
from vae_gui.session import Session

DIGIT_SIDE = 308  # 11 pixels for each of 28
MARGIN = 16


class Inspector(QScrollArea):
    """The decoded digit, large, and under it all that is known of it. Scrolls on a low screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.digit = DigitView("Decoded digit", DIGIT_SIDE)
        self.what = Readout("title")
        self.where = Readout("caption")
        self.fields = ProbeFields(session)
        self.nearest = NearestPanel(session)
        self.model = ModelPanel(session)
        content = QWidget()
        # Where a scroll bar is needed, it lies over the right margin, not over the digit.
        content.setFixedWidth(DIGIT_SIDE + 2 * MARGIN)
        self.setFixedWidth(DIGIT_SIDE + 2 * MARGIN)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(8)
        parts = (self.digit, self.what, self.where, self.fields)
        for part in (*parts, rule(), self.nearest, rule(), self.model):
            layout.addWidget(part)
        layout.addStretch(1)
        session.reading_changed.connect(self._show)
        session.model_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        reading = self._session.reading
        if reading is None:
            self.digit.clear()
            self.what.setText("No digit yet")
            self.where.setText("A model is needed to decode one.")
            return
        self.digit.show_image(reading.image)
        self.what.setText("Under the cursor" if reading.is_peek else "At the probe")
        self.where.setText(f"Decoder's mean at z = {format_point(reading.z)}")


def format_point(z: object) -> str:
    """A latent point (D,) to six decimals; of more than two dimensions, the first two."""
    values = [f"{value:.6f}".replace("-", "−") for value in z]  # type: ignore[attr-defined]
    rest = ", …" if len(values) > 2 else ""
    return f"({', '.join(values[:2])}{rest})"

"""The decoded digit, large, and facts about its point."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.panels.decoded_as import DecodedAs, Drawing
from vae_gui.panels.density_readout import DensityReadout
from vae_gui.panels.point_text import point_text
from vae_gui.panels.probe_fields import DECIMALS, ProbeFields
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.digit_view import DigitView
from vae_gui.widgets.readout import Readout
from vae_gui.widgets.throttle import Throttle

DIGIT_SIDE = 224  # 8 pixels for each of 28
CHOICES = {
    DecodedAs.MEAN: ("Mean", "Each pixel's probability to be on, as a grey value"),
    DecodedAs.SAMPLE: ("Sample", "Each pixel drawn, on or off; press again for another draw"),
    DecodedAs.THRESHOLD: ("Threshold", "On where that is likelier than off"),
}


class ProbePanel(QWidget):
    """The digit decoded under the cursor, or at the probe."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._drawing = Drawing()
        self.digit = DigitView("Decoded digit", DIGIT_SIDE)
        self.what = Readout("title")
        self.where = Readout("caption")
        self.decoded_as = ChoiceRow(
            "Show the decoder's answer as", {str(k): v for k, v in CHOICES.items()}
        )
        self.fields = ProbeFields(viewpoint)
        self.density = DensityReadout(viewpoint)
        row = QHBoxLayout()
        row.addWidget(self.digit, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.what)
        layout.addLayout(row)
        for part in (self.decoded_as, self.where, self.fields, self.density):
            layout.addWidget(part)
        self._throttle = Throttle(self._say_where, self)
        self.decoded_as.chosen.connect(self._look_otherwise)
        self._viewpoint.reading_changed.connect(self._show)
        self._viewpoint.reading_changed.connect(self._throttle.call)
        self._document.model_changed.connect(self._show_all)
        self._show_all()

    def _look_otherwise(self, key: str) -> None:
        chosen = DecodedAs(key)
        if chosen is DecodedAs.SAMPLE and self._drawing.decoded_as is chosen:
            self._drawing.draw_anew()
        self._drawing.decoded_as = chosen
        self._show_all()

    def _show_all(self) -> None:
        self._show()
        self._say_where()

    def _show(self) -> None:
        """Show the digit, at each move of the hand."""
        reading = self._viewpoint.reading
        if reading is None:
            self.what.setText("No digit yet")
            self.digit.clear()
        else:
            self.what.setText("Under the cursor" if reading.is_peek else "At the probe")
            self.digit.show_image(self._drawing.picture(reading.image))

    def _say_where(self) -> None:
        reading = self._viewpoint.reading
        if reading is None:
            self.where.setText("A model is needed to decode one.")
        else:
            sentence = self._drawing.decoded_as.sentence
            point = point_text(self._viewpoint.slice, reading.z, DECIMALS)
            self.where.setText(f"{sentence} at z = {point}")

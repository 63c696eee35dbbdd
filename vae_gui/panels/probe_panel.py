"""The decoded digit, large, and facts about its point."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.panels.decoded_as import DecodedAs, Drawing
from vae_gui.panels.density_readout import DensityReadout
from vae_gui.panels.glyphs import glyph_of, paint_cursor
from vae_gui.panels.point_text import point_text
from vae_gui.panels.probe_fields import DECIMALS, ProbeFields
from vae_gui.plane.marks import PROBE
from vae_gui.state.class_words import p_of_x
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.digit_room import LEAST, DigitRoom, side_in
from vae_gui.widgets.digit_view import SIDE, DigitView
from vae_gui.widgets.glyph import Glyph
from vae_gui.widgets.readout import Readout

PROBE_GLYPH = glyph_of(PROBE)
SPACING = 6
GAP = 8  # between the digit and the facts
FACTS_WIDTH = 144  # beside the digit, in pixels
_DOWN, _ACROSS = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
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
        self.drawing = Drawing()
        self.digit = DigitView("Decoded digit", LEAST * SIDE)
        self.room = DigitRoom(self.digit)
        self.glyph = Glyph(PROBE_GLYPH)
        self.what = Readout("title")
        self.where = Readout("caption")
        self.decoded_as = ChoiceRow(
            "Show the decoder's answer as", {str(k): v for k, v in CHOICES.items()}
        )
        self.fields = ProbeFields(viewpoint)
        self.density = DensityReadout(viewpoint)
        self._facts = QWidget()
        self._lay_out()
        self.decoded_as.chosen.connect(self._look_otherwise)
        self._viewpoint.reading_changed.connect(self._show)
        self._viewpoint.slice_changed.connect(self._make_room_for_the_point)
        self.fields.followed.connect(self._say_where)
        self._document.model_changed.connect(self._show_all)
        self._make_room_for_the_point()
        self._show_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the facts where they leave more room to the digit: beside it, or below it."""
        super().resizeEvent(event)
        self._arrange()

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(4)
        title.addWidget(self.glyph)
        title.addWidget(self.what, 1)
        self._inner = QBoxLayout(_DOWN, self._facts)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.addWidget(self.fields, 2, Qt.AlignmentFlag.AlignTop)
        self._inner.addWidget(self.density, 3, Qt.AlignmentFlag.AlignTop)
        self._inner.addStretch(1)
        self._outer = QBoxLayout(_ACROSS)
        self._outer.setSpacing(GAP)
        self._outer.addWidget(self.room, 1)
        self._outer.addWidget(self._facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addLayout(title)
        layout.addLayout(self._outer, 1)
        for part in (self.decoded_as, self.where, self.density.warning):
            layout.addWidget(part)
        self._arrange()

    def _arrange(self) -> None:
        width, beside = self.width(), self._width_beside()
        others = (self.glyph, self.decoded_as, self.where, self.density.warning)
        height = self.height() - sum(part.sizeHint().height() + SPACING for part in others)
        below = max(self.fields.sizeHint().height(), self.density.sizeHint().height())
        side_beside = side_in(width - beside - GAP, height)
        is_below = side_in(width, height - below - GAP) > side_beside
        self._outer.setDirection(_DOWN if is_below else _ACROSS)
        self._inner.setDirection(_ACROSS if is_below else _DOWN)
        self._inner.setSpacing(2 * GAP if is_below else SPACING)
        middle, left = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignLeft
        self.room.align(middle if is_below else left)
        self._facts.setMinimumWidth(0 if is_below else beside)
        for part, share in ((0, side_beside), (1, max(beside, width - side_beside - GAP))):
            self._outer.setStretch(part, 1 - part if is_below else share)

    def _width_beside(self) -> int:
        """How wide the facts are beside the digit: a third of the whole sentence on |z|."""
        return max(FACTS_WIDTH, self.fontMetrics().horizontalAdvance("p(z) = 9.99 per unit²²²"))

    def _make_room_for_the_point(self) -> None:
        self.where.set_lines(3 if self._viewpoint.slice.is_cut else 1)

    def _look_otherwise(self, key: str) -> None:
        chosen = DecodedAs(key)
        if chosen is DecodedAs.SAMPLE and self.drawing.decoded_as is chosen:
            self.drawing.draw_anew()
        self.drawing.decoded_as = chosen
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
            self.glyph.show_glyph(paint_cursor if reading.is_peek else PROBE_GLYPH)
            self.digit.show_image(self.drawing.picture(reading.image))

    def _say_where(self) -> None:
        """Say what is shown of which point, in the same moment as the fields."""
        reading, slice_ = self._viewpoint.reading, self._viewpoint.slice
        if reading is None:
            self.where.setText("A model is needed to decode one.")
            return
        sentence = self.drawing.decoded_as.sentence(p_of_x(self._document.label))
        point = point_text(slice_, reading.z, DECIMALS)
        point, rest = (point, f"; {slice_.fixed()}") if slice_.is_cut else (f"z = {point}", "")
        self.where.setText(f"{sentence} at {point}{rest}")

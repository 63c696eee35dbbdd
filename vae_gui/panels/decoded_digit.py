"""The decoded digit of a viewpoint without a panel of its own, for a view that floats over it."""

from PySide6.QtWidgets import QWidget

from vae_gui.panels.decoded_as import Drawing
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.widgets.digit_view import SIDE, DigitView


class DecodedDigit(DigitView):
    """Shows a viewpoint's reading, drawn as another panel draws its own. It may stay hidden."""

    def __init__(
        self, viewpoint: Viewpoint, drawing: Drawing, parent: QWidget | None = None
    ) -> None:
        """Follow a viewpoint; `drawing` says how p(x|z) becomes a picture."""
        super().__init__("Decoded digit of the second model", SIDE, parent=parent)
        self._viewpoint = viewpoint
        self._drawing = drawing
        viewpoint.reading_changed.connect(self.draw_anew)
        viewpoint.document.model_changed.connect(self.draw_anew)
        self.hide()

    def draw_anew(self) -> None:
        """Show the reading as it is to be drawn now."""
        reading = self._viewpoint.reading
        if reading is None:
            self.clear()
        else:
            self.show_image(self._drawing.picture(reading.image))

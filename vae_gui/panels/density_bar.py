"""The colours of the density layer: a bar centred on zero, on one line of the panel."""

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import signed
from vae_gui.style.palette import DARK
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

BAR_HEIGHT = 9.0
GAP = 5.0  # between the bar and the numbers at its ends


class DensityBar(QWidget):
    """Colours from the lowest value to the highest, between the two; hidden without its layer.

    It has the layer's opacity and background, so its colours are those in the plane.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the density minus the prior, per unit area")
        for signal in (
            self._appearance.layers_changed,
            self._document.training_changed,
            self._viewpoint.slice_changed,
        ):
            signal.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        return QSize(120, self.fontMetrics().height())

    def column_of(self, value: float) -> float:
        """Where a value lies, in pixels from the left edge."""
        bar = self._bar()
        return bar.left() + SCALE.fraction_of(value) * bar.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, a tick at zero, and the numbers at both ends."""
        painter, bar = QPainter(self), self._bar()
        role = QPalette.ColorRole
        painter.fillRect(bar, self.palette().color(role.Light))
        painter.setOpacity(self._opacity)
        table = signed(theme_of(self.palette()) is DARK)
        painter.drawImage(bar, image_of(table[None], opaque=True))
        painter.setOpacity(1.0)
        painter.setPen(self.palette().color(role.PlaceholderText))
        zero = self.column_of(0.0)
        for top in (bar.top() - 2.0, bar.bottom()):
            painter.drawLine(QLineF(zero, top, zero, top + 2.0))
        sides = ((SCALE.low, Qt.AlignmentFlag.AlignLeft), (SCALE.high, Qt.AlignmentFlag.AlignRight))
        for value, side in sides:
            painter.drawText(self.rect(), side | Qt.AlignmentFlag.AlignVCenter, _end(value))

    def _bar(self) -> QRectF:
        metrics = self.fontMetrics()
        left, right = (
            metrics.horizontalAdvance(_end(value)) + GAP for value in (SCALE.low, SCALE.high)
        )
        top = round((self.height() - BAR_HEIGHT) / 2.0)
        return QRectF(left, top, max(0.0, self.width() - left - right), BAR_HEIGHT)

    def _show(self) -> None:
        key, has_data = DensityDifferenceLayer.key, self._document.training is not None
        shown = has_data and self._appearance.is_shown(key)
        self.setVisible(shown and self._viewpoint.slice.dimensions > 1)
        if shown and self._opacity != self._appearance.layers[key].opacity:
            self._opacity = self._appearance.layers[key].opacity
            self.update()


def _end(value: float) -> str:
    return f"{'+' if value > 0.0 else ''}{SCALE.text_of(value)}"

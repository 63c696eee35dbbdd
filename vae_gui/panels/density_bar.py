"""The colours of the density layer: a bar centred on zero."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import signed
from vae_gui.style.labels import label
from vae_gui.style.palette import DARK
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

BAR_HEIGHT = 12.0
PAD = 14.0  # to the left and right, for half a number
GAP = 3.0


class DensityBar(QWidget):
    """Title, bar and unit; hidden while the layer is not shown."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.bar = SignedBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(label("section", DensityDifferenceLayer.title, wrap=False))
        layout.addWidget(self.bar)
        layout.addWidget(label("caption", "per unit area of the plane; beyond ±0.2, as at ±0.2"))
        self.setToolTip(DensityDifferenceLayer.tip)
        for signal in (
            self._appearance.layers_changed,
            self._document.training_changed,
            self._viewpoint.slice_changed,
        ):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        key, has_data = DensityDifferenceLayer.key, self._document.training is not None
        shown = has_data and self._appearance.is_shown(key)
        self.setVisible(shown and self._viewpoint.slice.dimensions > 1)
        if shown:
            self.bar.set_opacity(self._appearance.layers[key].opacity)


class SignedBar(QWidget):
    """Colours from the lowest value to the highest, with ticks under them.

    It has the layer's opacity and background, so its colours are those in the plane.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the density minus the prior, per unit area")

    def set_opacity(self, opacity: float) -> None:
        """Set the layer's opacity, from 0 to 1."""
        if opacity != self._opacity:
            self._opacity = opacity
            self.update()

    def sizeHint(self) -> QSize:
        """As high as its bar and a line of numbers."""
        return QSize(120, round(BAR_HEIGHT + GAP) + self.fontMetrics().height())

    def column_of(self, value: float) -> float:
        """Where a value lies, in pixels from the left edge."""
        part = (value - SCALE.low) / (SCALE.high - SCALE.low)
        return PAD + part * (self.width() - 2.0 * PAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and its ticks."""
        painter = QPainter(self)
        role = QPalette.ColorRole
        bar = QRectF(PAD, 0.0, self.width() - 2.0 * PAD, BAR_HEIGHT)
        painter.fillRect(bar, self.palette().color(role.Light))
        painter.setOpacity(self._opacity)
        table = signed(theme_of(self.palette()) is DARK)
        painter.drawImage(bar, image_of(table[None], opaque=True))
        painter.setOpacity(1.0)
        painter.setPen(self.palette().color(role.PlaceholderText))
        for tick in SCALE.ticks:
            x = self.column_of(tick)
            painter.drawLine(QPointF(x, BAR_HEIGHT), QPointF(x, BAR_HEIGHT + GAP))
        for tick in SCALE.ticks[::2]:  # there is no room for each
            x = self.column_of(tick)
            box = QRectF(x - PAD, BAR_HEIGHT + GAP, 2.0 * PAD, self.height() - BAR_HEIGHT - GAP)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, SCALE.text_of(tick))

"""The colours of a layer: a bar between two numbers, on one line of the panel."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.plane.layers import density_difference, magnification
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import filled, signed
from vae_gui.style.palette import DARK, Theme
from vae_gui.style.pixels import image_of
from vae_gui.style.scales import Scale
from vae_gui.style.theme import theme_of

BAR_HEIGHT = 9.0
GAP = 5.0  # between the bar and the numbers at its ends


@dataclass(frozen=True)
class LayerColours:
    """What the colours of a layer mean.

    Attributes:
        key: of the layer.
        name: the quantity and its unit, for a screen reader.
        scale: what the ends of the colours stand for.
        table: the colours in a theme, (K,) 0xffRRGGBB.
        ticks: the values that have a tick.
        is_signed: whether numbers above zero have a plus sign.
        unit: what stands at the end of the line.
    """

    key: str
    name: str
    scale: Scale
    table: Callable[[Theme], NDArray[np.uint32]]
    ticks: tuple[float, ...]
    is_signed: bool = False
    unit: str = ""

    def end(self, value: float) -> str:
        """The text of an end."""
        return f"{'+' if self.is_signed and value > 0.0 else ''}{self.scale.text_of(value)}"


class LineBar(QWidget):
    """Colours from the lowest value to the highest, between the two; hidden without its layer.

    It has the layer's opacity and background, so its colours are those in the plane.
    """

    def __init__(
        self,
        viewpoint: Viewpoint,
        colours: LayerColours,
        can_be_drawn: Callable[[], bool],
        parent: QWidget | None = None,
    ) -> None:
        """Make the bar of a layer; it asks `can_be_drawn` when model, images or slice change."""
        super().__init__(parent)
        self._colours = colours
        self._can_be_drawn = can_be_drawn
        self._appearance = viewpoint.appearance
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Colours of {colours.name}")
        for signal in (
            self._appearance.layers_changed,
            viewpoint.document.model_changed,
            viewpoint.document.training_changed,
            viewpoint.slice_changed,
        ):
            signal.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        return QSize(120, self.fontMetrics().height())

    def column_of(self, value: float) -> float:
        """Where a value lies, in pixels from the left edge."""
        bar = self._bar()
        return bar.left() + self._colours.scale.fraction_of(value) * bar.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, its ticks, and the numbers at both ends."""
        painter, bar, colours = QPainter(self), self._bar(), self._colours
        role = QPalette.ColorRole
        painter.fillRect(bar, self.palette().color(role.Light))
        painter.setOpacity(self._opacity)
        table = colours.table(theme_of(self.palette()))
        painter.drawImage(bar, image_of(table[None], opaque=True))
        painter.setOpacity(1.0)
        painter.setPen(self.palette().color(role.PlaceholderText))
        for place in map(self.column_of, colours.ticks):
            for top in (bar.top() - 2.0, bar.bottom()):
                painter.drawLine(QLineF(place, top, place, top + 2.0))
        line, upright = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, upright | Qt.AlignmentFlag.AlignLeft, colours.end(colours.scale.low))
        line.setLeft(bar.right() + GAP)
        painter.drawText(line, upright | Qt.AlignmentFlag.AlignLeft, self._after())

    def _after(self) -> str:
        """What stands at the right of the bar: its high end, and the unit."""
        return f"{self._colours.end(self._colours.scale.high)}  {self._colours.unit}".rstrip()

    def _bar(self) -> QRectF:
        metrics = self.fontMetrics()
        left, right = (
            metrics.horizontalAdvance(text) + GAP
            for text in (self._colours.end(self._colours.scale.low), self._after())
        )
        top = round((self.height() - BAR_HEIGHT) / 2.0)
        return QRectF(left, top, max(0.0, self.width() - left - right), BAR_HEIGHT)

    def _show(self) -> None:
        key = self._colours.key
        shown = self._appearance.is_shown(key) and self._can_be_drawn()
        self.setVisible(shown)
        if shown and self._opacity != self._appearance.layers[key].opacity:
            self._opacity = self._appearance.layers[key].opacity
            self.update()


def density_bar(viewpoint: Viewpoint) -> LineBar:
    """The bar of the aggregate posterior minus the prior, centred on zero."""
    colours = LayerColours(
        density_difference.DensityDifferenceLayer.key,
        "the density minus the prior, per unit area",
        density_difference.SCALE,
        lambda theme: signed(theme is DARK),
        (0.0,),
        is_signed=True,
    )
    document = viewpoint.document
    return LineBar(
        viewpoint,
        colours,
        lambda: document.training is not None and viewpoint.slice.dimensions > 1,
    )


def magnification_bar(viewpoint: Viewpoint) -> LineBar:
    """The bar of the magnification, with its unit."""
    colours = LayerColours(
        magnification.MagnificationLayer.key,
        f"the magnification, {magnification.UNIT}, Fisher area per unit area of z",
        magnification.SCALE,
        lambda _: filled(),
        magnification.SCALE.ticks,
        unit=magnification.UNIT,
    )
    document = viewpoint.document
    return LineBar(
        viewpoint,
        colours,
        lambda: document.model is not None and viewpoint.slice.dimensions > 1,
    )

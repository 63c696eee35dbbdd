"""How far q(z|x) reaches, of the images under the hand: ellipses, in data units."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.plane.layers.layer import PaintedLayer, within
from vae_gui.plane.layers.posterior_ellipses import SIGMAS, TIP
from vae_gui.plane.marks import HALO_WIDTH, LINE_WIDTH, Mark
from vae_gui.plane.viewport import View
from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.slice import Slice
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme


@dataclass(frozen=True)
class Ellipses:
    """Where q(z|x) has 39 % of its mass, and 86 %: one and two standard deviations.

    Attributes:
        standard_deviations: along the axes of the plane, in units of z.
    """

    standard_deviations: tuple[float, float]

    def bounds(self, centre: QPointF, per_unit: float) -> QRect:
        """The pixels that they cover."""
        x, y = (
            SIGMAS[-1] * per_unit * deviation + HALO_WIDTH for deviation in self.standard_deviations
        )
        corner = QPointF(x, y)
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, per_unit: float, theme: Theme) -> None:
        """Draw both, the inner one solid."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.surface, HALO_WIDTH), (theme.accent, LINE_WIDTH)):
            for sigmas in SIGMAS:
                painter.setPen(QPen(QColor(colour), width / sigmas))
                x, y = (sigmas * per_unit * deviation for deviation in self.standard_deviations)
                painter.drawEllipse(centre, x, y)


class PosteriorEllipsesLayer(PaintedLayer):
    """The ellipses of the image under the hand and of the chosen one. They move with the hand."""

    key = "ellipses"
    title = "Ellipses of q(z|x)"
    tip = f"Of the chosen digit, and of the one nearest to the cursor or the probe: {TIP}"
    shortcut = "E"

    def source(self, viewpoint: Viewpoint) -> str:
        """The images whose ellipses these are."""
        if viewpoint.document.test is None:
            return ""
        return f"chosen and nearest test digit{within(viewpoint.slice)}"

    def brief(self, viewpoint: Viewpoint) -> str:
        """The images in a few words."""
        return "" if viewpoint.document.test is None else "chosen and nearest digit"

    def paint(self, painter: QPainter, viewpoint: Viewpoint, view: View, theme: Theme) -> None:
        """Nothing: all of it moves with the hand."""

    def marks(self, viewpoint: Viewpoint) -> list[tuple[Mark, Array]]:
        """The ellipses of one or two images."""
        test, reading = viewpoint.document.test, viewpoint.reading
        if test is None:
            return []
        nearest = reading.nearest if reading else None
        indices = {viewpoint.selected, nearest.index if nearest else None}
        return [
            (
                Ellipses(deviations_of(test, index, viewpoint.slice)),
                viewpoint.place_of(index),
            )
            for index in indices
            if index is not None
        ]


def deviations_of(images: EncodedImages, index: int, slice_: Slice) -> tuple[float, float]:
    """The standard deviations of an image's q(z|x) along the axes; with one dimension, a line."""
    first, *others = slice_.along(images.standard_deviations[index])
    return float(first), float(others[0]) if others else 0.0

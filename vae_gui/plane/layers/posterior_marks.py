"""How far q(z|x) reaches, of the images under the hand: ellipses, in data units."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.plane.layers.layer import PaintedLayer, within
from vae_gui.plane.layers.posterior_ellipses import LEAST, SIGMAS, TIP
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

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they cover."""
        x, y = self._radii(SIGMAS[-1], view)
        corner = QPointF(x, y) + QPointF(HALO_WIDTH, HALO_WIDTH) * view.magnification
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw both, the inner one solid; none that would only cover its own point."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        drawn = [sigmas for sigmas in SIGMAS if 2.0 * max(self._radii(sigmas, view)) >= LEAST]
        for colour, width in ((theme.surface, HALO_WIDTH), (theme.accent, LINE_WIDTH)):
            for sigmas in drawn:
                painter.setPen(QPen(QColor(colour), view.magnification * width / sigmas))
                painter.drawEllipse(centre, *self._radii(sigmas, view))

    def _radii(self, sigmas: float, view: View) -> tuple[float, float]:
        """Along both axes, in pixels."""
        first, second = self.standard_deviations
        return sigmas * view.per_unit * first, sigmas * view.per_unit * second


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

"""How far q(z|x) reaches, of the images under the hand: ellipses, in data units."""

import math
from dataclasses import dataclass

import numpy as np
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
        standard_deviations: along its own axes, in units of z.
        angle: from the first axis of the plane to its own first axis, in degrees, against the
            clock; 0 unless the plane or a Gaussian is turned.
        ink: the name of its colour in the theme.
        dashes: of its line, in line widths: drawn, left out; none if empty.
    """

    standard_deviations: tuple[float, float]
    angle: float = 0.0
    ink: str = "accent"
    dashes: tuple[float, ...] = ()

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they cover."""
        first, second = self._radii(SIGMAS[-1], view)
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        x, y = math.hypot(first * c, second * s), math.hypot(first * s, second * c)
        corner = QPointF(x, y) + QPointF(HALO_WIDTH, HALO_WIDTH) * view.magnification
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw both, the inner one solid; none that would only cover its own point."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.angle:
            painter.save()
            painter.translate(centre)
            painter.rotate(-self.angle)  # Qt turns with the clock
            self._draw(painter, QPointF(), view, theme)
            painter.restore()
        else:
            self._draw(painter, centre, view, theme)

    def _draw(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        drawn = [sigmas for sigmas in SIGMAS if 2.0 * max(self._radii(sigmas, view)) >= LEAST]
        ink: str = getattr(theme, self.ink)
        for colour, width in ((theme.surface, HALO_WIDTH), (ink, LINE_WIDTH)):
            for sigmas in drawn:
                pen = QPen(QColor(colour), view.magnification * width / sigmas)
                if self.dashes and colour == ink:
                    pen.setDashPattern(self.dashes)
                painter.setPen(pen)
                painter.drawEllipse(centre, *self._radii(sigmas, view))

    def _radii(self, sigmas: float, view: View) -> tuple[float, float]:
        """Along its own axes, in pixels."""
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
                ellipses_of(test, index, viewpoint.slice),
                viewpoint.place_of(index),
            )
            for index in indices
            if index is not None
        ]


def ellipses_of(images: EncodedImages, index: int, slice_: Slice) -> Ellipses:
    """The ellipses of an image's q(z|x) in the plane; with one dimension, a line."""
    deviations = images.standard_deviations[index]
    if slice_.turn is None:
        first, *others = slice_.deviations_along(deviations)
        return Ellipses((float(first), float(others[0]) if others else 0.0))
    axes, lengths, _ = np.linalg.svd(slice_.spread(deviations))
    angle = math.degrees(math.atan2(axes[1, 0], axes[0, 0]))
    return Ellipses((float(lengths[0]), float(lengths[1])), angle)

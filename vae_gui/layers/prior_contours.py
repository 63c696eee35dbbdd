"""Where the prior has its mass: circles around the origin that hold 39, 86 and 99 % of it."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.layers.layer import Layer
from vae_gui.theme import Theme
from vae_gui.view import View

RADII = (1.0, 2.0, 3.0)  # standard deviations


class PriorContoursLayer(Layer):
    """The radii 1, 2 and 3 of N(0, I), with the mass that each holds."""

    key = "prior"
    title = "Prior contours"
    tip = (
        "Circles of radius 1, 2 and 3 around the origin, which hold 39, 86 and 99 % of the prior's "
        "mass in the plane. With one latent dimension: lines, which hold 68, 95 and 99.7 %."
    )
    shortcut = "P"
    starts_opacity = 0.8

    def source(self) -> str:
        """What they are contours of."""
        more = self._session.plane.dimensions > 2
        return "N(0, I) in z1 and z2" if more else "the prior N(0, I)"

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw circles, or pairs of lines, and write the mass beside each."""
        pen = QPen(QColor(theme.muted), 1.0)
        pen.setDashPattern([4.0, 3.0])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        one = self._session.plane.dimensions == 1
        for radius in RADII:
            painter.setPen(pen)
            if one:
                self._paint_lines(painter, view, radius)
            else:
                reach = radius * view.per_unit
                painter.drawEllipse(view.pixel_of(0.0, 0.0), reach, reach)
            self._write(painter, view, theme, radius, mass_within(radius, 1 if one else 2))

    def _paint_lines(self, painter: QPainter, view: View, radius: float) -> None:
        for x in (-radius, radius):
            painter.drawLine(view.pixel_of(x, view.bounds.low), view.pixel_of(x, view.bounds.high))

    def _write(
        self, painter: QPainter, view: View, theme: Theme, radius: float, mass: float
    ) -> None:
        one = self._session.plane.dimensions == 1
        spot = view.pixel_of(radius, view.bounds.high) if one else view.pixel_of(0.0, radius)
        box = QRectF(spot + QPointF(4.0, 2.0), spot + QPointF(64.0, 18.0))
        painter.setPen(QColor(theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, f"{100.0 * mass:.3g} %")


def mass_within(radius: float, dimensions: int) -> float:
    """The part of N(0, I) that lies within a radius of the origin, in one or two dimensions."""
    if dimensions == 1:
        return math.erf(radius / math.sqrt(2.0))
    return -math.expm1(-0.5 * radius**2)

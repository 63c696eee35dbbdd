"""Where the prior has its mass: circles around the origin that hold 39, 86 and 99 % of it."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from vae_gui.layers.layer import Layer
from vae_gui.theme import Theme, faded
from vae_gui.view import Bounds, View

RADII = (1.0, 2.0, 3.0)  # standard deviations
DASHES = (5.0, 4.0)  # pixels
HALO = 3.0  # pixels wide
PADDING = 3.0
PLACES = 72  # around a circle, where it may be written on
INSET = 0.05  # of what is seen, where writing would be cut off


class PriorContoursLayer(Layer):
    """The radii 1, 2 and 3 of N(0, I), with the mass that each holds.

    They lie above the points, thin and dashed, on a halo that sets them off from any colour.
    """

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
        return "the prior N(0, I)" + (" in z1 and z2" if more else "")

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw circles, or pairs of lines, and write the mass on each."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo, line = QPen(faded(theme.surface, 0.6), HALO), QPen(QColor(theme.text), 1.0)
        line.setDashPattern(DASHES)
        for pen in (halo, line):
            painter.setPen(pen)
            for radius in RADII:
                self._outline(painter, view, radius)
        for radius in RADII:
            self._write(painter, view, theme, radius)

    @property
    def _on_a_line(self) -> bool:
        return self._session.plane.dimensions == 1

    def _outline(self, painter: QPainter, view: View, radius: float) -> None:
        if not self._on_a_line:
            reach = radius * view.per_unit
            painter.drawEllipse(view.pixel_of(0.0, 0.0), reach, reach)
            return
        for x in (-radius, radius):
            painter.drawLine(view.pixel_of(x, view.bounds.low), view.pixel_of(x, view.bounds.high))

    def _write(self, painter: QPainter, view: View, theme: Theme, radius: float) -> None:
        """Write the mass on a plate: on the circle, or at the top of the right line."""
        text = f"{100.0 * mass_within(radius, 1 if self._on_a_line else 2):.3g} %"
        size = QFontMetricsF(painter.font()).size(Qt.TextFlag.TextSingleLine, text)
        plate = QRectF(0.0, 0.0, size.width() + 2.0 * PADDING, size.height())
        if self._on_a_line:
            spot = view.pixel_of(radius, view.bounds.high) + QPointF(0.0, size.height())
        else:
            spot = view.pixel_of(*_seen_on_circle(view, radius))
        plate.moveCenter(spot)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.surface, 0.85))
        painter.drawRoundedRect(plate, 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(theme.text))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _seen_on_circle(view: View, radius: float) -> tuple[float, float]:
    """Where a circle can be written on: at its bottom, or at the next place that is well seen."""
    inner = view.bounds.grown(-INSET)
    for step in range(PLACES):
        turn = (step + 1) // 2 * (1 if step % 2 else -1) / PLACES
        angle = 2.0 * math.pi * (turn - 0.25)
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        if inner.contains(Bounds(x, x, y, y)):
            return x, y
    return 0.0, -radius


def mass_within(radius: float, dimensions: int) -> float:
    """The part of N(0, I) that lies within a radius of the origin, in one or two dimensions."""
    if dimensions == 1:
        return math.erf(radius / math.sqrt(2.0))
    return -math.expm1(-0.5 * radius**2)

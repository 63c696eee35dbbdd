"""Contours of the prior: circles around the origin that hold 39, 86 and 99 % of its mass."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QRegion

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.cached_drawing import CachedDrawing
from vae_gui.plane.layers.layer import PaintedLayer, within
from vae_gui.plane.viewport import View
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

RADII = (1.0, 2.0, 3.0)  # standard deviations
DASHES = (5.0, 4.0)  # pixels
HALO = 3.0  # pixels wide
PADDING = 3.0
PLACES = 72  # around a circle, where it may be written on
INSET = 0.05  # of what is seen, where writing would be cut off


class PriorContoursLayer(PaintedLayer):
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

    def __init__(self) -> None:
        self._cached = CachedDrawing()

    def source(self, viewpoint: Viewpoint) -> str:
        """The prior that they are contours of."""
        return "the prior N(0, I)" + within(viewpoint.slice).replace(",", "")

    def brief(self, viewpoint: Viewpoint) -> str:
        """The prior alone."""
        return "the prior N(0, I)"

    def paint(self, painter: QPainter, viewpoint: Viewpoint, view: View, theme: Theme) -> None:
        """Draw circles, or pairs of lines, and write the mass on each."""
        on_a_line = viewpoint.slice.dimensions == 1
        key = (view, theme, on_a_line, painter.font().key())
        drawing = _Drawing(view, theme, on_a_line)
        self._cached.paint(painter, key, _reach(view), view.ratio, drawing.draw)


@dataclass(frozen=True)
class _Drawing:
    """The contours in a view, in a theme's colours; lines where there is one dimension."""

    view: View
    theme: Theme
    on_a_line: bool

    def draw(self, painter: QPainter) -> None:
        view = self.view
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = QPen(faded(self.theme.surface, 0.6), HALO * view.magnification)
        line = QPen(QColor(self.theme.text), view.magnification)
        if self.on_a_line:
            line.setDashPattern(DASHES)
        else:  # each dash is a line of its own
            halo.setCapStyle(Qt.PenCapStyle.FlatCap)
        texts = [self._text_on(radius, QFontMetricsF(painter.font())) for radius in RADII]
        painter.save()  # so that no line strikes through a number, at any opacity
        free = QRegion(QRect(QPoint(), _reach(view)))
        for plate, _ in texts:
            free -= QRegion(plate.toAlignedRect())
        painter.setClipRegion(free, Qt.ClipOperation.IntersectClip)
        for radius in RADII:
            outline = self._outline(radius)
            for pen in (halo, line):
                painter.setPen(pen)
                painter.drawLines(outline)
        painter.restore()
        for plate, text in texts:
            _write(painter, self.theme, plate, text)

    def _outline(self, radius: float) -> list[QLineF]:
        view = self.view
        if not self.on_a_line:
            return [QLineF(*dash) for dash in seen_dashes(view, radius).reshape(-1, 4).tolist()]
        ends = (view.bounds.low, view.bounds.high)
        return [QLineF(*(view.pixel_of(x, end) for end in ends)) for x in (-radius, radius)]

    def _text_on(self, radius: float, metrics: QFontMetricsF) -> tuple[QRectF, str]:
        """The mass, and the plate for it: on the circle, or at the top of the right line."""
        text = f"{100.0 * mass_within(radius, 1 if self.on_a_line else 2):.3g} %"
        size = metrics.size(Qt.TextFlag.TextSingleLine, text)
        plate = QRectF(0.0, 0.0, size.width() + 2.0 * PADDING, size.height())
        if self.on_a_line:
            spot = self.view.pixel_of(radius, self.view.bounds.high) + QPointF(0.0, size.height())
        else:
            spot = self.view.pixel_of(*_seen_on_circle(self.view, radius))
        plate.moveCenter(spot)
        return plate, text


def _write(painter: QPainter, theme: Theme, plate: QRectF, text: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.surface, 0.85))
    painter.drawRoundedRect(plate, 3.0, 3.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(theme.text))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


def _reach(view: View) -> QSize:
    """The plane's extent in pixels, rounded up generously: it need not end on a whole pixel."""
    corner = view.rect_of(view.bounds).bottomRight()
    return QSize(math.ceil(corner.x()) + 2, math.ceil(corner.y()) + 2)


def seen_dashes(view: View, radius: float) -> NDArray[np.float64]:
    """The dashes of a circle around the origin that may be seen: from, to, in pixels, (N, 2, 2).

    Qt's own circles consist of four curves each and are off by 0.03 % of the radius, which shows
    when one zooms in; dashing them takes many milliseconds.
    """
    seen = view.bounds.grown(0.01)
    x, y = np.array([seen.left, seen.right]), np.array([seen.low, seen.high])
    corners = np.array([[a, b] for a in x for b in y])
    nearest = np.hypot(max(x[0], -x[1], 0.0), max(y[0], -y[1], 0.0))
    if not nearest <= radius <= np.hypot(*corners.T).max():
        return np.empty((0, 2, 2))
    # At whole multiples of the step, so that dashes keep their places while one pans.
    count = max(30, round(2.0 * np.pi * radius * view.per_unit / sum(DASHES)))
    step = 2.0 * np.pi / count
    starts = np.arange(count)
    if nearest > 0.0:  # the origin is not seen: as much as the view is wide from there
        middle = np.arctan2(y.mean(), x.mean())
        turned = np.arctan2(corners[:, 1], corners[:, 0]) - middle
        turned = (turned + np.pi) % (2.0 * np.pi) - np.pi
        first, last = middle + turned.min(), middle + turned.max()
        starts = np.arange(math.floor(first / step), math.ceil(last / step) + 1)
    angles = step * (starts[:, None] + [0.0, DASHES[0] / sum(DASHES)])
    return view.to_pixels(radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1))


def _seen_on_circle(view: View, radius: float) -> tuple[float, float]:
    """The place for the text on a circle: its bottom, or the nearest place that is well in view."""
    inner = view.bounds.grown(-INSET)
    for step in range(PLACES):
        turn = (step + 1) // 2 * (1 if step % 2 else -1) / PLACES
        angle = 2.0 * math.pi * (turn - 0.25)
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        if inner.contains(Bounds(x, x, y, y)):
            return x, y
    return 0.0, -radius


def mass_within(radius: float, dimensions: int) -> float:
    """The mass of N(0, I) within a radius of the origin, in one or two dimensions."""
    if dimensions == 1:
        return math.erf(radius / math.sqrt(2.0))
    return -math.expm1(-0.5 * radius**2)

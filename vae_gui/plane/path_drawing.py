"""How a shortest path is drawn in the plane: rings, straight line, path, ends and length."""

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from vae_gui.jobs.path_finding import PathFinding
from vae_gui.jobs.path_measuring import FoundPath
from vae_gui.jobs.plane_survey import Cost
from vae_gui.plane.canvas import Array
from vae_gui.plane.layers.cached_drawing import CachedDrawing
from vae_gui.plane.marks import Ring
from vae_gui.plane.viewport import View
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

PATH_WIDTH, HALO_WIDTH = 2.6, 5.6  # pixels
STRAIGHT_WIDTH, STRAIGHT_HALO = 1.8, 4.4
RING_WIDTH, RING_HALO = 1.0, 2.6
DASHES = (4.0, 3.0)  # as multiples of the line's width
STOP_RADIUS = 3.0  # of a place of the path whose digit is shown
APART = 4.0  # pixels between two points of the path
PADDING, ASIDE = 4.0, 14.0  # around a text, and from the end to it
START, END = Ring(radius=7.0, ink="accent"), Ring(radius=4.5, ink="accent")


class _Plate(NamedTuple):
    """A text, and the rectangle that it is written on."""

    rect: QRectF
    text: str


class PathDrawing:
    """Draws what is known of a path. The rings, which stay while the end moves, are kept."""

    def __init__(self, finding: PathFinding) -> None:
        self._finding = finding
        self._rings = CachedDrawing()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw it all, in the widget's pixels."""
        finding = self._finding
        if finding.start is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if finding.reach is not None:
            key = (view, theme, id(finding.reach), painter.font().key())
            corner = view.rect_of(view.bounds).bottomRight()
            size = QSize(int(corner.x()) + 2, int(corner.y()) + 2)
            self._rings.paint(
                painter, key, size, view.ratio, lambda inner: self._draw_rings(inner, view, theme)
            )
        if finding.end is not None:
            self._draw_ways(painter, view, theme)
            END.paint(painter, view.pixel_of(*finding.end.tolist()), view, theme)
        START.paint(painter, view.pixel_of(*finding.start.tolist()), view, theme)
        if finding.path is not None:
            self._write_lengths(painter, finding.path, view, theme)

    def _draw_ways(self, painter: QPainter, view: View, theme: Theme) -> None:
        """The straight line at once, the path once it is known, and its stops."""
        finding, times = self._finding, view.magnification
        assert finding.start is not None
        assert finding.end is not None
        ends = [view.pixel_of(*end.tolist()) for end in (finding.start, finding.end)]
        dashed = QPen(QColor(theme.text), STRAIGHT_WIDTH * times)
        dashed.setDashPattern(DASHES)
        for pen in (QPen(faded(theme.surface, 0.9), STRAIGHT_HALO * times), dashed):
            painter.setPen(pen)
            painter.drawLine(*ends)
        if finding.path is None:
            return
        points = _polygon(finding.path.points, view)
        for colour, width in ((theme.surface, HALO_WIDTH), (theme.accent, PATH_WIDTH)):
            pen = QPen(QColor(colour), width * times)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolyline(points)
        self._draw_stops(painter, finding.path, view, theme)

    def _draw_stops(self, painter: QPainter, path: FoundPath, view: View, theme: Theme) -> None:
        """A dot at each place whose digit is shown, while they are those of this path."""
        stops = self._finding.stops
        if stops is None or not np.allclose(stops.places[-1], path.points[-1]):
            return
        painter.setPen(QPen(QColor(theme.accent), 1.4 * view.magnification))
        painter.setBrush(QColor(theme.surface))
        radius = STOP_RADIUS * view.magnification
        for place in stops.places[1:-1].tolist():
            painter.drawEllipse(view.pixel_of(*place), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_rings(self, painter: QPainter, view: View, theme: Theme) -> None:
        reach, times = self._finding.reach, view.magnification
        assert reach is not None
        plates = [_number(painter, view, level, line) for level, line in reach.rings]
        lines = [QLineF(*pair) for _, line in reach.rings for pair in _in_pixels(line, view)]
        for pen in (
            QPen(faded(theme.surface, 0.7), RING_HALO * times),
            QPen(faded(theme.text, 0.75), RING_WIDTH * times),
        ):
            painter.setPen(pen)
            painter.drawLines(lines)
        for plate in plates:
            if plate is not None:
                _write(painter, theme, plate, strong=False)

    def _write_lengths(self, painter: QPainter, path: FoundPath, view: View, theme: Theme) -> None:
        """Both lengths beside the end, on the side where they hide no way."""
        name = "path" if self._finding.cost is Cost.DIGITS else "shortest"
        plate = _plate(
            painter, f"{name} {length_text(path.length)}, straight {length_text(path.straight)}"
        )
        rect, seen = plate.rect, view.rect_of(view.bounds)
        at = view.pixel_of(*path.points[-1].tolist())
        aside = ASIDE * view.magnification
        rect.moveCenter(at)
        if path.points[-1, 0] >= path.points[0, 0]:
            rect.moveLeft(at.x() + aside)
        else:
            rect.moveRight(at.x() - aside)
        rect.moveLeft(min(max(rect.left(), seen.left()), seen.right() - rect.width()))
        if rect.contains(at):
            rect.moveBottom(at.y() - aside)
        _write(painter, theme, plate, strong=True)


def length_text(length: float) -> str:
    """A Fisher length as it is written: with a decimal where it is short."""
    return f"{length:.1f}" if length < 99.95 else f"{length:.0f}"


def _number(painter: QPainter, view: View, level: float, line: Array) -> _Plate | None:
    """A ring's distance, at its highest place in view."""
    middles = line.mean(axis=1)
    inner = view.bounds.grown(-0.03)
    seen = middles[
        (middles[:, 0] > inner.left)
        & (middles[:, 0] < inner.right)
        & (middles[:, 1] > inner.low)
        & (middles[:, 1] < inner.high)
    ]
    if len(seen) == 0:
        return None
    plate = _plate(painter, f"{level:g}")
    plate.rect.moveCenter(view.pixel_of(*seen[np.argmax(seen[:, 1])].tolist()))
    return plate


def _plate(painter: QPainter, text: str) -> _Plate:
    size = QFontMetricsF(painter.font()).size(Qt.TextFlag.TextSingleLine, text)
    return _Plate(QRectF(0.0, 0.0, size.width() + 2.0 * PADDING, size.height()), text)


def _write(painter: QPainter, theme: Theme, plate: _Plate, *, strong: bool) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(theme.surface, 0.92 if strong else 0.8))
    painter.drawRoundedRect(plate.rect, 3.0, 3.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(theme.accent if strong else theme.text))
    painter.drawText(plate.rect, Qt.AlignmentFlag.AlignCenter, plate.text)


def _polygon(points: Array, view: View) -> QPolygonF:
    """A path in pixels, without points that lie less than `APART` from the one before."""
    pixels = view.to_pixels(points)
    way = np.cumsum(np.linalg.norm(np.diff(pixels, axis=0), axis=1))
    kept = np.concatenate([[True], np.diff(np.floor(way / APART), prepend=0.0) > 0.0])
    kept[-1] = True
    return QPolygonF([QPointF(x, y) for x, y in pixels[kept].tolist()])


def _in_pixels(line: Array, view: View) -> list[list[float]]:
    """The segments of a ring that may be seen: x, y, x, y."""
    seen = view.bounds.grown(0.02)
    low, high = line.min(axis=1), line.max(axis=1)
    inside = (
        (high[:, 0] > seen.left)
        & (low[:, 0] < seen.right)
        & (high[:, 1] > seen.low)
        & (low[:, 1] < seen.high)
    )
    found: list[list[float]] = view.to_pixels(line[inside]).reshape(-1, 4).tolist()
    return found

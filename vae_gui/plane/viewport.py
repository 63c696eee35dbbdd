"""Which part of the plane is on the screen, and where: the one map from data units to pixels."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from vae_gui.plane.canvas import Array, Bounds, Canvas

NEAREST = 1e-4  # the least width that is seen, in the plane's units
FINEST = 1e-10  # and as a fraction of the reach: nearer by, doubles would tell few pixels apart


@dataclass(frozen=True)
class View:
    """The plane as the screen shows it. Pixels are the widget's, x to the right and y down.

    Attributes:
        bounds: what is seen.
        left: the pixel column of its left edge.
        top: the pixel row of its upper edge.
        per_unit: pixels per unit of z, the same along both axes.
        ratio: how many of the screen's own pixels a pixel has, along each axis.
        magnification: how large text, points and marks are, as a multiple of their usual size.
        enlarged: how many times as large as on the screen it is drawn, for a file: it shows no more
            than the screen does, only with more pixels.
    """

    bounds: Bounds
    left: float
    top: float
    per_unit: float
    ratio: float = 1.0
    magnification: float = 1.0
    enlarged: float = 1.0

    def to_pixels(self, points: Array) -> Array:
        """The pixels of points of the plane: (..., 2) -> (..., 2)."""
        x = self.left + (points[..., 0] - self.bounds.left) * self.per_unit
        y = self.top + (self.bounds.high - points[..., 1]) * self.per_unit
        return np.stack([x, y], axis=-1)

    def to_plane(self, x: float, y: float) -> Array:
        """The point of the plane (2,) at a pixel."""
        return np.array(
            [
                self.bounds.left + (x - self.left) / self.per_unit,
                self.bounds.high - (y - self.top) / self.per_unit,
            ]
        )

    def pixel_of(self, x: float, y: float) -> QPointF:
        """`to_pixels` for one point."""
        return QPointF(
            self.left + (x - self.bounds.left) * self.per_unit,
            self.top + (self.bounds.high - y) * self.per_unit,
        )

    def rect_of(self, bounds: Bounds) -> QRectF:
        """The pixels of a rectangle of the plane."""
        corner = self.pixel_of(bounds.left, bounds.high)
        return QRectF(
            corner.x(), corner.y(), bounds.width * self.per_unit, bounds.height * self.per_unit
        )

    def canvas(self, margin: float) -> Canvas:
        """A picture of what is seen and, on each side, of this fraction of it more.

        It lies on the screen's own pixels, so that nothing has to be stretched to show it.
        """
        scale = self.per_unit * self.ratio
        x, y = (
            math.ceil(margin * side * scale) for side in (self.bounds.width, self.bounds.height)
        )
        width = math.ceil(self.bounds.width * scale) + 2 * x
        height = math.ceil(self.bounds.height * scale) + 2 * y
        left, high = self.bounds.left - x / scale, self.bounds.high + y / scale
        bounds = Bounds(left, left + width / scale, high - height / scale, high)
        return Canvas(bounds, (width, height), scale)


class Viewport:
    """A window onto the plane: the part that is seen in a rectangle of a widget, axes 1:1.

    The part that was asked for is kept. What is seen has the same centre and the rectangle's shape,
    and is the smallest that holds all of it: along one axis, more is seen than was asked for. A
    widget that becomes narrow and wide again therefore shows what it showed before.

    Two limits come first. Nothing beyond `reach` along either axis is seen: a zoom stops there, and
    what would stick out is moved back. And the width does not fall below `NEAREST`.
    """

    def __init__(self, wanted: Bounds, reach: float, changed: Callable[[], None]) -> None:
        """Show a part of the plane; call `changed` whenever another part is seen."""
        self._changed = changed
        self._wanted = self.bounds = wanted
        self._left, self._top, self._width, self._height = 0.0, 0.0, 1.0, 1.0
        self._per_unit = 1.0
        self.reach = reach
        """How far from the origin one can see, along each axis."""

    def place(self, left: float, top: float, width: float, height: float) -> None:
        """Take another rectangle of the widget, in pixels."""
        self._left, self._top = left, top
        self._width, self._height = max(width, 1.0), max(height, 1.0)
        self.show(self._wanted)

    def show(self, wanted: Bounds) -> None:
        """Show all of a part of the plane, in the middle, as far as the limits allow."""
        width, height = self._width, self._height
        self._per_unit = self._within(min(width / wanted.width, height / wanted.height))
        half = np.array([width, height]) / (2.0 * self._per_unit)
        room = np.maximum(self.reach - half, 0.0)
        centre = wanted.centre
        allowed = np.clip(centre, -room, room)
        (left, low), (right, high) = (allowed - half).tolist(), (allowed + half).tolist()
        self._wanted = wanted.moved(allowed - centre)
        before, self.bounds = self.bounds, Bounds(left, right, low, high)
        if self.bounds != before:
            self._changed()

    def show_like(self, other: "Viewport") -> None:
        """Show the plane at the scale of another viewport, around the same middle."""
        self.reach = max(self.reach, other.reach)
        half = np.array([self._width, self._height]) / (2.0 * other._per_unit)
        middle = other.bounds.centre
        (left, low), (right, high) = (middle - half).tolist(), (middle + half).tolist()
        self.show(Bounds(left, right, low, high))

    def pan_by(self, moved: Array) -> None:
        """Show what lies farther by (2,), in the plane's units."""
        self.show(self._wanted.moved(moved))

    def zoom(self, factor: float, at: Array | None = None) -> None:
        """Magnify by a factor; a point of the plane (2,), or the middle, keeps its pixel.

        Where one cannot go farther away, the middle goes towards the origin instead.
        """
        magnified = self._within(factor * self._per_unit) / self._per_unit
        at = self._wanted.centre if at is None else at
        wanted = self._wanted.scaled(1.0 / magnified, at)
        kept = min(factor / magnified, 1.0)
        self.show(wanted.moved((kept - 1.0) * wanted.centre))

    def view(self, ratio: float = 1.0, magnification: float = 1.0, enlarged: float = 1.0) -> View:
        """The map to pixels, on a screen with `ratio` of its own pixels to one of the widget's."""
        return View(
            self.bounds, self._left, self._top, self._per_unit, ratio, magnification, enlarged
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a pixel of the widget lies in the rectangle."""
        return (
            self._left <= x <= self._left + self._width
            and self._top <= y <= self._top + self._height
        )

    def _within(self, per_unit: float) -> float:
        """The nearest scale to this one that keeps the limits."""
        nearest = max(NEAREST, FINEST * self.reach)
        farthest = max(self._width, self._height) / (2.0 * self.reach)
        return max(min(per_unit, self._width / nearest), farthest)

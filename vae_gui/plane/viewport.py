"""Which part of the plane is on the screen, and where: the one map from data units to pixels.

Nothing here imports Qt before it is asked for a Qt value: layers draw by these maps without Qt.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF, QRectF

Array = NDArray[np.float64]

NEAREST = 1e-4  # the least width that is seen, in the plane's units
FINEST = 1e-10  # and as a fraction of the reach: nearer by, doubles would tell few pixels apart


@dataclass(frozen=True)
class Bounds:
    """A rectangle of the plane, in data units: left < right along z1, low < high along z2."""

    left: float
    right: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """Along z1."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Along z2."""
        return self.high - self.low

    @property
    def centre(self) -> Array:
        """The point in the middle: (2,)."""
        return np.array([self.left + self.right, self.low + self.high]) / 2.0

    def grown(self, fraction: float) -> "Bounds":
        """The rectangle with this fraction of its size added on each side."""
        x, y = fraction * self.width, fraction * self.height
        return Bounds(self.left - x, self.right + x, self.low - y, self.high + y)

    def moved(self, by: Array) -> "Bounds":
        """The rectangle moved by (2,)."""
        x, y = by.tolist()
        return Bounds(self.left + x, self.right + x, self.low + y, self.high + y)

    def scaled(self, factor: float, about: Array) -> "Bounds":
        """The rectangle made larger by a factor; the point `about` (2,) stays where it is in it."""
        x, y = about.tolist()
        return Bounds(
            x + factor * (self.left - x),
            x + factor * (self.right - x),
            y + factor * (self.low - y),
            y + factor * (self.high - y),
        )

    def around(self, points: Array) -> "Bounds":
        """The smallest rectangle that holds this one and all points (N, 2)."""
        (left, low), (right, high) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return Bounds(
            min(self.left, left), max(self.right, right), min(self.low, low), max(self.high, high)
        )

    def nearest(self, point: Array) -> Array:
        """The point of the rectangle that is nearest to a point (2,)."""
        return np.clip(point, [self.left, self.low], [self.right, self.high])

    def contains(self, other: "Bounds") -> bool:
        """Whether the other rectangle lies in this one."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.low <= other.low
            and other.high <= self.high
        )


@dataclass(frozen=True)
class Canvas:
    """A picture of a part of the plane, in whole pixels of the screen.

    Attributes:
        bounds: what it shows.
        size: its width and height.
        per_unit: its pixels per unit of z.
    """

    bounds: Bounds
    size: tuple[int, int]
    per_unit: float

    def to_pixels(self, points: Array) -> Array:
        """Where points of the plane (..., 2) lie in it, from its upper left corner."""
        corner = [self.bounds.left, self.bounds.high]
        placed: Array = (points - corner) * [self.per_unit, -self.per_unit]
        return placed


@dataclass(frozen=True)
class View:
    """The plane as the screen shows it. Pixels are the widget's, x to the right and y down.

    Attributes:
        bounds: what is seen.
        left: the pixel column of its left edge.
        top: the pixel row of its upper edge.
        per_unit: pixels per unit of z, the same along both axes.
        ratio: how many of the screen's own pixels a pixel has, along each axis.
    """

    bounds: Bounds
    left: float
    top: float
    per_unit: float
    ratio: float = 1.0

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

    def pixel_of(self, x: float, y: float) -> "QPointF":
        """`to_pixels` for one point."""
        from PySide6.QtCore import QPointF

        return QPointF(
            self.left + (x - self.bounds.left) * self.per_unit,
            self.top + (self.bounds.high - y) * self.per_unit,
        )

    def rect_of(self, bounds: Bounds) -> "QRectF":
        """The pixels of a rectangle of the plane."""
        from PySide6.QtCore import QRectF

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

    def view(self, ratio: float = 1.0) -> View:
        """The map to pixels, on a screen with `ratio` of its own pixels to one of the widget's."""
        return View(self.bounds, self._left, self._top, self._per_unit, ratio)

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

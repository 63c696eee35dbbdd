"""Rectangles of the plane, and pictures of them. Free of Qt: layers draw on them in workers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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

    def turned_back(self, turn: Array) -> "Bounds":
        """The smallest rectangle that holds this one before it is turned by (2, 2), orthogonal."""
        corners = np.array([[x, y] for x in (self.left, self.right) for y in (self.low, self.high)])
        (left, low), (right, high) = (corners @ turn).min(axis=0), (corners @ turn).max(axis=0)
        return Bounds(float(left), float(right), float(low), float(high))

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
        """The pixels of points of the plane, from the upper left corner: (..., 2) -> (..., 2)."""
        corner = [self.bounds.left, self.bounds.high]
        placed: Array = (points - corner) * [self.per_unit, -self.per_unit]
        return placed

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

    def grown(self, part: float) -> "Bounds":
        """With as much around it, on each side, as this part of its size."""
        x, y = part * self.width, part * self.height
        return Bounds(self.left - x, self.right + x, self.low - y, self.high + y)

    def contains(self, other: "Bounds") -> bool:
        """Whether the other one lies in it."""
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

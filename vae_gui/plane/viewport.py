"""Which part of the plane is on the screen, and where: the one map from data units to pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from vae_gui.plane.canvas import Bounds, Canvas

Array = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """The plane as the screen shows it. Pixels are the viewport's, x to the right and y down.

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
        """Where points of the plane (..., 2) lie in the viewport."""
        x = self.left + (points[..., 0] - self.bounds.left) * self.per_unit
        y = self.top + (self.bounds.high - points[..., 1]) * self.per_unit
        return np.stack([x, y], axis=-1)

    def pixel_of(self, x: float, y: float) -> QPointF:
        """`to_pixels` for one point."""
        return QPointF(*self.to_pixels(np.array([x, y])))

    def rect_of(self, bounds: Bounds) -> QRectF:
        """Where a rectangle of the plane lies in the viewport."""
        corner = self.pixel_of(bounds.left, bounds.high)
        return QRectF(
            corner.x(), corner.y(), bounds.width * self.per_unit, bounds.height * self.per_unit
        )

    def canvas(self, margin: float) -> Canvas:
        """A picture of what is seen and, on each side, of this part of it more.

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

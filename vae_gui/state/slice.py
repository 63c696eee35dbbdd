"""Which 2-D slice of the latent space the plane shows.

D = 1    the horizontal axis is z1; the vertical one only sets the classes apart
D = 2    the latent space itself
D > 2    z1 and z2, with all other dimensions fixed at those of a base point
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The distance between the rows of classes where there is one latent dimension.
ROW_HEIGHT = 0.5


@dataclass(frozen=True)
class Plane:
    """A map between points of the plane (2,) and latent points (D,).

    Attributes:
        base: (D,), the point that the plane goes through.
        base_digit: the index of the test digit that `base` is the mean of, if it is one.
    """

    base: Array
    base_digit: int | None = None

    @property
    def dimensions(self) -> int:
        """D."""
        return len(self.base)

    def to_latent(self, xy: Array) -> Array:
        """The latent point (D,) that a point of the plane (2,) stands for."""
        z = self.base.copy()
        z[:2] = xy[: min(2, self.dimensions)]
        return z

    def to_plane(self, z: Array) -> Array:
        """Where latent points (..., D) lie in the plane (..., 2): their first two coordinates."""
        if self.dimensions == 1:
            return np.concatenate([z, np.zeros_like(z)], axis=-1)
        return z[..., :2]

    def place_digits(self, means: Array, labels: NDArray[np.integer]) -> Array:
        """Where encoded digits are drawn, (N, 2); with one dimension, in a row for each class."""
        xy = self.to_plane(means)
        if self.dimensions == 1:
            xy[:, 1] = row_of(labels)
        return xy

    def statement(self) -> str:
        """What the plane shows, where that is not the whole latent space; else empty."""
        if self.dimensions == 1:
            return (
                "This model has one latent dimension, z1: the rows only set the classes apart, "
                "and only the horizontal position is decoded."
            )
        if self.dimensions == 2:
            return ""
        return (
            f"This model has {self.dimensions} latent dimensions. The plane shows z1 and z2, with "
            f"{self.fixed()}. The points lie off this slice, at their own z1 and z2."
        )

    def fixed(self) -> str:
        """Which dimensions the plane cuts, and where; with up to two, empty."""
        if self.dimensions < 3:
            return ""
        others = "z3" if self.dimensions == 3 else f"z3 to z{self.dimensions}"
        if self.base_digit is None:
            return f"{others} fixed at 0"
        return f"{others} fixed at the posterior mean of test digit {self.base_digit:,}"


def row_of(labels: NDArray[np.integer]) -> Array:
    """The heights of the rows of classes where there is one latent dimension."""
    return (4.5 - np.asarray(labels, dtype=np.float64)) * ROW_HEIGHT

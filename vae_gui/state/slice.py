"""The 2-D slice of the latent space that a plane shows.

D = 1    the horizontal axis is z1; the vertical one only sets the classes apart
D = 2    the latent space itself
D > 2    two of the dimensions, with all others fixed at those of a base point
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The distance between the rows of classes where there is one latent dimension.
ROW_HEIGHT = 0.5


@dataclass(frozen=True, eq=False)
class Slice:
    """A map between points of the plane (2,) and latent points (D,).

    Attributes:
        base: (D,), a point that the slice goes through.
        base_image: the index of the test image that `base` is the mean of, if it is one.
        axes: the dimensions that the plane shows, counted from 0; the second is of no use
            where D = 1.
    """

    base: Array
    base_image: int | None = None
    axes: tuple[int, int] = (0, 1)

    @property
    def dimensions(self) -> int:
        """D."""
        return len(self.base)

    @property
    def is_cut(self) -> bool:
        """Whether there are dimensions that the plane does not show."""
        return self.dimensions > 2

    @property
    def shown(self) -> tuple[int, ...]:
        """The dimensions that the plane shows: one or two of them."""
        return self.axes[: min(2, self.dimensions)]

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called: z1 and z2, say."""
        return tuple(f"z{axis + 1}" for axis in self.shown)

    def to_latent(self, xy: Array) -> Array:
        """The latent point (D,) that a point of the plane (2,) stands for."""
        z = self.base.copy()
        z[list(self.shown)] = xy[: len(self.shown)]
        return z

    def to_plane(self, z: Array) -> Array:
        """Where latent points (..., D) lie in the plane (..., 2)."""
        if self.dimensions == 1:
            return np.concatenate([z, np.zeros_like(z)], axis=-1)
        return self.along(z)

    def along(self, values: Array) -> Array:
        """Of numbers for each dimension (..., D), those of the dimensions shown: (..., 1 or 2)."""
        return values[..., list(self.shown)]

    def place(self, means: Array, labels: NDArray[np.integer]) -> Array:
        """Where encoded images are drawn, (N, 2); with one dimension, in a row for each class."""
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
        if not self.is_cut:
            return ""
        first, second = self.names
        return (
            f"This model has {self.dimensions} latent dimensions. The plane shows {first} and "
            f"{second}, with {self.fixed()}. The points lie off this slice, at their own {first} "
            f"and {second}."
        )

    def fixed(self) -> str:
        """Which dimensions the slice fixes, and where; with up to two, empty."""
        if not self.is_cut:
            return ""
        others = _enumerated(sorted(set(range(self.dimensions)) - set(self.axes)))
        if self.base_image is None:
            return f"{others} fixed at 0"
        return f"{others} fixed at the posterior mean of test digit {self.base_image:,}"


def _enumerated(dimensions: list[int]) -> str:
    """Dimensions by name, runs as "z3 to z10"."""
    runs: list[list[int]] = []
    for dimension in dimensions:
        if runs and dimension == runs[-1][-1] + 1:
            runs[-1].append(dimension)
        else:
            runs.append([dimension])
    names = [
        f"z{run[0] + 1}" if len(run) == 1 else f"z{run[0] + 1} to z{run[-1] + 1}" for run in runs
    ]
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def row_of(labels: NDArray[np.integer]) -> Array:
    """The heights of the rows of classes where there is one latent dimension."""
    return (4.5 - np.asarray(labels, dtype=np.float64)) * ROW_HEIGHT

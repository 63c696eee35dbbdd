"""The 2-D slice of the latent space that a plane shows.

D = 1    the horizontal axis is z1; the vertical one only sets the classes apart
D = 2    the latent space itself
D > 2    two of the dimensions, with all others fixed at those of a base point

A plane can be turned: its axes are then those of the latent space after an orthogonal map, by which
one model is laid on another. Latent points stay the model's own everywhere else: a point of the
plane is turned back on its way into the decoder, so the model itself is the same as ever.
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
        turn: (D, D), orthogonal: what latent points are turned by on their way into the plane;
            None: by nothing.
        is_led: whether the base is that of another model's plane, which this one follows.
    """

    base: Array
    base_image: int | None = None
    axes: tuple[int, int] = (0, 1)
    turn: Array | None = None
    is_led: bool = False

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

    @property
    def directions(self) -> Array:
        """The axes of the plane in the latent space: (1 or 2, D), orthonormal."""
        turn = np.eye(self.dimensions) if self.turn is None else self.turn
        shown: Array = turn[list(self.shown)]
        return shown

    def to_latent(self, xy: Array) -> Array:
        """The latent points (..., D) that points of the plane (..., 2) stand for."""
        z = np.empty((*xy.shape[:-1], self.dimensions))
        z[...] = self.turned(self.base)
        z[..., list(self.shown)] = xy[..., : len(self.shown)]
        return self.turned_back(z)

    def to_plane(self, z: Array) -> Array:
        """Where latent points (..., D) lie in the plane (..., 2)."""
        along = self.along(z)
        if self.dimensions == 1:
            return np.concatenate([along, np.zeros_like(along)], axis=-1)
        return along

    def along(self, z: Array) -> Array:
        """The coordinates of latent points (..., D) along the axes of the plane: (..., 1 or 2)."""
        if self.turn is None:
            return z[..., list(self.shown)]
        along: Array = z @ self.directions.T
        return along

    def turned(self, z: Array) -> Array:
        """Latent points (..., D), turned as the plane is."""
        return z if self.turn is None else z @ self.turn.T

    def turned_back(self, z: Array) -> Array:
        """The latent points (..., D) that lie at (..., D) after they are turned."""
        return z if self.turn is None else z @ self.turn

    def deviations_along(self, deviations: Array) -> Array:
        """The standard deviations along the axes of the plane of normal distributions.

        Args:
            deviations: (..., D), along the latent dimensions, without correlations.

        Returns:
            (..., 1 or 2). In a turned plane they do not say all: there are correlations too.
        """
        if self.turn is None:
            return deviations[..., list(self.shown)]
        along: Array = np.sqrt(np.square(deviations) @ np.square(self.directions).T)
        return along

    def spread(self, deviations: Array) -> Array:
        """How normal distributions reach over the plane, as maps of the unit circle.

        Args:
            deviations: (..., D), along the latent dimensions, without correlations.

        Returns:
            (..., 2, 2), F with covariance F F^T in the plane, lower triangular: F times a circle of
            radius s is the ellipse of s standard deviations. With one latent dimension, a line.
        """
        found = np.zeros((*deviations.shape[:-1], 2, 2))
        along = self.deviations_along(deviations)
        found[..., 0, 0] = along[..., 0]
        if self.dimensions == 1:
            return found
        if self.turn is None:
            found[..., 1, 1] = along[..., 1]
            return found
        first, second = self.directions
        across = np.square(deviations) @ (first * second)
        width = np.where(along[..., 0] > 0.0, along[..., 0], 1.0)
        found[..., 1, 0] = across / width
        rest = np.square(along[..., 1]) - np.square(found[..., 1, 0])
        found[..., 1, 1] = np.sqrt(np.maximum(rest, 0.0))
        return found

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
        if self.is_led:
            return f"{others} fixed where the other plane has them"
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

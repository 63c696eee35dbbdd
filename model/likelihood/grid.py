"""A grid over the latent plane, over which integrals are summed.

The points are the midpoints of square cells, so each has the same weight, step squared, in a sum
that approximates an integral. Where the integrand vanishes at the edges, the midpoint sum is as
good as the trapezoid sum: for a Gaussian mode with standard deviation s its relative error is about
2 exp(-2 pi^2 s^2 / step^2) in each dimension.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from model.network.m2 import M2
from model.network.vae import VAE

# The plane is cut into square tiles of 15 x 15 points; the coarse points, the middles of 5 x 5
# blocks, then fit into the tiles.
TILE = 15
BLOCK = 5
BLOCKS = TILE // BLOCK  # along the side of a tile

_LARGEST_SIDE = 4500


class NotAPlaneError(ValueError):
    """An integral over the plane was asked of a model that has not two latent dimensions."""


@dataclass(frozen=True)
class Grid:
    """Midpoints of cells of width `step` that cover [-limit, limit]^2, in whole tiles.

    Raises:
        ValueError: the step is not positive, the limit smaller, or there would be too many points.
    """

    limit: float = 4.5
    step: float = 0.01

    def __post_init__(self) -> None:
        if not 0.0 < self.step <= self.limit < math.inf:
            raise ValueError(f"a grid to {self.limit} cannot have the step {self.step}")
        if self.side > _LARGEST_SIDE:
            raise ValueError(f"a grid of {self.side:,} x {self.side:,} points is too large")

    @property
    def tiles(self) -> int:
        """Tiles along an axis."""
        return math.ceil(round(2.0 * self.limit / self.step, 6) / TILE)

    @property
    def side(self) -> int:
        """Points along an axis."""
        return self.tiles * TILE

    @property
    def points(self) -> int:
        """Points in all."""
        return self.side**2

    @property
    def reach(self) -> float:
        """Where the outermost cells end: `limit`, or a little more to fill the last tile."""
        return self.side * self.step / 2.0

    @property
    def log_cell(self) -> float:
        """The logarithm of a cell's area."""
        return 2.0 * math.log(self.step)

    def axis(self) -> Tensor:
        """The coordinates along either axis, ascending: (side,) float32."""
        index = torch.arange(self.side, dtype=torch.float64)
        return ((index - (self.side - 1) / 2.0) * self.step).float()


def require_plane(vae: VAE | M2) -> None:
    """Check that the latent space is a plane.

    Raises:
        NotAPlaneError: it is not.
    """
    if vae.config.latent_dim != 2:
        raise NotAPlaneError(
            "the exact integral needs a model with two latent dimensions; "
            f"this one has {vae.config.latent_dim}"
        )

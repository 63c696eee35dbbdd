"""The survey of a plane: its Fisher metric and its densities, on a grid.

Free of Qt, for workers.
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.plane_decoder import PlaneDecoder

if TYPE_CHECKING:
    from model.latent.fisher_distances import EdgeNetwork
    from model.latent.geometry import MetricGrid

SIDES = (41, 121)  # nodes along the longer side: half a second, and then some seconds
SMOOTH = 0.2  # of z
RARE = 0.01  # of the images lie where the density is lower


class Cost(StrEnum):
    """What a path is to be short in."""

    LENGTH = "length"
    DIGITS = "digits"


@dataclass(frozen=True)
class Fraction:
    """How far a survey is, from 0 to 1."""

    done: float


@dataclass(frozen=True, eq=False)
class DensityMap:
    """The aggregate posterior at the nodes of a grid, averaged over squares around them.

    The squares have a side of about `SMOOTH`: the q(z|x) can be so narrow that what lies at a point
    itself would be a matter of chance.

    Attributes:
        images: whose q(z|x) are summed.
        grid: its values as a grid of one number a node.
        usual: the density that 9 of 10 of these images exceed.
        rare: the density that 99 of 100 exceed.
    """

    images: EncodedImages
    grid: "MetricGrid"
    usual: float
    rare: float

    def least_along(self, path: Array) -> float:
        """The least density at the points of a path (N, 2)."""
        return float(self.grid.at(path).min())


@dataclass(frozen=True, eq=False)
class Survey:
    """What is known of a plane.

    Attributes:
        decoder: of the model and the slice that it is of.
        networks: by cost; that of digits only where there is a density.
        density: None where it is not known.
    """

    decoder: PlaneDecoder
    networks: "dict[Cost, EdgeNetwork]"
    density: DensityMap | None

    @property
    def grid(self) -> "MetricGrid":
        """The Fisher metric."""
        return self.networks[Cost.LENGTH].grid


def survey(
    decoder: PlaneDecoder, low: Array, high: Array, images: EncodedImages | None
) -> Generator[Fraction | Survey, None, None]:
    """Survey a rectangle of a plane coarsely, and then finely.

    Args:
        decoder: of its points.
        low: its lower left corner, (2,).
        high: its upper right corner, (2,).
        images: whose q(z|x) are the aggregate posterior; None where that cannot be known.
    """
    from model.latent.geometry import metric_grid
    from model.latent.threads import use_threads

    use_threads(1)
    for side in SIDES:
        steps = metric_grid(decoder, low, high, side)
        while True:
            try:
                yield Fraction(next(steps))
            except StopIteration as end:
                yield _made(decoder, end.value, images)
                break


def with_density(known: Survey, images: EncodedImages) -> Generator[Survey, None, None]:
    """The survey with the density of other images: those of the training have been encoded."""
    from model.latent.threads import use_threads

    use_threads(1)
    yield _made(known.decoder, known.grid, images, known.networks[Cost.LENGTH])


def _made(
    decoder: PlaneDecoder,
    grid: "MetricGrid",
    images: EncodedImages | None,
    network: "EdgeNetwork | None" = None,
) -> Survey:
    from model.latent.digit_cost import cost_factors
    from model.latent.fisher_distances import EdgeNetwork

    density = None if images is None else _density(decoder, grid, images)
    networks = {Cost.LENGTH: EdgeNetwork(grid) if network is None else network}
    if density is not None:
        factors = cost_factors(density.grid.metric[..., 0], density.usual)
        networks[Cost.DIGITS] = EdgeNetwork(grid.weighted(factors))
    return Survey(decoder, networks, density)


def _density(decoder: PlaneDecoder, grid: "MetricGrid", images: EncodedImages) -> DensityMap:
    import torch

    from model.latent.digit_cost import usual_density
    from model.latent.geometry import MetricGrid

    slice_ = decoder.slice
    edges = [
        torch.from_numpy(start + grid.step * (np.arange(count + 1) - 0.5)).float()
        for start, count in zip(grid.low, grid.metric.shape[:2], strict=True)
    ]
    base = torch.from_numpy(slice_.base).float()
    by_label = images.aggregate.on_cells(edges[0], edges[1], base, slice_.axes)
    values = np.nan_to_num(by_label.sum(dim=0).numpy().astype(np.float64), posinf=1e30)
    found = MetricGrid(grid.low, grid.step, _averaged(values, SMOOTH / grid.step)[..., None])
    where_they_lie = found.at(slice_.to_plane(images.means))[:, 0]
    rare = float(np.quantile(where_they_lie, RARE))
    return DensityMap(images, found, usual_density(where_they_lie), rare)


def _averaged(values: Array, width: float) -> Array:
    """Values (A, B), each averaged over an odd number of cells near a width along both axes."""
    aside = round((width - 1.0) / 2.0)
    if aside < 1:
        return values
    for axis in (0, 1):
        padded = np.pad(values, [(aside + 1, aside) if a == axis else (0, 0) for a in (0, 1)])
        sums = np.cumsum(padded, axis=axis)
        count = 2 * aside + 1
        values = (
            np.take(sums, range(count, sums.shape[axis]), axis)
            - np.take(sums, range(sums.shape[axis] - count), axis)
        ) / count
    return values

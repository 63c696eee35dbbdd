"""A posterior's cells, which are of many sizes, as the mean densities of the pixels of a view."""

import numpy as np
from numpy.typing import NDArray

from model.latent.plane_posterior import PlanePosterior
from vae_gui.plane.canvas import Bounds

Array = NDArray[np.float64]
# Of a pixel: nearly its middle. A view that is laid around cells has middles exactly on their
# edges, where rounding would leave them between two cells.
MIDDLE = 0.5 + 1.0 / 257.0


def densities(posterior: PlanePosterior, bounds: Bounds, side: float) -> Array:
    """p(z | evidence), averaged over square pixels that cover some bounds: (columns, rows).

    Row 0 is the lowest of the second axis. The mass of a cell that is smaller than a pixel is
    shared by overlap; of larger ones a pixel has the density at its middle. So nothing falls
    between two pixels, however narrow it is.

    Args:
        posterior: its cells are squares on lattices around the origin, as a table's are, or those
            into which they are divided.
        bounds: what is covered.
        side: of a pixel, in the plane's units.
    """
    shape = (max(1, round(bounds.width / side)), max(1, round(bounds.height / side)))
    z, width, weights = posterior.cells.z, posterior.cells.width, posterior.weights
    found = np.zeros(shape)
    is_small = width <= side
    _add_masses(found, z[is_small], width[is_small], weights[is_small], bounds, side)
    middles: list[Array] = [
        np.asarray(start + side * (np.arange(count) + MIDDLE), dtype=np.float64)
        for start, count in zip((bounds.left, bounds.low), shape, strict=True)
    ]
    heavy = ~is_small & (weights > 1e-12 * weights.max())
    for size in _sizes(width[heavy]):
        mine = heavy & (np.abs(width / size - 1.0) < 0.01)
        _add_densities(found, z[mine], weights[mine] / size**2, size, middles)
    return found


def highest_density(posterior: PlanePosterior, side: float) -> float:
    """The highest density of such pixels around the densest cell, whether it is seen or not."""
    x, y = posterior.cells.z[int(posterior.log_density.argmax())].tolist()
    reach = 2.5 * side  # so that a pixel has its middle there
    around = Bounds(x - reach, x + reach, y - reach, y + reach)
    return float(densities(posterior, around, side).max())


def _add_masses(
    found: Array, z: Array, width: Array, weights: Array, bounds: Bounds, side: float
) -> None:
    """Share the mass of each small cell among the pixels, at most four, that it lies in."""
    starts = (z - 0.5 * width[:, None] - (bounds.left, bounds.low)) / side
    first = np.floor(starts).astype(int)
    ends = starts + (width / side)[:, None]
    later = np.clip((ends - first - 1.0) / (width / side)[:, None], 0.0, 1.0)  # in the next pixel
    for right in (0, 1):
        for up in (0, 1):
            share = (later[:, 0] if right else 1.0 - later[:, 0]) * (
                later[:, 1] if up else 1.0 - later[:, 1]
            )
            columns, rows = first[:, 0] + right, first[:, 1] + up
            seen = (columns >= 0) & (columns < found.shape[0])
            seen &= (rows >= 0) & (rows < found.shape[1])
            places = columns[seen] * found.shape[1] + rows[seen]
            mass = np.bincount(places, (weights * share)[seen], minlength=found.size)
            found += mass.reshape(found.shape) / side**2


def _add_densities(
    found: Array, z: Array, density: Array, size: float, middles: list[Array]
) -> None:
    """Give the pixels whose middles lie in cells of one size the density of these."""
    columns, rows = (np.floor(middle / size).astype(np.int64) for middle in middles)
    many = np.int64(1) << 32
    keys = np.floor(z[:, 0] / size).astype(np.int64) * many
    keys += np.floor(z[:, 1] / size).astype(np.int64)
    order = np.argsort(keys)
    keys, density = keys[order], density[order]
    wanted = columns[:, None] * many + rows
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found += np.where(keys[places] == wanted, density[places], 0.0)


def _sizes(width: Array) -> list[float]:
    """The different widths; those that differ by rounding are one."""
    logs = np.unique(np.round(np.log(width), 6)) if len(width) else np.empty(0)
    return [float(np.exp(log)) for log in logs]

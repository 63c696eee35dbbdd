"""The regions of highest density of a posterior over the plane: the smallest that hold a mass.

A Gaussian's are the ellipses of so many standard deviations, so the lines around them compare a
posterior of any shape with a Gaussian.
"""

from collections.abc import Generator, Sequence

import numpy as np

from model.latent.best_gaussian import LogJoint
from model.latent.decode_table import Doubles
from model.latent.isolines import isoline
from model.latent.plane_posterior import PlanePosterior

SIDE = 72  # nodes along each axis
_MASS = 0.999  # of the cells around which the grid is laid
_AT_ONCE = 400
_MOST_LOST = 0.01  # of the mass, by what the grid sums to


def highest_density_lines(
    joint: LogJoint, posterior: PlanePosterior, masses: Sequence[float]
) -> Generator[None, None, list[Doubles]]:
    """The lines around the regions of some masses: for each, segments (M, 2, 2) from and to.

    Empty where a grid of 72 x 72 nodes over the posterior is too coarse for it, as where two narrow
    modes lie far apart. Yields after every 400 nodes.

    Args:
        joint: log p(evidence, z).
        posterior: the exact one, which says where to look, and what the grid must sum to.
        masses: each between 0 and 1.
    """
    low, step = _grid_around(posterior)
    nodes = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"), axis=-1)
    z = low + step * nodes.reshape(-1, 2)
    values = np.empty(len(z))
    for start in range(0, len(z), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        values[some] = joint(z[some])
        yield
    shares = np.exp(values - posterior.log_evidence) * float(np.prod(step))
    if abs(shares.sum() - 1.0) > _MOST_LOST:
        return []
    order = np.sort(shares)[::-1]
    held = np.cumsum(order)
    grid = values.reshape(SIDE, SIDE)
    found = []
    for mass in masses:
        level = order[min(int(np.searchsorted(held, mass)), len(order) - 1)]
        height = float(np.log(level / np.prod(step))) + posterior.log_evidence
        # Steps differ along the axes: in units of them, the grid is square.
        found.append(low + isoline(grid, height, np.zeros(2), 1.0) * step)
    return found


def _grid_around(posterior: PlanePosterior) -> tuple[Doubles, Doubles]:
    """The lowest node (2,) and the step along each axis (2,)."""
    order = np.argsort(-posterior.log_density)
    count = int(np.searchsorted(np.cumsum(posterior.weights[order]), _MASS)) + 1
    z, width = posterior.cells.z[order[:count]], posterior.cells.width[order[:count], None]
    low, high = (z - width).min(axis=0), (z + width).max(axis=0)
    return low, (high - low) / (SIDE - 1.0)

"""The modes of a posterior over the plane, each with the mass of its basin.

Every cell of the inner grid leads uphill to the highest of its eight neighbours, and so on to a
peak: the cells that lead to one peak are its basin. Two peaks closer together than about two of
the table's steps count as one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Doubles
from model.latent.plane_posterior import PlanePosterior

_LEAST_MASS = 0.005


@dataclass(frozen=True)
class Mode:
    """A mode.

    Attributes:
        z: its highest point, (2,).
        mass: the mass of its basin, from 0 to 1.
        log_density: log p(z | evidence) there.
    """

    z: Doubles
    mass: float
    log_density: float


def modes(posterior: PlanePosterior, side: int, most: int = 6) -> list[Mode]:
    """The modes with at least half a percent of the mass, the heaviest first, at most `most`.

    Args:
        posterior: over cells within a table.
        side: of that table.
        most: how many to give.
    """
    mass = posterior.mass_in(side * side)
    roots = _roots(mass.reshape(side, side))
    of_root = np.bincount(roots, mass, minlength=side * side)
    heavy = np.flatnonzero(of_root >= _LEAST_MASS)
    basin_of = np.where(posterior.within < side * side, posterior.within, 0)
    basin = np.where(posterior.within < side * side, roots[basin_of], -1)
    found = []
    for root in heavy[np.argsort(-of_root[heavy])][:most]:
        mine = np.flatnonzero(basin == root)
        top = mine[posterior.log_density[mine].argmax()]
        height = float(posterior.log_density[top])
        found.append(Mode(posterior.cells.z[top], float(of_root[root]), height))
    return found


def _roots(mass: Doubles) -> NDArray[np.intp]:
    """The index of the peak to which each cell leads, (side^2,)."""
    side = len(mass)
    padded = np.full((side + 2, side + 2), -1.0)
    padded[1:-1, 1:-1] = mass
    index = np.arange(side * side).reshape(side, side)
    best, leads = mass.copy(), index.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            other = padded[1 + down : side + 1 + down, 1 + right : side + 1 + right]
            there = index + down * side + right
            higher = (other > best) | ((other == best) & (there > leads))  # one peak of a plateau
            leads[higher] = there[higher]
            best[higher] = other[higher]
    to = leads.ravel()
    while not np.array_equal(further := to[to], to):
        to = further
    return to

"""How far draws are from an exact posterior over the plane: the total variation distance.

    TV = 1/2 sum over regions of |fraction of the draws in it - its mass|

It is the largest error of any probability that is read off the draws, for events made of these
regions: 0 where none is wrong, 1 where draws and posterior have nothing in common. The regions are
32 boxes of about equal mass, so that they are fine where the posterior is.

Few draws are never exact. What as many independent draws from the posterior itself would show, on
average, stands beside: below that, nothing can be told.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Doubles
from model.latent.plane_posterior import PlanePosterior

DEPTH = 5  # halvings: 32 boxes
_REPEATS = 200
_NEGLIGIBLE = 0.01


@dataclass(frozen=True)
class TotalVariation:
    """A distance, from 0 to 1.

    Attributes:
        distance: of the draws.
        of_exact_draws: what as many independent draws of the posterior show on average.
    """

    distance: float
    of_exact_draws: float


class Boxes:
    """A partition of the plane into boxes of about equal mass, halved along axes in turn.

    Attributes:
        mass: of each box, (2^depth,); they differ where a few cells hold much.
    """

    def __init__(self, posterior: PlanePosterior, depth: int = DEPTH) -> None:
        """Halve the mass of a posterior `depth` times."""
        self._depth = depth
        self._middles = np.zeros(2**depth)  # those of box i of a level at 2^level + i
        z, widths, weights = posterior.cells.z, posterior.cells.width, posterior.weights
        boxes = np.zeros(len(z), dtype=np.intp)
        for level in range(depth):
            along = z[:, level % 2]
            for box in range(2**level):
                mine = boxes == box
                self._middles[2**level + box] = _middle(along[mine], widths[mine], weights[mine])
            boxes = self._halved(boxes, along, level)
        self.mass: Doubles = np.asarray(np.bincount(boxes, weights, minlength=2**depth))

    def __len__(self) -> int:
        return len(self.mass)

    def counts(self, z: Doubles) -> NDArray[np.intp]:
        """How many of the points z (K, 2) lie in each box: (boxes,)."""
        boxes = np.zeros(len(z), dtype=np.intp)
        for level in range(self._depth):
            boxes = self._halved(boxes, z[:, level % 2], level)
        return np.asarray(np.bincount(boxes, minlength=len(self)))

    def _halved(self, boxes: NDArray[np.intp], along: Doubles, level: int) -> NDArray[np.intp]:
        return np.asarray(2 * boxes + (along > self._middles[2**level + boxes]))


def total_variation(boxes: Boxes, z: Doubles, seed: int = 0) -> TotalVariation:
    """The distance of draws z (K, 2), at least one, from the posterior that the boxes are of.

    The seed is that of the draws to compare with.
    """
    mass = boxes.mass / boxes.mass.sum()
    exact = np.random.default_rng(seed).multinomial(len(z), mass, size=_REPEATS)
    distances = 0.5 * np.abs(np.vstack([boxes.counts(z), exact]) / len(z) - mass).sum(axis=1)
    return TotalVariation(float(distances[0]), float(distances[1:].mean()))


def _middle(along: Doubles, widths: Doubles, weights: Doubles) -> float:
    """The edge of a cell that leaves about half of the mass to either side.

    The mass of a cell is known only as a whole, so none that counts may be cut: smaller cells are
    parts of larger ones, and an edge of the largest that count is one for all.
    """
    half = 0.5 * weights.sum()
    if half <= 0.0:
        return 0.0
    sizes, of_size = np.unique(widths, return_inverse=True)
    counts = np.bincount(of_size, weights) > _NEGLIGIBLE * half
    largest = sizes[counts].max()
    edges = np.unique(np.round(along[widths == largest] + largest / 2.0, 9))
    order = np.argsort(along)
    below = np.concatenate([[0.0], np.cumsum(weights[order])])
    below = below[np.searchsorted(along[order], edges)]
    return float(edges[np.argmin(np.abs(below - half))])

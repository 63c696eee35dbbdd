"""p(z | evidence) over the plane, as weighted cells: what one can ask of it.

Each cell has a weight, its share of the posterior's mass. Sums over cells are integrals over the
plane, as exact as the cells are fine: `model.latent.refinement` sees to that.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Cells, Doubles, Floats
from model.latent.running_score import RunningScore


@dataclass(frozen=True)
class PlanePosterior:
    """Weighted cells.

    Attributes:
        cells: M of them.
        score: log of the integral of p(evidence, z) over each, (M,), in nats.
        within: for each, the index of the cell of the table in which it lies, (M,).
        unresolved: why the numbers may be wrong, as a sentence; None if they hold.
        tilt: by how much the mean of log p over a cell exceeds the log of the mean of p, (M,).
    """

    cells: Cells
    score: Doubles
    within: NDArray[np.intp]
    unresolved: str | None
    tilt: Doubles | float = 0.0

    @staticmethod
    def on_table(running: RunningScore, unresolved: str | None = None) -> "PlanePosterior":
        """The posterior on the table's own cells: for the eye; `refinement` makes it exact."""
        scores = running.scores.copy()
        return PlanePosterior(running.table.cells, scores, np.arange(len(scores)), unresolved)

    @cached_property
    def log_evidence(self) -> float:
        """Log p(evidence), in nats."""
        return log_sum_exp(self.score)

    @cached_property
    def weights(self) -> Doubles:
        """The mass of each cell, (M,); their sum is one."""
        return np.asarray(np.exp(self.score - self.log_evidence))

    @cached_property
    def log_density(self) -> Doubles:
        """Log p(z | evidence) at each cell, per unit of area, (M,)."""
        return np.asarray(self.score - self.log_evidence - self.cells.log_area)

    @cached_property
    def entropy(self) -> float:
        """The differential entropy of the density p(z | evidence), in nats; it can be negative.

        That of the prior in the plane is log(2 pi e) = 2.84; halving a standard deviation takes
        0.69 away.
        """
        return float(-(self.weights * (self.log_density + self.tilt)).sum())

    @property
    def mean(self) -> Doubles:
        """The mean of z, (2,)."""
        return np.asarray(self.weights @ self.cells.z)

    @property
    def covariance(self) -> Doubles:
        """The covariance of z, (2, 2)."""
        off = self.cells.z - self.mean
        return np.asarray((off * self.weights[:, None]).T @ off)

    def mass_in(self, count: int) -> Doubles:
        """The mass within each of the first `count` cells of the table, (count,)."""
        inside = self.within < count
        return np.asarray(np.bincount(self.within[inside], self.weights[inside], minlength=count))

    def label_probabilities(self, shares: Doubles) -> Doubles:
        """p(label | evidence), (K,), from p(label | z) in each cell of the table, (cells, K).

        `shares` come from the aggregate posterior of labelled images
        (`model.latent.aggregate_posterior`): the label is that of the region where z lies.
        """
        return np.asarray(self.mass_in(len(shares)) @ shares)

    def heaviest(self, count: int) -> tuple[NDArray[np.intp], Doubles]:
        """At most `count` cells that stand for all: their indices, and weights that sum to one.

        The heaviest ones, if they hold 99.9 % of the mass. Otherwise as many drawn at regular
        distances of mass along the table, each with the same weight, so that a broad posterior is
        covered and not cut off.
        """
        count = min(count, len(self.weights))
        heaviest = np.argpartition(self.weights, -count)[-count:]
        mass = self.weights[heaviest]
        if mass.sum() > 0.999:
            order = np.argsort(-mass)
            return heaviest[order], mass[order] / mass.sum()
        marks = (np.arange(count) + 0.5) / count
        places = np.searchsorted(np.cumsum(self.weights), marks * self.weights.sum())
        return np.minimum(places, len(self.weights) - 1), np.full(count, 1.0 / count)

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Cells drawn with their weights, (count,): as good as z ~ p(z | evidence)."""
        places = np.searchsorted(np.cumsum(self.weights), rng.random(count) * self.weights.sum())
        return np.asarray(np.minimum(places, len(self.weights) - 1))


def log_sum_exp(values: NDArray[np.floating]) -> float:
    """log(sum(exp(values))), without overflow."""
    highest = float(values.max())
    return highest + float(np.log(np.exp(values - highest).sum(dtype=np.float64)))


def heat(running: RunningScore) -> Floats:
    """p(z | evidence) relative to its highest place, on the inner grid: (side, side) in [0, 1].

    Entry [i, j] belongs to z1 = axis[i], z2 = axis[j]. For a layer that follows a brush: 0.2 ms.
    """
    side = running.table.side
    scores = running.scores[: side * side]
    relative = np.subtract(scores, scores.max(), dtype=np.float32, casting="same_kind")
    heights: Floats = np.exp(relative, out=relative)
    return heights.reshape(side, side)

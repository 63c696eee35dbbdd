"""Densities at one point: of the aggregate posterior, and of the prior N(0, I).

Densities are per unit of z, in D dimensions.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NARROWEST = 1e-30
"""Standard deviations below it count as it: densities stay finite where an encoder gives zero."""


class PointDensity:
    """The aggregate posterior q(z) = 1/N sum of q(z|x) over N images, at one point at a time.

    The mixture of `model.latent.aggregate_posterior`, without labels: 0.2 ms for 60,000 Gaussians
    in a plane. All arrays are made once; fresh ones of this size would cost more than the
    arithmetic.
    """

    def __init__(self, means: Array, standard_deviations: Array) -> None:
        """Keep means and standard deviations (N, D); N is at least one."""
        count, dimensions = means.shape
        deviations = np.maximum(standard_deviations, NARROWEST)
        self._means = [np.ascontiguousarray(column, dtype=np.float32) for column in means.T]
        self._inverse = [np.ascontiguousarray(1.0 / c, dtype=np.float32) for c in deviations.T]
        norm = 0.5 * dimensions * math.log(2.0 * math.pi) + math.log(count)
        self._peaks = (-np.log(deviations).sum(axis=1) - norm).astype(np.float32)
        self._total = np.empty(count, dtype=np.float32)
        self._term = np.empty_like(self._total)

    def log_density(self, z: Array) -> float:
        """Log q(z) at a point (D,); finite however far out."""
        with np.errstate(
            over="ignore"
        ):  # where all terms overflow, there is a way with longer ones
            found = self._log_sum(z, self._total, self._term)
        if found is None:
            found = self._log_sum(z, np.empty(len(self._total)), np.empty(len(self._total)))
        return -math.inf if found is None else found

    def _log_sum(self, z: Array, total: NDArray[Any], term: NDArray[Any]) -> float | None:
        """Log q(z) in the precision of two arrays (N,) to compute in; None if that is too short."""
        total.fill(0.0)
        for mean, inverse, value in zip(self._means, self._inverse, z, strict=True):
            np.subtract(mean, total.dtype.type(value), out=term)
            np.multiply(term, inverse, out=term)
            np.square(term, out=term)
            np.add(total, term, out=total)
        np.multiply(total, total.dtype.type(-0.5), out=total)
        np.add(total, self._peaks, out=total)
        highest = total.max()
        if highest == -math.inf:
            return None
        np.subtract(total, highest, out=total)
        np.exp(total, out=total)
        return float(highest) + math.log(float(total.sum(dtype=np.float64)))


def prior_mass_within(radius: float, dimensions: int) -> float:
    """The prior's mass within a distance of the origin, from 0 to 1.

    |z|^2 is chi-squared with D degrees of freedom, so this is the regularised lower incomplete
    gamma function P(D / 2, radius^2 / 2), in closed form where D is a whole number (Abramowitz and
    Stegun 1964, 26.4.4 and 26.4.5).
    """
    x = radius**2 / 2.0
    if x == 0.0:
        return 0.0
    beyond = math.erfc(math.sqrt(x)) if dimensions % 2 else 0.0
    for twice in range(dimensions % 2, dimensions - 1, 2):
        power = twice / 2.0
        beyond += math.exp(power * math.log(x) - x - math.lgamma(power + 1.0))
    return max(0.0, 1.0 - beyond)


def log_prior_density(radius: float, dimensions: int) -> float:
    """Log p(z) at a distance from the origin."""
    return -0.5 * (radius**2 + dimensions * math.log(2.0 * math.pi))

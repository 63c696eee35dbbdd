"""The density of the aggregate posterior at one point, while a hand moves it.

The same mixture as in `model.aggregate_posterior`, without labels: 0.2 ms for 60,000 Gaussians in a
plane. All arrays are made once; fresh ones of this size would cost more than the arithmetic.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class PointDensity:
    """q(z) = 1/N sum of N Gaussians without correlations."""

    def __init__(self, means: Array, spreads: Array) -> None:
        """Keep means and standard deviations (N, D); N is at least one."""
        count, dimensions = means.shape
        self._means = [np.ascontiguousarray(column, dtype=np.float32) for column in means.T]
        self._inverse = [np.ascontiguousarray(1.0 / c, dtype=np.float32) for c in spreads.T]
        norm = 0.5 * dimensions * math.log(2.0 * math.pi) + math.log(count)
        self._peaks = (-np.log(spreads).sum(axis=1) - norm).astype(np.float32)
        self._total = np.empty(count, dtype=np.float32)
        self._term = np.empty_like(self._total)

    def log_density(self, z: Array) -> float:
        """Log q(z) at a point (D,), per unit of z in D dimensions; finite however far out."""
        total, term = self._total, self._term
        total.fill(0.0)
        for mean, inverse, value in zip(self._means, self._inverse, z, strict=True):
            np.subtract(mean, np.float32(value), out=term)
            np.multiply(term, inverse, out=term)
            np.square(term, out=term)
            np.add(total, term, out=total)
        np.multiply(total, np.float32(-0.5), out=total)
        np.add(total, self._peaks, out=total)
        highest = total.max()
        np.subtract(total, highest, out=total)
        np.exp(total, out=total)
        return float(highest) + math.log(float(total.sum(dtype=np.float64)))

"""A random walk through z that stays where the prior has its mass.

It is that of `run_flying.py`, which Kingma, Rezende, Mohamed and Welling (2014) published with M2.
Each dimension goes its own way. With noise variance v = 0.06 and smoothing k = 0.1, a step is

    x <- sqrt(1 - v) x + sqrt(v) e,   e ~ N(0, 1)    a step of an Ornstein-Uhlenbeck process
    s <- s + k (x - s)                               exponential smoothing

x has variance 1, and so s has less: with a = sqrt(1 - v) and b = 1 - k,

    Var(s) = k^2 / (1 - b^2) * (1 + a b) / (1 - a b) = 0.7735,   Cov(s, x) = k / (1 - a b) = 0.7848

The walk is s / sqrt(Var(s)): its standard deviation is 1, that of the prior. (The published code
shows s itself, which it begins at x.) It is stationary from its first step on: x is drawn from its
distribution given s. So a walk that begins at a given point is one that happens to be there.

A stationary Gaussian process looks the same backwards: a film may go there and back.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOISE_VARIANCE = 0.06
SMOOTHING = 0.1

_A, _B = math.sqrt(1.0 - NOISE_VARIANCE), 1.0 - SMOOTHING
VARIANCE = SMOOTHING**2 / (1.0 - _B**2) * (1.0 + _A * _B) / (1.0 - _A * _B)
"""Of s."""
_COVARIANCE = SMOOTHING / (1.0 - _A * _B)
_DEVIATION = math.sqrt(VARIANCE)
_LEFT = math.sqrt(1.0 - _COVARIANCE**2 / VARIANCE)  # of x, once s is known


class Walk:
    """One walk. The same seed and beginning give the same walk.

    Attributes:
        place: (D,), where it is.
    """

    def __init__(self, dimensions: int, seed: int, start: Array | None = None) -> None:
        """Begin at a point (D,), or at a draw from the prior.

        Args:
            dimensions: D.
            seed: of all its draws, not negative.
            start: where it begins; None: at a draw from N(0, I).
        """
        self._numbers = np.random.default_rng(seed)
        drawn = self._numbers.standard_normal(dimensions)
        self.place: Array = drawn if start is None else np.array(start, dtype=np.float64)
        self._s = _DEVIATION * self.place
        noise = self._numbers.standard_normal(dimensions)
        self._x = _COVARIANCE / VARIANCE * self._s + _LEFT * noise

    def step(self) -> Array:
        """Go on by a step; return the new place (D,)."""
        noise = self._numbers.standard_normal(len(self._x))
        self._x = _A * self._x + math.sqrt(NOISE_VARIANCE) * noise
        self._s = self._s + SMOOTHING * (self._x - self._s)
        self.place = self._s / _DEVIATION
        return self.place


def walk(dimensions: int, count: int, seed: int, start: Array | None = None) -> Array:
    """The first places of such a walk, the beginning included: (count, D)."""
    going = Walk(dimensions, seed, start)
    return np.stack([going.place, *(going.step() for _ in range(count - 1))])

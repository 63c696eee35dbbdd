"""A decoder whose every posterior is known: pixel p is ink with a Gaussian bump of z.

p(pixel p is ink | z) = exp(FLOOR - (z - m)' A (z - m) / 2), so small that blank pixels say nothing:
p(z | pixels 0 .. k are ink) is the prior times k bumps, a Gaussian.
"""

import math
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import numpy as np

from model.latent.decode_table import PIXELS

FLOOR = -25.0

T = TypeVar("T")


def end(steps: Generator[float | None, None, T]) -> T:
    """The result of a computation in steps; where it yields fractions, they are from 0 to 1."""
    while True:
        try:
            fraction = next(steps)
            assert fraction is None or 0.0 <= fraction <= 1.0
        except StopIteration as stop:
            result: T = stop.value
            return result


class Bumps:
    """Bumps (centre, precision matrix) of the first pixels; all others are blank everywhere."""

    def __init__(self, *bumps: tuple[Any, Any]) -> None:
        self.bumps = [(np.array(centre, float), np.array(a, float)) for centre, a in bumps]

    def decode(self, z: np.ndarray) -> np.ndarray:
        logits = np.full((len(z), PIXELS), -60.0)
        for pixel, (centre, precision) in enumerate(self.bumps):
            off = z.astype(float) - centre
            logits[:, pixel] = FLOOR - 0.5 * np.einsum("gi,ij,gj->g", off, precision, off)
        return np.maximum(logits, -1e30).astype(np.float32)

    def posterior(self, pixels: list[int]) -> tuple[np.ndarray, np.ndarray, float]:
        """Mean, covariance and log p of these pixels being ink, in closed form."""
        precision, linear, constant = np.eye(2), np.zeros(2), 0.0
        for pixel in pixels:
            centre, a = self.bumps[pixel]
            precision = precision + a
            linear = linear + a @ centre
            constant += FLOOR - 0.5 * centre @ a @ centre
        covariance = np.linalg.inv(precision)
        log_p = constant + 0.5 * linear @ covariance @ linear
        return covariance @ linear, covariance, log_p - 0.5 * np.linalg.slogdet(precision)[1]


def gaussian_entropy(covariance: np.ndarray) -> float:
    return 0.5 * float(np.linalg.slogdet(2.0 * math.pi * math.e * covariance)[1])


def wavy() -> Callable[[np.ndarray], np.ndarray]:
    """A smooth decoder without a closed form: each pixel a wave over the plane."""
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, PIXELS)), rng.normal(size=PIXELS)

    def decode(z: np.ndarray) -> np.ndarray:
        return (1.5 * np.sin(z @ first + second) - 0.5).astype(np.float32)

    return decode

"""Measures that q(z|x) gives in closed form."""

from collections.abc import Generator

import numpy as np

from vae_gui.state.measures.measure import Array, Subject, Values


def compute_kl(subject: Subject) -> Generator[Values, None, None]:
    """KL(q(z|x) || p(z)) of each image, in nats (Kingma and Welling 2014, appendix B)."""
    yield Values("kl", 0, kl_of(subject.images.means, subject.images.standard_deviations))


def kl_of(means: Array, deviations: Array) -> Array:
    """KL(q(z|x) || p(z)) of N images in nats (N,), from mean and standard deviation (N, D)."""
    kl: Array = 0.5 * (means**2 + deviations**2 - 1.0 - 2.0 * _log(deviations)).sum(axis=1)
    return kl


def compute_standard_deviation(subject: Subject) -> Generator[Values, None, None]:
    """The geometric mean of the standard deviations of each q(z|x), in units of z."""
    deviations = subject.images.standard_deviations
    yield Values("standard_deviation", 0, np.exp(_log(deviations).mean(axis=1)))


def _log(deviations: Array) -> Array:
    """The logarithms; minus infinity where a q(z|x) has no width, so that its KL is infinite."""
    with np.errstate(divide="ignore"):
        logarithms: Array = np.log(deviations)
    return logarithms

"""What the model says of each digit, as generators without Qt: a worker iterates them."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.point_density import PointDensity
from vae_gui.opened import EncodedDigits, OpenModel

Array = NDArray[np.float64]
_AT_ONCE = 250


@dataclass(frozen=True)
class Reconstructed:
    """The reconstruction terms of some digits, from an index on: (B,), in nats."""

    first: int
    values: Array


@dataclass(frozen=True)
class Density:
    """log q(z) of the training digits at the means of some digits, from an index on: (B,)."""

    first: int
    values: Array


@dataclass(frozen=True)
class Integrating:
    """How far the integral is, from 0 to 1."""

    part: float


@dataclass(frozen=True)
class Integrated:
    """The exact log p(x) of all digits, (N,), in nats."""

    values: Array


def reconstruct(
    model: OpenModel, digits: EncodedDigits, start: int = 0
) -> Generator[Reconstructed, None, None]:
    """The reconstruction term of each digit from an index on, some at a time."""
    import torch

    from model.data import binarise_once
    from model.image_terms import image_terms

    torch.set_num_threads(1)  # the hand goes first
    x = binarise_once(torch.from_numpy(digits.images)).flatten(1)
    for first in range(start, len(x), _AT_ONCE):
        terms = image_terms(model.checkpoint.vae, x[first : first + _AT_ONCE], seed=first)
        yield Reconstructed(first, terms.reconstruction.numpy())


def log_densities(digits: EncodedDigits, training: EncodedDigits) -> Generator[Density, None, None]:
    """The log density of the training digits' aggregate posterior where each digit lies."""
    density = PointDensity(training.means, training.spreads)
    for first in range(0, len(digits.means), _AT_ONCE):
        some = digits.means[first : first + _AT_ONCE]
        yield Density(first, np.array([density.log_density(z) for z in some]))


def integrate(
    model: OpenModel, digits: EncodedDigits
) -> Generator[Integrating | Integrated, None, None]:
    """The exact log-likelihood of all digits, at once at the end."""
    import torch

    from model.data import binarise_once
    from model.exact import integration

    torch.set_num_threads(1)
    x = binarise_once(torch.from_numpy(digits.images)).flatten(1)
    steps = integration(model.checkpoint.vae, x)
    while True:
        try:
            yield Integrating(next(steps))
        except StopIteration as end:
            yield Integrated(end.value.log_likelihood.numpy())
            return

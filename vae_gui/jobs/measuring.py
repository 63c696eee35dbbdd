"""What the model says of each digit, as generators without Qt: a worker iterates them.

What was computed before, for the same checkpoint and the same digits, is not computed again.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.latent.point_density import PointDensity
from vae_gui.state.encoded import EncodedDigits, OpenModel
from vae_gui.state.measures import LabelAccuracy

if TYPE_CHECKING:
    from model.files.number_cache import KeptNumbers, Owner

Array = NDArray[np.float64]
_AT_ONCE = 250
_POINTS_AT_ONCE = 50


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
    """What the integral gives for all digits; each (N,), in nats.

    Attributes:
        log_likelihood: the exact log p(x).
        reconstruction: E_q[log p(x|z)], on the same grid.
    """

    log_likelihood: Array
    reconstruction: Array


def reconstruct(
    model: OpenModel, digits: EncodedDigits, known: Array
) -> Generator[Reconstructed | Integrated, None, None]:
    """The reconstruction term of each digit, some at a time.

    Args:
        model: what decodes.
        digits: N of them.
        known: (N,) what is known already: from the first that is not a number, all is computed.
    """
    import torch

    from model.data.binarise import binarise_once
    from model.files.number_cache import KeptNumbers, keep_numbers
    from model.likelihood.image_terms import image_terms

    torch.set_num_threads(1)  # the hand goes first
    owner, kept = _recall(model, digits)
    if kept.reconstruction is not None:
        yield Reconstructed(0, kept.reconstruction.numpy())
        if kept.log_likelihood is not None:
            yield Integrated(kept.log_likelihood.numpy(), kept.reconstruction.numpy())
        return
    found = known.copy()
    start = int(np.isnan(found).argmax())
    x = binarise_once(torch.from_numpy(digits.images)).flatten(1)
    for first in range(start, len(x), _AT_ONCE):
        terms = image_terms(model.checkpoint.vae, x[first : first + _AT_ONCE], seed=first)
        found[first : first + _AT_ONCE] = terms.reconstruction.numpy()
        yield Reconstructed(first, found[first : first + _AT_ONCE].copy())
    keep_numbers(owner, KeptNumbers(torch.from_numpy(found)))


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

    from model.data.binarise import binarise_once
    from model.files.number_cache import KeptNumbers, keep_numbers
    from model.likelihood.exact import integration

    torch.set_num_threads(1)
    owner, kept = _recall(model, digits)
    if kept.log_likelihood is not None and kept.reconstruction is not None:
        yield Integrated(kept.log_likelihood.numpy(), kept.reconstruction.numpy())
        return
    x = binarise_once(torch.from_numpy(digits.images)).flatten(1)
    steps = integration(model.checkpoint.vae, x)
    while True:
        try:
            yield Integrating(next(steps))
        except StopIteration as end:
            exact = end.value
            break
    keep_numbers(owner, KeptNumbers(exact.reconstruction, exact.log_likelihood))
    yield Integrated(exact.log_likelihood.numpy(), exact.reconstruction.numpy())


def label(test: EncodedDigits, training: EncodedDigits) -> Generator[LabelAccuracy, None, None]:
    """How many test digits lie where their own label is the likeliest, some at a time.

    With more than two dimensions, in all of them: the regions that a plane shows are one cut.
    """
    import torch

    from model.latent.aggregate_posterior import neighbourhoods

    torch.set_num_threads(1)
    mixture = training.aggregate()
    z, labels = torch.from_numpy(test.means), torch.from_numpy(test.labels)
    right = count = 0
    for some in neighbourhoods(z, _POINTS_AT_ONCE):
        right += int((mixture.shares_at(z[some]).argmax(dim=1) == labels[some]).sum())
        count += len(some)
        yield LabelAccuracy(right, count)


def _recall(model: OpenModel, digits: EncodedDigits) -> tuple["Owner | None", "KeptNumbers"]:
    import torch

    from model.files.number_cache import find_numbers, owner_of

    owner = owner_of(model.checkpoint, torch.from_numpy(digits.images))
    return owner, find_numbers(owner)

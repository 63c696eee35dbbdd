"""From grey values to pixels: Bernoulli draws, and the protocols of the test set.

Dynamic binarisation is the headline protocol: training pixels are Bernoulli draws of the grey
values, fresh at each visit (`binarise`); validation and test images are drawn once, with a
published seed (`binarise_once`), so that their numbers can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.data.catalogue import BINARISATION_SEED


def binarise(images: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Bernoulli draws whose means are the grey values / 255.

    Images of any shape, uint8; the result has that shape, float32, of zeros and ones. The
    probabilities are exact: of the 255 thresholds 0 .. 254, v are smaller than the grey value v.
    """
    threshold = torch.empty_like(images).random_(0, 255, generator=generator)
    return (threshold < images).float()


def binarise_once(images: Tensor, seed: int = BINARISATION_SEED) -> Tensor:
    """Bernoulli draws as of `binarise`, the same on every machine: (N, 1, 28, 28) uint8 -> float32.

    The numbers come from NumPy's legacy generator, whose stream is frozen by NEP 19.
    """
    threshold = np.random.RandomState(seed).randint(0, 255, size=images.shape, dtype=np.uint8)
    return (torch.from_numpy(threshold) < images).float()


@dataclass(frozen=True)
class Protocol:
    """A way to make images (N, 784) in [0, 1] from grey values. Protocols cannot be compared.

    Attributes:
        title: its name beside a number.
        likelihood: whether p(x|z) is a distribution of such pixels, and log p(x) a log-likelihood.
        pixels: uint8 (N, 1, 28, 28) and the seed of the binarisation -> float32 (N, 784).
    """

    title: str
    likelihood: bool
    pixels: Callable[[Tensor, int], Tensor]


def _dynamic(images: Tensor, seed: int) -> Tensor:
    return binarise_once(images, seed).flatten(1)


def _static_threshold(images: Tensor, _: int) -> Tensor:
    return (images >= 128).float().flatten(1)


def _grey(images: Tensor, _: int) -> Tensor:
    return images.float().div(255).flatten(1)


PROTOCOLS = {
    "dynamic": Protocol("dynamic binarisation, drawn once", True, _dynamic),
    "static-threshold": Protocol("pixels thresholded at 0.5", True, _static_threshold),
    "grey": Protocol("grey pixels under the Bernoulli formula: not a likelihood", False, _grey),
}

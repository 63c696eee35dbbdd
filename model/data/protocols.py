"""What the pixels of the test set are: three protocols, whose numbers cannot be compared."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from model.data.datasets import binarise_once


@dataclass(frozen=True)
class Protocol:
    """A way to make images (N, 784) in [0, 1] of grey values.

    Attributes:
        title: what it is called beside a number.
        likelihood: whether p(x|z) is then a distribution, and log p(x) a log-likelihood.
        pixels: makes float32 (N, 784) of uint8 (N, 1, 28, 28) and the seed of the binarisation.
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

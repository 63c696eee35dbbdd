"""Shared by the tests of likelihoods: the bundled model, and 60 images integrated by it once."""

import pytest
import torch

from model import assets
from model.data.datasets import Splits, binarise_once
from model.files.checkpoint import read_checkpoint
from model.likelihood.exact import Exact, integrate
from model.network.vae import VAE


@pytest.fixture(scope="session")
def bundled() -> VAE:
    """The bundled model. Read it, do not change it."""
    return read_checkpoint(assets.PRETRAINED).vae


@pytest.fixture(scope="session")
def digits(mnist: Splits) -> torch.Tensor:
    """300 test images, binarised: (300, 784)."""
    return binarise_once(mnist.test.images[:300]).flatten(1)


@pytest.fixture(scope="session")
def integrated(bundled: VAE, digits: torch.Tensor) -> Exact:
    """What the grid says of the first 60 of them under the bundled model."""
    return integrate(bundled, digits[:60])

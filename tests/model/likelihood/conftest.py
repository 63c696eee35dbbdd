"""Shared by the tests of likelihoods: the bundled model, and images integrated by it once."""

import pytest
import torch

from model import assets
from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files.checkpoint import read_checkpoint
from model.likelihood.exact import Exact, integrate
from model.likelihood.grid import Grid
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


@pytest.fixture(scope="session")
def near(bundled: VAE, digits: torch.Tensor) -> torch.Tensor:
    """24 of the digits, whose posteriors lie in the middle of the plane: (24, 784)."""
    return digits[bundled.posterior(digits).mean.abs().amax(1) < 0.8][:24]


@pytest.fixture(scope="session")
def integrated_near(bundled: VAE, near: torch.Tensor) -> Exact:
    """What a grid over that middle says of them: all are resolved, in a third of the time."""
    found = integrate(bundled, near, Grid(limit=1.5))
    assert found.resolved.all()
    return found

"""Shared by the tests of model/: a part of the images."""

import pytest

from model.data.datasets import Splits


@pytest.fixture(scope="session")
def small(mnist: Splits) -> Splits:
    """2,000 training, 500 validation and 500 test images of MNIST."""
    return Splits(
        mnist.name, mnist.train[:2000], mnist.validation[:500], mnist.test[:500], mnist.checksums
    )

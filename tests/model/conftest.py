"""Shared by the tests of model/: real digits in a folder of this session, one torch thread."""

from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
import torch

from model.data.datasets import Splits, load_splits


@pytest.fixture(autouse=True)
def no_user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What asks for the user's cache gets a folder of this test."""
    monkeypatch.setattr(
        platformdirs, "user_cache_dir", lambda name, **_: str(tmp_path / "user cache" / name)
    )


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are added in the same order each time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def mnist_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with MNIST unpacked. Read it; copy it before damaging it."""
    folder = tmp_path_factory.mktemp("data")
    load_splits("mnist", folder)
    return folder


@pytest.fixture(scope="session")
def mnist(mnist_dir: Path) -> Splits:
    """All of MNIST."""
    return load_splits("mnist", mnist_dir)


@pytest.fixture(scope="session")
def small(mnist: Splits) -> Splits:
    """2,000 training, 500 validation and 500 test images of MNIST."""
    return Splits(
        mnist.name, mnist.train[:2000], mnist.validation[:500], mnist.test[:500], mnist.checksums
    )

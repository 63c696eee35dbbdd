"""Shared by all tests: no display, one torch thread, nothing of the user's, MNIST unpacked once."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before numpy and torch are imported, and for the processes that tests start: the tests themselves
# run in as many processes as there are cores.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import signal
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
import torch
from few_images import few
from hypothesis import settings

from model.data.datasets import Splits, load_splits


def pytest_configure() -> None:
    """A shell that starts the tests in the background would have them ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("untimed", deadline=None)  # machines are busy, and no test is timed
    settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What asks for the user's cache gets a folder of this test."""
    monkeypatch.setattr(
        platformdirs, "user_cache_dir", lambda name, **_: str(tmp_path / "user cache" / name)
    )


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are added in the same order each time, whatever the test before has set."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def mnist_dir(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A data folder with MNIST unpacked, one for all test processes. Copy it to damage it."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent  # the folder of the whole run
    load_splits("mnist", folder / "mnist")  # writes whole files: two processes may do it at once
    return folder / "mnist"


@pytest.fixture(scope="session")
def mnist(mnist_dir: Path) -> Splits:
    """All of MNIST."""
    return load_splits("mnist", mnist_dir)


@pytest.fixture(scope="session")
def small(mnist: Splits) -> Splits:
    """2,000 training, 200 validation and 200 test images of MNIST."""
    return few(mnist)

"""Shared by the tests of the command line: real digits, one thread, folders of the test."""

import signal
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
import torch
from train_few import load_few

from model.data.datasets import Splits, load_splits


@pytest.fixture(autouse=True)
def no_user_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What asks for the user's cache gets a folder of this test; what writes, a folder too."""
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def ctrl_c_as_it_was() -> Iterator[None]:
    """A command that stops ignores Ctrl-C from then on; this process and its children shall not."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums are added in the same order each time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MNIST, unpacked."""
    folder = tmp_path_factory.mktemp("data of the command line")
    load_splits("mnist", folder)
    return folder


@pytest.fixture(scope="session")
def part(data_dir: Path) -> Splits:
    """5,000 training images, and 500 of the others."""
    return load_few("mnist", data_dir)


@pytest.fixture
def few(part: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds only a part of the images: it is quicker."""
    monkeypatch.setattr("model.data.datasets.load_splits", lambda *_: part)

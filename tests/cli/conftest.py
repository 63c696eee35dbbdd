"""Shared by the tests of the command line: few images, and folders of the test."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.data.datasets import Splits


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is written without a place goes to a folder of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def ctrl_c_as_it_was() -> Iterator[None]:
    """A command that stops ignores Ctrl-C from then on; this process and its children shall not."""
    handler = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.fixture
def few(small: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line finds only few images: it is quicker."""
    monkeypatch.setattr("model.data.datasets.load_splits", lambda *_: small)

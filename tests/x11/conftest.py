"""A screen for the workspace, and a fresh user for each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from x11_desktop import Desktop
from x11_program import (
    DragSource,
    Explorer,
    Program,
    StartDragSource,
    StartExplorer,
    StartProgram,
)

from model.files.checkpoint import Checkpoint, write_checkpoint
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig


@pytest.fixture(scope="session")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """An X server of the workspace's own. REQUIRE_X11=1: without one the tests fail, not skip."""
    missing = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)} (Debian: apt install xvfb xdotool)"
        (pytest.fail if os.environ.get("REQUIRE_X11") == "1" else pytest.skip)(reason)
    desktop = Desktop(tmp_path_factory.mktemp("xvfb"))
    yield desktop
    desktop.stop()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the digits are unpacked, once for all tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def environment(desktop: Desktop, tmp_path: Path, cache: Path) -> dict[str, str]:
    """The environment of a user who has never started the program."""
    return desktop.environment(tmp_path / "home", cache)


@pytest.fixture
def started() -> Iterator[list[Program]]:
    """What a test has started; a failed test leaves nothing behind."""
    programs: list[Program] = []
    yield programs
    for program in programs:
        program.clean_up()


@pytest.fixture
def start(
    desktop: Desktop, environment: dict[str, str], tmp_path: Path, started: list[Program]
) -> StartExplorer:
    """Start the explorer, observed, with the hand out of the way."""

    def start(*arguments: object) -> Explorer:
        desktop.put_the_hand_away()
        folder = tmp_path / f"run-{len(started)}"
        words = [str(argument) for argument in arguments]
        explorer = Explorer(desktop, environment, folder, words)
        started.append(explorer)
        return explorer

    return start


@pytest.fixture
def start_plain(
    desktop: Desktop, environment: dict[str, str], tmp_path: Path, started: list[Program]
) -> StartProgram:
    """Start `python -m vae_gui`; `changes` are made to the environment (None: not set)."""

    def start(*arguments: object, changes: dict[str, str | None] | None = None) -> Program:
        desktop.put_the_hand_away()
        changed = environment | (changes or {})
        words = [str(argument) for argument in arguments]
        program = Program(
            desktop,
            {name: value for name, value in changed.items() if value is not None},
            tmp_path / f"run-{len(started)}",
            ["-m", "vae_gui", *words],
        )
        started.append(program)
        return program

    return start


@pytest.fixture
def drag_source(
    desktop: Desktop, environment: dict[str, str], tmp_path: Path, started: list[Program]
) -> StartDragSource:
    """Start a window to drag files out of, beside the explorer."""

    def start(*paths: Path) -> DragSource:
        folder = tmp_path / f"run-{len(started)}"
        source = DragSource(desktop, environment, folder, (1250, 300), list(paths))
        started.append(source)
        return source

    return start


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Untrained models by their latent dimension, in files that are not the bundled one."""
    folder = tmp_path_factory.mktemp("models")
    return {dimension: _write(folder, dimension) for dimension in (2, 5)}


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    """What is no checkpoint, whatever it is called."""
    path = tmp_path / "bad.safetensors"
    path.write_text("This is a shopping list: bread, milk, two candles.\n")
    return path


def _write(folder: Path, latent_dim: int) -> Path:
    vae = build(
        VAEConfig(latent_dim=latent_dim, hidden=16, blocks=1, fourier_features=0), seed=0
    ).eval()
    with torch.no_grad():
        vae.decoder.logits.weight *= 20.0  # so that the picture depends on z visibly
    path = folder / f"untrained-{latent_dim}d.safetensors"
    write_checkpoint(path, Checkpoint(vae, TrainConfig(epochs=3), 3, {}, {}))
    return path

"""Small models and digits, settings of nobody, and no thread left behind."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui_helpers import coarse_elbo, make_digits
from patience import PatientBot
from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QApplication

from model.files.checkpoint import Checkpoint, write_checkpoint
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from vae_gui.jobs import opening
from vae_gui.state.encoded import OpenModel
from vae_gui.state.workspace import Workspace

MakeModel = Callable[..., OpenModel]


@pytest.fixture(autouse=True)
def settings_of_nobody(tmp_path: Path) -> Iterator[None]:
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings")
    )
    QCoreApplication.setOrganizationName("vae-gui-tests")
    QCoreApplication.setApplicationName("vae-gui-tests")
    yield
    QSettings().clear()


@pytest.fixture(autouse=True)
def numbers_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured is kept in a folder of this test."""
    monkeypatch.setattr("model.files.number_cache.folder", lambda: tmp_path / "numbers")


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10.0)
    left = [thread.name for thread in set(threading.enumerate()) - before]
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    """In place of pytest-qt's, which waits for five seconds at most."""
    return PatientBot(request)


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """A function that writes an untrained checkpoint and returns it as an open model."""

    def make(
        latent_dim: int = 2,
        *,
        seed: int = 0,
        name: str = "tiny.safetensors",
        architecture: str = "residual",
    ) -> OpenModel:
        config = VAEConfig(latent_dim, architecture, hidden=16, blocks=1, fourier_features=0)
        vae = build(config, seed).eval().requires_grad_(False)
        if architecture == "residual":
            vae.decoder.logits.weight *= 20.0  # so that the picture depends on z visibly
        metrics = {"validation": {"elbo": -150.25, "reconstruction": -143.0, "kl": 7.25}}
        checkpoint = Checkpoint(vae, TrainConfig(epochs=3), 3, metrics, {})
        path = tmp_path / name
        write_checkpoint(path, checkpoint)
        return OpenModel(path, path.name, checkpoint)

    return make


@pytest.fixture
def workspace(make_model: MakeModel) -> Workspace:
    """A workspace with a 2-D model and 200 digits."""
    made = Workspace()
    made.document.open(make_model())
    made.document.set_test(make_digits())
    return made


@pytest.fixture
def quick_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a checkpoint encodes made-up digits instead of 10,000 real ones."""
    coarse_elbo(monkeypatch)
    real = opening.open_checkpoint

    def open_quickly(path: Path, data_dir: Path | None, label: int = 0) -> Iterator[object]:
        results = real(path, data_dir, label)
        model = next(results)
        results.close()
        yield model
        yield make_digits(model.latent_dim)

    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", open_quickly)

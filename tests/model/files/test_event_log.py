import dataclasses
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.data.datasets import Splits
from model.files.event_log import EventLog, EventLogMissing
from model.files.pictures import SAMPLES
from model.latent import decoding as latent
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from model.train.training import TrainingReport, train

TINY = VAEConfig(latent_dim=2, hidden=4, blocks=1)
CONFIG = TrainConfig(
    epochs=3, batch_size=1000, device="cpu", precision="float32", threads=1, ema_decay=0.9
)


@dataclasses.dataclass
class Epoch:
    """A report, and the samples of its moment."""

    report: TrainingReport
    samples: np.ndarray


@pytest.fixture(scope="module")
def epochs(small: Splits) -> list[Epoch]:
    return [
        Epoch(report, latent.sample(report.state.model, SAMPLES, seed=7).numpy())
        for report in train(TINY, CONFIG, small)
        if report.validation is not None
    ]


def record(folder: Path, small: Splits, upto: int = 6, first_step: int = 0) -> None:
    """Train once more and write what lies between these steps."""
    log = EventLog(folder, first_step)
    for report in train(TINY, CONFIG, small):
        if report.validation is not None and first_step <= report.place.step <= upto:
            log.record_epoch(report, seed=7)
    log.close()


def read(folder: Path) -> Any:
    """What TensorBoard itself finds."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_tensorboard_reads_the_numbers_of_every_epoch(
    tmp_path: Path, small: Splits, epochs: list[Epoch]
) -> None:
    record(tmp_path, small)
    events = read(tmp_path)
    terms = ("elbo", "reconstruction", "kl")
    named = {f"{term}/{split}" for term in terms for split in ("train", "validation")}
    assert set(events.Tags()["scalars"]) == named | {"images per second"}
    for split in ("train", "validation"):
        for term in terms:
            found = [(event.step, event.value) for event in events.Scalars(f"{term}/{split}")]
            expected = [
                (epoch.report.place.step, getattr(getattr(epoch.report, split), term))
                for epoch in epochs
            ]
            assert [step for step, _ in found] == [step for step, _ in expected] == [2, 4, 6]
            assert [value for _, value in found] == pytest.approx([value for _, value in expected])
    assert all(event.value > 0 for event in events.Scalars("images per second"))


def test_tensorboard_shows_the_samples_of_every_epoch(
    tmp_path: Path, small: Splits, epochs: list[Epoch]
) -> None:
    record(tmp_path, small)
    pictures = read(tmp_path).Images("samples")
    assert len(pictures) == len(epochs) == 3
    for picture, epoch in zip(pictures, epochs, strict=True):
        with Image.open(io.BytesIO(picture.encoded_image_string)) as image:
            pixels = np.asarray(image.convert("L"), dtype=float)
        assert pixels.shape == (28, 28 * SAMPLES)
        for index, sample in enumerate(epoch.samples):
            cell = pixels[:, 28 * index : 28 * index + 28]
            np.testing.assert_allclose(cell, 255 * sample, atol=1.5)


def test_of_a_run_that_goes_on_every_epoch_counts_once(tmp_path: Path, small: Splits) -> None:
    """The first writer came further than what was saved."""
    record(tmp_path, small, upto=4)
    record(tmp_path, small, first_step=3)
    steps = [event.step for event in read(tmp_path).Scalars("elbo/validation")]
    assert steps == [2, 4, 6]


@pytest.mark.parametrize("missing", ["tensorboard", "torch.utils.tensorboard"])
def test_without_the_package_it_says_so(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    for name in [name for name in sys.modules if name.startswith("tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(EventLogMissing):
        EventLog(tmp_path)
    assert list(tmp_path.iterdir()) == []

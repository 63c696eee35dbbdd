import dataclasses
import json
from pathlib import Path

import pytest
import torch

from model.data.datasets import Splits
from model.files.checkpoint import read_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.files.resume import read_state
from model.files.run_writer import RunWriter
from model.files.snapshot_writer import bytes_of_snapshot, schedule_of
from model.network.vae import VAE, VAEConfig
from model.train.presets import PRESETS
from model.train.train_config import TrainConfig
from model.train.training import train
from model.train.training_state import begin

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)
CONFIG = TrainConfig(
    epochs=2, batch_size=150, seed=5, device="cpu", precision="float32", threads=1, ema_decay=0.9
)
PER_EPOCH = 14

Weights = dict[str, torch.Tensor]


def weights_of(vae: VAE) -> Weights:
    return {name: weight.clone() for name, weight in vae.state_dict().items()}


def half(weights: Weights) -> Weights:
    return {name: weight.half().float() for name, weight in weights.items()}


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def record(
    folder: Path, data: Splits, vae_config: VAEConfig = TINY, config: TrainConfig = CONFIG
) -> tuple[RunWriter, dict[int, Weights]]:
    """Train and write as the command line does; the weights after each step."""
    writer = RunWriter(folder, vae_config, config, data, [])
    writer.snapshots.write_untrained(data)
    weights = {}
    for report in train(vae_config, config, data):
        weights[report.place.step] = weights_of(report.state.model)
        if report.validation is None:
            writer.snapshots.write(report)
        else:
            writer.record_epoch(report)
    return writer, weights


def names(writer: RunWriter) -> list[str]:
    return sorted(path.name for path in writer.paths.snapshot(0).parent.iterdir())


def test_the_average_is_kept_after_the_steps_of_the_schedule(tmp_path: Path, small: Splits) -> None:
    writer, weights = record(tmp_path / "run", small)
    steps = (0, 1, 3, 10, 14, 28)
    assert writer.snapshots.schedule.steps == steps
    assert names(writer) == [f"step_{step:08d}.safetensors" for step in steps]
    weights[0] = weights_of(begin(TINY, CONFIG, small, torch.device("cpu")).model)
    for step in steps:
        snapshot = read_checkpoint(writer.paths.snapshot(step))
        assert same(weights_of(snapshot.vae), half(weights[step])), step
        assert snapshot.epoch == -(-step // PER_EPOCH)
        assert snapshot.training == CONFIG
        splits = {"train", "validation"} if step in (14, 28) else {"train"}
        assert snapshot.metrics.keys() == (splits if step else set())


@pytest.mark.slow
def test_the_training_is_the_same_with_and_without_snapshots(tmp_path: Path, small: Splits) -> None:
    """Also where the encoder has an atlas, with which it must be saved as it is at that step."""
    vae_config = dataclasses.replace(TINY, atlas=4)
    for decay in (0.0, 0.9):
        config = dataclasses.replace(CONFIG, ema_decay=decay)
        writer, weights = record(tmp_path / f"with {decay}", small, vae_config, config)
        without = dataclasses.replace(config, snapshots="none")
        other, _ = record(tmp_path / f"without {decay}", small, vae_config, without)
        assert names(other) == []
        first, second = (read_state(each.paths.resume).state.tensors for each in (writer, other))
        assert same(first, second)
        vae = VAE(vae_config)
        vae.load_state_dict(weights[3])
        vae.fill_atlas()
        snapshot = read_checkpoint(writer.paths.snapshot(3)).vae
        assert same(weights_of(snapshot), half(weights_of(vae)))


def test_the_settings_say_what_the_snapshots_will_take(tmp_path: Path, small: Splits) -> None:
    writer, _ = record(tmp_path / "run", small)
    said = json.loads(writer.paths.config.read_text())["snapshots"]
    assert said == {"count": 6, "bytes": 6 * bytes_of_snapshot(TINY)}
    files = list(writer.paths.snapshot(0).parent.iterdir())
    assert sum(path.stat().st_size for path in files) <= said["bytes"]


@pytest.mark.parametrize("vae_config", [TINY, VAEConfig(), PRESETS["modern-2d"].configs()[0]])
def test_no_snapshot_is_larger_than_was_said(
    vae_config: VAEConfig, tmp_path: Path, small: Splits
) -> None:
    writer = RunWriter(tmp_path / "run", vae_config, CONFIG, small, [])
    writer.snapshots.write_untrained(small)
    size = writer.paths.snapshot(0).stat().st_size
    assert size <= bytes_of_snapshot(vae_config) <= size + 20_000


def test_the_default_model_takes_at_most_100_mb_in_100_epochs() -> None:
    for epochs in (1, 52, 100):
        config = TrainConfig(epochs=epochs)
        assert schedule_of(VAEConfig(), config, 50_000).bytes <= 100 * 10**6


@pytest.mark.parametrize("bad", [float("nan"), 1e6])
def test_weights_that_half_precision_cannot_hold_leave_no_snapshot_and_stop_nothing(
    bad: float, tmp_path: Path, small: Splits
) -> None:
    writer = RunWriter(tmp_path / "run", TINY, CONFIG, small, [])
    report = next(train(TINY, CONFIG, small))
    with torch.no_grad():
        report.state.model.encoder.mean.bias[0] = bad
    writer.snapshots.write(report)
    assert names(writer) == []


def test_a_snapshot_that_cannot_be_written_is_one_sentence(tmp_path: Path, small: Splits) -> None:
    writer = RunWriter(tmp_path / "run", TINY, CONFIG, small, [])
    writer.paths.snapshot(0).mkdir()
    with pytest.raises(CheckpointError, match=r"step_00000000.* could not be written .*\.$"):
        writer.snapshots.write_untrained(small)

import dataclasses
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from model.data.datasets import Splits
from model.files.checkpoint import read_checkpoint
from model.files.checkpoint_format import CheckpointError
from model.files.resume import Saved, read_state
from model.files.run import RunPaths, is_free, read_metrics
from model.files.run_writer import RunError, RunWriter
from model.latent import decoding as latent
from model.likelihood.elbo import ELBO
from model.network.vae import VAE, VAEConfig
from model.train.train_config import TrainConfig
from model.train.training import SavedState, TrainingReport, train

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)
CONFIG = TrainConfig(
    epochs=3,
    batch_size=700,
    learning_rate=3e-3,
    seed=5,
    device="cpu",
    precision="float32",
    threads=1,
    ema_decay=0.0,
)


def writer_for(folder: Path, data: Splits) -> RunWriter:
    return RunWriter(folder, TINY, CONFIG, data, ["train_cli.py", "--seed", "5"])


@dataclasses.dataclass
class Run:
    """A run of three epochs, and what train() reported of it."""

    paths: RunPaths
    writer: RunWriter
    epochs: list[TrainingReport]
    weights: list[dict[str, torch.Tensor]]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, small: Splits) -> Run:
    folder = tmp_path_factory.mktemp("runs") / "a run"
    run = Run(RunPaths(folder), writer_for(folder, small), [], [])
    for report in train(TINY, CONFIG, small):
        if report.validation is not None:
            run.writer.record_epoch(report)
            run.epochs.append(report)
            state = report.state.network.state_dict()
            run.weights.append({name: weight.clone() for name, weight in state.items()})
    return run


@pytest.fixture
def reports(small: Splits) -> Iterator[TrainingReport]:
    return train(TINY, CONFIG, small)


def validating(monkeypatch: pytest.MonkeyPatch, *elbos: float) -> None:
    """Let the validation ELBOs be these, epoch after epoch."""
    to_come = iter(elbos)
    monkeypatch.setattr(
        "model.train.training.estimate_elbo",
        lambda *_: ELBO(reconstruction=next(to_come) + 5.0, kl=5.0),
    )


# The layout


def test_the_folder_holds_all_that_it_should_and_nothing_else(finished: Run) -> None:
    folder = finished.paths.folder
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == sorted(
        [
            "config.json",
            "metrics.jsonl",
            "best.safetensors",
            "last.safetensors",
            "resume.safetensors",
        ]
        + [str(Path("snapshots") / f"step_0000000{step}.safetensors") for step in (3, 6, 9)]
        + [str(Path("generated_images") / f"epoch_{epoch}.png") for epoch in (1, 2, 3)]
    )


def test_the_settings_are_recorded_completely(finished: Run, small: Splits) -> None:
    config = json.loads(finished.paths.config.read_text())
    assert VAEConfig(**config["model"]) == TINY
    assert TrainConfig(**config["training"]) == CONFIG
    assert config["model"].keys() == {field.name for field in dataclasses.fields(VAEConfig)}
    assert config["training"].keys() == {field.name for field in dataclasses.fields(TrainConfig)}
    assert config["data"]["name"] == "mnist"
    assert config["data"]["images"] == {"train": 2000, "validation": 200, "test": 200}
    assert config["data"]["sha256"] == small.checksums
    assert config["command"] == ["train_cli.py", "--seed", "5"]
    assert config["machine"]["device"] == "cpu"
    assert torch.__version__.startswith(config["versions"]["torch"])
    assert config["versions"]["python"] == platform.python_version()
    age = datetime.now(UTC) - datetime.fromisoformat(config["started"])
    assert 0 <= age.total_seconds() < 24 * 3600


def test_the_metrics_are_those_of_the_reports(finished: Run) -> None:
    lines = list(read_metrics(finished.paths.folder))
    assert len(lines) == 3
    for epoch, (line, report) in enumerate(zip(lines, finished.epochs, strict=True), start=1):
        assert line["kind"] == "epoch"
        assert (line["epoch"], line["step"]) == (epoch, 3 * epoch)
        assert line["train"] == report.train.as_dict()
        assert report.validation is not None
        assert line["validation"] == report.validation.as_dict()
        assert line["validation"].keys() == {"elbo", "reconstruction", "kl"}
        assert line["seconds"] == pytest.approx(report.place.seconds, abs=1e-3)
        assert line["images_per_second"] == pytest.approx(report.images_per_second, abs=0.1)


# Checkpoints


def test_the_last_checkpoint_has_the_newest_weights(finished: Run, small: Splits) -> None:
    last = read_checkpoint(finished.paths.last)
    assert (last.epoch, last.config, last.training) == (3, TINY, CONFIG)
    assert last.checksums == small.checksums
    for name, weight in last.vae.state_dict().items():
        assert torch.equal(weight, finished.weights[2][name])


def test_snapshots_are_the_weights_of_their_epoch_in_half_precision(finished: Run) -> None:
    for epoch in (1, 2, 3):
        path = finished.paths.snapshot(3 * epoch)
        snapshot = read_checkpoint(path)
        assert snapshot.epoch == epoch
        assert snapshot.metrics["train"] == finished.epochs[epoch - 1].train.as_dict()
        for name, weight in snapshot.vae.state_dict().items():
            assert torch.equal(weight, finished.weights[epoch - 1][name].half().float())
        with safe_open(path, "pt") as file:
            assert {file.get_tensor(name).dtype for name in file.keys()} == {torch.float16}  # noqa: SIM118
        assert path.stat().st_size < 0.6 * finished.paths.last.stat().st_size


def test_the_best_checkpoint_is_the_best_by_validation(
    tmp_path: Path,
    small: Splits,
    reports: Iterator[TrainingReport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = writer_for(tmp_path / "run", small)
    assert writer.best_epoch is None
    elbos = {1: -150.0, 2: -140.0, 3: -145.0}
    validating(monkeypatch, *elbos.values())
    for report in reports:
        if report.validation is not None:
            epoch = report.state.epoch
            writer.record_epoch(report)
            assert writer.best_epoch == min(epoch, 2)
            best = read_checkpoint(writer.paths.best)
            assert best.epoch == min(epoch, 2)
            assert best.metrics["validation"]["elbo"] == elbos[min(epoch, 2)]
    assert read_checkpoint(writer.paths.last).epoch == 3
    snapshot = read_checkpoint(writer.paths.snapshot(6)).vae.state_dict()
    for name, weight in read_checkpoint(writer.paths.best).vae.state_dict().items():
        assert torch.equal(weight.half().float(), snapshot[name])


def test_a_tie_keeps_the_earlier_epoch(
    tmp_path: Path,
    small: Splits,
    reports: Iterator[TrainingReport],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writer = writer_for(tmp_path / "run", small)
    validating(monkeypatch, -150.0, -150.0, -150.0)
    for report in reports:
        if report.validation is not None:
            writer.record_epoch(report)
    assert writer.best_epoch == 1
    assert read_checkpoint(writer.paths.best).epoch == 1


def test_the_test_elbo_joins_the_best_checkpoint(
    tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]
) -> None:
    writer = writer_for(tmp_path / "run", small)
    *_, last = reports
    writer.record_epoch(last)
    before = read_checkpoint(writer.paths.best)
    writer.record_test(before, ELBO(-130.0, 7.0).as_dict())
    after = read_checkpoint(writer.paths.best)
    test = {"elbo": -137.0, "reconstruction": -130.0, "kl": 7.0}
    assert after.metrics == {**before.metrics, "test": test}
    assert after.epoch == before.epoch
    for name, weight in after.vae.state_dict().items():
        assert torch.equal(weight, before.vae.state_dict()[name])


def test_weights_that_are_not_finite_spare_the_last_good_ones(
    tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]
) -> None:
    writer = writer_for(tmp_path / "run", small)
    epochs = (report for report in reports if report.validation is not None)
    writer.record_epoch(next(epochs))
    good = writer.paths.last.read_bytes(), writer.paths.metrics.read_bytes()
    spoilt = next(epochs)
    with torch.no_grad():
        spoilt.state.network.encoder.mean.bias[0] = float("nan")
    with pytest.raises(CheckpointError, match="not finite"):
        writer.record_epoch(spoilt)
    assert (writer.paths.last.read_bytes(), writer.paths.metrics.read_bytes()) == good
    assert not writer.paths.snapshot(6).exists()


# What is needed to go on


def test_the_resume_file_has_the_whole_state(finished: Run, small: Splits) -> None:
    saved = read_state(finished.paths.resume)
    state = finished.epochs[-1].state
    expected = state.tensors()
    assert saved.state.tensors.keys() == expected.keys()
    for name, tensor in saved.state.tensors.items():
        assert torch.equal(tensor, expected[name]), name
        assert tensor.dtype == expected[name].dtype
    assert saved.state.place == state.place
    assert (saved.vae_config, saved.config) == (TINY, CONFIG)
    assert saved.checksums == small.checksums


def test_an_epoch_that_was_interrupted_is_saved_where_it_stood(
    tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]
) -> None:
    writer = writer_for(tmp_path / "run", small)
    for report in reports:
        if report.validation is not None:
            writer.record_epoch(report)
        if report.state.step == 5:
            writer.record_interruption(report)
            break
    last = read_checkpoint(writer.paths.last)
    assert last.epoch == 2
    assert last.metrics == {"train": report.train.as_dict()}
    for name, weight in last.vae.state_dict().items():
        assert torch.equal(weight, report.state.network.state_dict()[name])
    place = read_state(writer.paths.resume).state.place
    assert (place.epoch, place.batch, place.step, place.images) == (2, 2, 5, 1400)
    assert (place.best_epoch, place.best_elbo) == (1, report.place.best_elbo)
    assert read_checkpoint(writer.paths.best).epoch == 1
    assert len(list(read_metrics(writer.paths.folder))) == 1


def test_the_ema_of_the_weights_is_what_is_saved_and_drawn(tmp_path: Path, small: Splits) -> None:
    config = dataclasses.replace(CONFIG, epochs=1, ema_decay=0.9)
    writer = RunWriter(tmp_path / "run", TINY, config, small, [])
    *_, report = train(TINY, config, small)
    writer.record_epoch(report)
    state = report.state
    assert state.ema is not None
    for path in (writer.paths.last, writer.paths.best):
        for name, weight in read_checkpoint(path).vae.state_dict().items():
            assert torch.equal(weight, state.ema.state_dict()[name])
            assert not torch.equal(weight, state.network.state_dict()[name])
    snapshot = read_checkpoint(writer.paths.snapshot(3)).vae.state_dict()
    for name, weight in state.ema.state_dict().items():
        assert torch.equal(snapshot[name], weight.half().float())
    cells = cells_of(writer.paths.generated_images(1))
    for cell, sample in zip(cells, latent.sample(state.ema, 10, seed=5).numpy(), strict=True):
        np.testing.assert_allclose(cell[::4, ::4], sample * 255, atol=1.0)
    tensors = read_state(writer.paths.resume).state.tensors
    for name, weight in state.network.state_dict().items():
        assert torch.equal(tensors[f"weights.{name}"], weight)
        assert torch.equal(tensors[f"average.{name}"], state.ema.state_dict()[name])


# Going on


def reopened(run: RunWriter, data: Splits, config: TrainConfig = CONFIG) -> RunWriter:
    saved = read_state(run.paths.resume)
    return RunWriter.reopen(run.paths.folder, saved, config, data, ["train_cli.py", "--resume"])


@pytest.fixture
def stopped(tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]) -> RunWriter:
    """A run that was ended after two of its three epochs."""
    writer = writer_for(tmp_path / "run", small)
    for report in reports:
        if report.validation is not None:
            writer.record_epoch(report)
        if report.place.step == 6:
            break
    writer.end("interrupted", epoch=2, step=6)
    return writer


def test_a_run_that_goes_on_has_not_ended(stopped: RunWriter, small: Splits) -> None:
    epochs = [line for line in read_metrics(stopped.paths.folder) if line["kind"] == "epoch"]
    writer = reopened(stopped, small)
    assert list(read_metrics(stopped.paths.folder)) == epochs
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert writer.best_epoch == stopped.best_epoch


def test_half_a_line_and_epochs_that_were_not_done_are_dropped(
    stopped: RunWriter, small: Splits
) -> None:
    first, second, _ = stopped.paths.metrics.read_text().splitlines(keepends=True)
    later = json.dumps({**json.loads(second), "epoch": 3, "step": 9})
    for tail in (later + "\n", later[:30], later, later + "\n" + later[:1], ""):
        stopped.paths.metrics.write_text(first + second + tail)
        reopened(stopped, small)
        assert stopped.paths.metrics.read_text() == first + second


def test_a_run_that_goes_on_says_so_in_its_settings(stopped: RunWriter, small: Splits) -> None:
    before = json.loads(stopped.paths.config.read_text())
    reopened(stopped, small, dataclasses.replace(CONFIG, epochs=7)).end("interrupted")
    reopened(stopped, small, dataclasses.replace(CONFIG, epochs=7))
    after = json.loads(stopped.paths.config.read_text())
    continued = after.pop("continued")
    assert [(part["command"], part["after_step"]) for part in continued] == [
        (["train_cli.py", "--resume"], 6)
    ] * 2
    size = before["snapshots"]["bytes"] // before["snapshots"]["count"]
    assert before["snapshots"]["count"] == 5  # after steps 0, 1, 3, 6 and 9
    changed = {
        "training": {**before["training"], "epochs": 7},
        "snapshots": {"count": 10, "bytes": 10 * size},
    }
    assert after == before | changed


def test_only_one_process_writes_a_run(tmp_path: Path, small: Splits) -> None:
    writer = writer_for(tmp_path / "run", small)
    *_, report = train(TINY, CONFIG, small)
    writer.record_epoch(report)
    before = writer.paths.config.read_bytes(), writer.paths.metrics.read_bytes()
    with pytest.raises(RunError, match=r"is being written by another process; .*\.$"):
        reopened(writer, small)
    assert (writer.paths.config.read_bytes(), writer.paths.metrics.read_bytes()) == before
    writer.end("interrupted")
    reopened(writer, small)


def test_what_a_kill_left_half_written_is_removed(stopped: RunWriter, small: Splits) -> None:
    paths = stopped.paths
    left = [
        paths.folder / ".last.safetensors.abc123.part",
        paths.folder / ".config.json.x.part",
        paths.snapshot(3).with_name(".step_00000003.safetensors.abc123.part"),
        paths.generated_images(3).with_name(".epoch_3.png.abc123.part"),
    ]
    mine = [paths.folder / "notes.part", paths.folder / ".hidden"]
    for path in (*left, *mine):
        path.write_bytes(b"half")
    reopened(stopped, small)
    assert not [path for path in left if path.exists()]
    assert all(path.exists() for path in mine)


def test_a_run_that_cannot_be_reopened_is_one_sentence(stopped: RunWriter, small: Splits) -> None:
    saved = read_state(stopped.paths.resume)
    stopped.paths.metrics.unlink()
    stopped.paths.metrics.mkdir()
    with pytest.raises(RunError, match=r"cannot be written .*\.$"):
        RunWriter.reopen(stopped.paths.folder, saved, CONFIG, small, [])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["config", "metrics"])
@pytest.mark.parametrize("content", [b"{\n", b"[]\n", b"\xff\n", b"1" * 5000 + b"\n"])
def test_a_run_with_a_damaged_file_is_one_sentence(
    name: str, content: bytes, stopped: RunWriter, small: Splits
) -> None:
    path = getattr(stopped.paths, name)
    path.write_bytes(content)
    with pytest.raises(RunError) as caught:
        reopened(stopped, small)
    sentence = str(caught.value)
    assert sentence == (
        f"The run directory {stopped.paths.folder} cannot be continued: "
        f"its {path.name} is damaged; copy it again from where it came from."
    )
    assert path.read_bytes() == content


def test_a_run_without_metrics_goes_on_too(tmp_path: Path, small: Splits) -> None:
    """It was stopped before its first epoch was done."""
    writer = writer_for(tmp_path / "run", small)
    report = next(train(TINY, CONFIG, small))
    writer.record_interruption(report)
    writer.end("interrupted")
    writer.paths.metrics.unlink()
    state = SavedState(report.state.tensors(), report.place)
    saved = Saved(TINY, CONFIG, small.checksums, state)
    again = RunWriter.reopen(writer.paths.folder, saved, CONFIG, small, [])
    assert again.best_epoch is None
    assert not writer.paths.metrics.exists()


# Pictures


def cells_of(picture: Path) -> list[np.ndarray]:
    """The ten digits in a picture, cut out as they are framed."""
    with Image.open(picture) as image:
        assert image.format == "PNG"
        pixels = np.asarray(image.convert("L"), dtype=float)
    assert pixels.shape == (8 + 112 + 8, 8 + 10 * (112 + 8))
    frame = np.ones_like(pixels, dtype=bool)
    cells = []
    for number in range(10):
        left = 8 + number * 120
        frame[8:120, left : left + 112] = False
        cells.append(pixels[8:120, left : left + 112])
    assert set(pixels[frame]) == {128.0}
    return cells


def test_the_picture_shows_ten_samples_from_the_prior(finished: Run) -> None:
    for epoch in (1, 2, 3):
        cells = cells_of(finished.paths.generated_images(epoch))
        vae = VAE(TINY)
        vae.load_state_dict(finished.weights[epoch - 1])
        samples = latent.sample(vae, 10, seed=CONFIG.seed).numpy()
        for cell, sample in zip(cells, samples, strict=True):
            assert np.ptp(cell) > 20
            # Each pixel is a square of four by four.
            np.testing.assert_allclose(cell[::4, ::4], sample * 255, atol=1.0)
            np.testing.assert_array_equal(cell, np.kron(cell[::4, ::4], np.ones((4, 4))))
    assert not np.array_equal(cells[0], cells[1])


# The end


def test_the_end_closes_the_metrics(tmp_path: Path, small: Splits) -> None:
    writer = writer_for(tmp_path / "run", small)
    writer.end("interrupted", epoch=2, step=17)
    assert list(read_metrics(tmp_path / "run")) == [
        {"kind": "end", "reason": "interrupted", "best_epoch": None, "epoch": 2, "step": 17}
    ]


@pytest.mark.parametrize("latent_dim", [1, 2, 3])
def test_at_the_end_there_are_samples_and_of_a_plane_the_plane(
    latent_dim: int, tmp_path: Path, small: Splits
) -> None:
    config = dataclasses.replace(CONFIG, epochs=1)
    vae_config = dataclasses.replace(TINY, latent_dim=latent_dim)
    writer = RunWriter(tmp_path / "run", vae_config, config, small, [])
    *_, report = train(vae_config, config, small)
    writer.record_epoch(report)
    writer.record_test(read_checkpoint(writer.paths.best), ELBO(-130.0, 7.0).as_dict())
    with Image.open(writer.paths.samples) as image:
        assert image.size == (280, 280)
    assert writer.paths.manifold.exists() == (latent_dim == 2)


# Places where nothing can be written


def sentence_of(folder: Path, small: Splits) -> str:
    with pytest.raises(RunError) as caught:
        writer_for(folder, small)
    sentence = str(caught.value)
    assert sentence.startswith(f"The run directory {folder} cannot be written (")
    assert "--out" in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path, small: Splits) -> None:
    (tmp_path / "file").touch()
    sentence_of(tmp_path / "file", small)
    sentence_of(tmp_path / "file" / "below", small)
    sentence_of(tmp_path / ("x" * 300), small)


def test_a_folder_that_holds_something_is_not_written_to(tmp_path: Path, small: Splits) -> None:
    (tmp_path / "config.json").write_text("mine")
    sentence_of(tmp_path, small)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
    assert (tmp_path / "config.json").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path: Path, small: Splits) -> None:
    writer_for(tmp_path, small)
    assert RunPaths(tmp_path).config.exists()


def test_of_two_runs_that_come_at_once_one_is_refused(
    tmp_path: Path, small: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one makes its folders between this one's look and this one's mkdir."""
    folder = tmp_path / "run"

    def look(path: Path) -> bool:
        monkeypatch.undo()
        assert is_free(path)
        writer_for(path, small)
        return True

    monkeypatch.setattr("model.files.run_writer.is_free", look)
    sentence_of(folder, small)
    assert RunPaths(folder).config.exists()


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_disk_that_fills_up_is_one_sentence_and_the_last_epoch_stays(
    tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]
) -> None:
    import resource

    writer = writer_for(tmp_path / "run", small)
    epochs = (report for report in reports if report.validation is not None)
    writer.record_epoch(next(epochs))
    report = next(epochs)

    paths = writer.paths
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = paths.last.stat().st_size
    assert size < paths.resume.stat().st_size
    first_line, resume = paths.metrics.read_bytes(), paths.resume.read_bytes()
    # One limit lets the checkpoints through and not the larger resume file, the other nothing.
    for limit, error in ((size + 100, RunError), (1000, CheckpointError)):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            with pytest.raises(error) as caught:
                writer.record_epoch(report)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert "free some space" in str(caught.value)
        assert str(caught.value).endswith(".")
        assert read_checkpoint(paths.last).epoch == 2
        assert paths.resume.read_bytes() == resume
        assert paths.metrics.read_bytes().startswith(first_line)
    assert not [path for path in paths.folder.rglob("*") if path.name.endswith(".part")]
    writer.end("stopped")
    reopened(writer, small)
    assert paths.metrics.read_bytes() == first_line


def test_metrics_that_cannot_be_written_are_one_sentence(tmp_path: Path, small: Splits) -> None:
    writer = writer_for(tmp_path / "run", small)
    writer.paths.metrics.mkdir()
    with pytest.raises(RunError, match=r"cannot be written .*\.$"):
        writer.end("finished")


def test_pictures_that_cannot_be_written_are_one_sentence(
    tmp_path: Path, small: Splits, reports: Iterator[TrainingReport]
) -> None:
    writer = writer_for(tmp_path / "run", small)
    writer.paths.generated_images(1).mkdir()
    *_, last = reports
    writer.paths.generated_images(last.state.epoch).mkdir()
    with pytest.raises(RunError, match=r"cannot be written .*\.$"):
        writer.record_epoch(last)


def test_a_run_outside_an_installation_says_so(
    tmp_path: Path, small: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import metadata

    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", version)
    writer = writer_for(tmp_path / "run", small)
    versions = json.loads(writer.paths.config.read_text())["versions"]
    assert versions["vae-gui"] == "not installed"

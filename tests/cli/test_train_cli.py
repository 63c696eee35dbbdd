import contextlib
import dataclasses
import io
import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import (
    EXACT,
    SCRIPT,
    SCRIPT_ON_FEW,
    SMALL,
    Outcome,
    assert_one_sentence,
    assert_same_run,
    command,
    content_of,
    environment,
    resume,
    tensors_of,
    typed,
)
from PIL import Image

import train_cli
from model.data.binarise import binarise_once
from model.data.datasets import Splits, load_splits
from model.files.checkpoint import read_checkpoint
from model.files.record import TEST_SAMPLES
from model.files.resume import read_state
from model.files.run import RunPaths, read_metrics
from model.files.run_writer import RunWriter
from model.likelihood.elbo import ELBO, estimate_elbo
from model.network.vae import VAEConfig
from model.settings import settable
from model.train.presets import PRESETS
from model.train.terminal import TrainingProgress
from model.train.train_config import (
    TrainConfig,
    resolve_device,
    resolve_precision,
    resolve_threads,
)

posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


@pytest.fixture(scope="module")
def finished(mnist_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A run of one epoch. Read it, do not change it."""
    torch.set_num_threads(1)
    return command(mnist_dir, tmp_path_factory.mktemp("runs") / "run")


# A run


@pytest.mark.usefixtures("few")
def test_without_a_flag_it_trains_a_2d_model_of_mnist(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("model.train.training.train", stop)
    place = ["--data-dir", str(mnist_dir), "--out", str(tmp_path / "run")]
    stored = json.loads(typed(tmp_path / "run", *place).paths.config.read_text())
    assert VAEConfig(**stored["model"]) == VAEConfig()
    device = resolve_device("auto")
    assert TrainConfig(**stored["training"]) == dataclasses.replace(
        TrainConfig(),
        device=device.type,
        precision=resolve_precision("auto", device),
        threads=resolve_threads(0),
    )
    assert (VAEConfig().latent_dim, TrainConfig().dataset) == (2, "mnist")


def test_every_setting_has_a_flag_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        train_cli.main(["--help"])
    assert caught.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for config in (VAEConfig, TrainConfig):
        for field in settable(config):
            switch = isinstance(field.default, bool)
            assert f"--{field.name.replace('_', '-')}{',' if switch else ' '}" in shown
            assert " ".join(field.metadata["help"].split()) in shown
            default = {True: "yes", False: "no"}[field.default] if switch else field.default
            assert f"(default: {default})" in shown
    for flag in ("--data-dir", "--out", "--preset", "--resume", "--quiet", "--tensorboard"):
        assert f"{flag} " in shown
    assert "SUPPRESS" not in shown
    assert "m1-network" not in shown  # --m1 fills it in


def test_a_run_leaves_the_whole_run_directory(finished: Outcome) -> None:
    assert (finished.code, finished.err) == (0, "")
    folder = finished.paths.folder
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "config.json",
        "metrics.jsonl",
        "best.safetensors",
        "last.safetensors",
        "resume.safetensors",
        *(f"snapshots/step_{step:08d}.safetensors" for step in (0, 1, 3, 10, 30, 50)),
        "generated_images/epoch_1.png",
        "samples.png",
        "manifold.png",
    }
    config = json.loads(finished.paths.config.read_text())
    assert VAEConfig(**config["model"]) == VAEConfig(hidden=8, blocks=1, fourier_features=0)
    assert config["training"]["device"] == "cpu"
    assert config["data"]["images"] == {"train": 50_000, "validation": 10_000, "test": 10_000}
    assert config["command"][0] == "train_cli.py"
    assert config["command"][1 : 1 + len(SMALL)] == SMALL
    with Image.open(finished.paths.generated_images(1)) as image:
        assert image.size == (1208, 128)


def test_the_metrics_end_with_the_test_elbo_of_the_best_checkpoint(
    finished: Outcome, mnist_dir: Path
) -> None:
    epoch, end = read_metrics(finished.paths.folder)
    assert (epoch["kind"], epoch["epoch"], epoch["step"]) == ("epoch", 1, 50)
    assert (end["kind"], end["reason"], end["best_epoch"]) == ("end", "finished", 1)
    best = read_checkpoint(finished.paths.best)
    assert best.metrics["test"] == end["test"]
    assert best.metrics["validation"] == epoch["validation"]
    test = binarise_once(load_splits("mnist", mnist_dir).test.images).flatten(1)
    assert end["test"]["elbo"] == pytest.approx(estimate_elbo(best.vae, test).elbo, abs=0.3)
    # Something was learnt: 784 coins are 543 nats.
    assert -500 < end["test"]["elbo"] < -100


def test_standard_output_says_what_was_done_and_what_to_do_next(finished: Outcome) -> None:
    first, epoch, test, explore = finished.out.splitlines()
    assert first == (
        "Training a 2-D VAE (residual, 1 × 8) on 50,000 mnist images, on cpu in float32; "
        f"6 snapshots take at most 0.3 MB; run directory: {finished.paths.folder}"
    )
    number = r"-?\d+\.\d\d"
    elbo = rf"ELBO {number} \(reconstruction {number}, KL {number}\)"
    assert re.fullmatch(rf"epoch 1/1  train {elbo}  validation {elbo}  [\d,]+ images/s", epoch)
    assert re.fullmatch(rf"Test ELBO of epoch 1, the best by validation: {elbo}\.", test)
    assert explore == f"Explore it: vae-gui {shlex.quote(str(finished.paths.folder))}"


@pytest.mark.usefixtures("few")
def test_the_same_seed_gives_the_same_weights_and_numbers(mnist_dir: Path, tmp_path: Path) -> None:
    flags = ["--batch-size", "200", "--epochs", "2"]
    first = command(mnist_dir, tmp_path / "first", *flags)
    torch.manual_seed(1234)
    again = command(mnist_dir, tmp_path / "again", *flags)
    other = command(mnist_dir, tmp_path / "other", *flags, "--seed", "1")
    for name in ("best", "last", "resume"):
        weights = tensors_of(getattr(first.paths, name))
        repeated = tensors_of(getattr(again.paths, name))
        different = tensors_of(getattr(other.paths, name))
        assert weights.keys() == repeated.keys() == different.keys()
        assert all(torch.equal(weights[key], repeated[key]) for key in weights)
        assert not all(torch.equal(weights[key], different[key]) for key in weights)

    def numbers(outcome: Outcome) -> list[dict[str, object]]:
        timing = {"seconds", "images_per_second"}
        lines = read_metrics(outcome.paths.folder)
        return [{key: line[key] for key in line.keys() - timing} for line in lines]

    assert numbers(again) == numbers(first)
    assert numbers(other) != numbers(first)
    pictures = [outcome.paths.generated_images(2).read_bytes() for outcome in (first, again)]
    assert pictures[0] == pictures[1]


@pytest.mark.usefixtures("few")
def test_the_test_elbo_is_that_of_the_best_epoch_and_not_of_the_last(
    mnist_dir: Path, tmp_path: Path, small: Splits, monkeypatch: pytest.MonkeyPatch
) -> None:
    validations = iter([ELBO(-150.0, 5.0), ELBO(-140.0, 5.0), ELBO(-145.0, 5.0)])
    monkeypatch.setattr("model.train.training.estimate_elbo", lambda *_: next(validations))
    outcome = command(mnist_dir, tmp_path / "run", "--epochs", "3", "--batch-size", "100")
    *_, end = read_metrics(tmp_path / "run")
    assert end["best_epoch"] == 2
    assert "Test ELBO of epoch 2, the best by validation: " in outcome.out
    best = read_checkpoint(outcome.paths.best)
    assert best.epoch == 2
    assert best.metrics["test"] == end["test"]
    x = binarise_once(small.test.images).flatten(1)
    of_best, of_last = (
        estimate_elbo(read_checkpoint(path).vae, x, samples=TEST_SAMPLES).elbo
        for path in (outcome.paths.best, outcome.paths.last)
    )
    assert end["test"]["elbo"] == of_best != of_last


@pytest.mark.usefixtures("few")
def test_a_run_without_a_name_goes_to_runs(
    mnist_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = ["--batch-size", "50000", "--latent-dim", "3", "--architecture", "mlp"]
    assert train_cli.main([*SMALL, *network, "--layers", "8", "--data-dir", str(mnist_dir)]) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert re.fullmatch(r"mnist-3d-\d{8}-\d{6}", folder.name)
    assert read_checkpoint(RunPaths(folder).best).config.latent_dim == 3
    assert "Training a 3-D VAE (tanh 8)" in capsys.readouterr().out


# Wrong settings


@pytest.mark.parametrize(
    ("flags", "flag"),
    [
        (["--epochs", "many"], "--epochs"),
        (["--epochs", "0"], "--epochs"),
        (["--epochs", "1.5"], "--epochs"),
        (["--epochs", ""], "--epochs"),
        (["--epochs", "1" * 400], "--epochs"),
        (["--epochs"], "--epochs"),
        (["--batch-size", "-1"], "--batch-size"),
        (["--latent-dim", "0"], "--latent-dim"),
        (["--latent-dim", "1000"], "--latent-dim"),
        (["--learning-rate", "-0.001"], "--learning-rate"),
        (["--learning-rate", "-1e-3"], "--learning-rate"),
        (["--learning-rate", "0"], "--learning-rate"),
        (["--learning-rate", "nan"], "--learning-rate"),
        (["--learning-rate", "inf"], "--learning-rate"),
        (["--learning-rate", "fast"], "--learning-rate"),
        (["--beta", "-1"], "--beta"),
        (["--beta", "1e400"], "--beta"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**63)], "--seed"),
        (["--hidden", "4096", "--blocks", "16"], "--hidden"),
        (["--hidden", "5000"], "--hidden"),
        (["--architecture", "convolutional"], "--architecture"),
        (["--schedule", "linear"], "--schedule"),
        (["--dataset", "cifar-10"], "--dataset"),
        (["--device", "tpu"], "--device"),
        (["--architecture", "paper"], "--architecture"),
        (["--layers", "500-"], "--layers"),
        (["--architecture", "mlp", "--layers", "4096-4096"], "--layers"),
        (["--objective", "dreg", "--beta", "0.5"], "--beta"),
        (["--objective", "dreg", "--kl-warm-up", "2"], "--kl-warm-up"),
        (["--precision", "float16"], "--precision"),
        (["--ema-decay", "1"], "--ema-decay"),
        (["--weight-prior", "yes"], "yes"),
        (["--preset", "best"], "--preset"),
        (["--preset"], "--preset"),
        (["--quiet=1"], "--quiet"),
        (["--colour", "red"], "--colour"),
        (["--epoch", "3"], "--epoch"),  # no abbreviations
        (["more"], "more"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_a_wrong_value_is_one_sentence_that_names_its_flag(
    flags: list[str], flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_cli.main(["--out", str(tmp_path / "run"), *flags]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert_one_sentence(shown.err)
    assert flag in shown.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_one_sentence(
    device: str, capsys: pytest.CaptureFixture[str]
) -> None:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if there[device]:
        pytest.skip(f"this machine has {device}")
    assert train_cli.main(["--device", device]) == 2
    error = capsys.readouterr().err
    assert_one_sentence(error)
    assert error.startswith(f"--device {device} is not available on this machine")


def test_an_existing_run_is_never_touched(finished: Outcome, mnist_dir: Path) -> None:
    before = content_of(finished.paths.folder)
    again = command(mnist_dir, finished.paths.folder)
    assert again.code == 2
    assert again.err == f"--out {finished.paths.folder} is there already; name a new folder.\n"
    assert content_of(finished.paths.folder) == before
    assert {"config.json", "metrics.jsonl", "best.safetensors"} <= {path.name for path in before}


def test_a_file_or_a_folder_with_something_in_it_is_never_touched(
    mnist_dir: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "folder" / "mine"
    mine.parent.mkdir()
    mine.write_text("mine")
    for path in (mine, mine.parent):
        outcome = command(mnist_dir, path)
        assert outcome.code == 2
        assert_one_sentence(outcome.err)
        assert "--out" in outcome.err
    assert mine.read_text() == "mine"
    assert [path.name for path in mine.parent.iterdir()] == ["mine"]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", ["file/below", "x" * 300])
def test_a_folder_that_cannot_be_made_is_one_true_sentence(
    name: str, mnist_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    outcome = command(mnist_dir, tmp_path / name)
    assert outcome.code in (1, 2)
    assert_one_sentence(outcome.err)
    assert "--out" in outcome.err
    assert "is there already" not in outcome.err


def test_data_that_cannot_be_had_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    outcome = command(tmp_path / "file" / "below", tmp_path / "run")
    assert outcome.code == 1
    assert_one_sentence(outcome.err)
    assert "--data-dir" in outcome.err
    assert not (tmp_path / "run").exists()


# What is said


@pytest.mark.usefixtures("few")
def test_quiet_says_nothing_and_does_the_same(mnist_dir: Path, tmp_path: Path) -> None:
    loud = command(mnist_dir, tmp_path / "loud", "--epochs", "2")
    quiet = command(mnist_dir, tmp_path / "quiet", "--epochs", "2", "--quiet")
    assert (loud.code, quiet.code) == (0, 0)
    assert loud.out.count("\n") == 5
    assert (quiet.out, quiet.err, loud.err) == ("", "", "")
    assert_same_run(loud.paths, quiet.paths)
    again = resume(mnist_dir, tmp_path / "quiet", "--quiet")
    assert (again.code, again.out, again.err) == (0, "", "")


@pytest.mark.usefixtures("few")
def test_quiet_still_says_what_goes_wrong(mnist_dir: Path, tmp_path: Path) -> None:
    flags = ["--hidden", "64", "--learning-rate", "10", "--epochs", "5", "--quiet"]
    outcome = command(mnist_dir, tmp_path / "run", *flags)
    assert outcome.code == 1
    assert outcome.out == ""
    assert outcome.err.startswith("Training stopped: ")
    outcome = command(mnist_dir, tmp_path / "run", "--quiet")
    assert (outcome.code, outcome.out) == (2, "")
    assert_one_sentence(outcome.err)


class Terminal(io.StringIO):
    """Standard error of somebody who looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("quiet", [True, False])
def test_a_bar_is_for_those_who_look(quiet: bool, mnist_dir: Path, tmp_path: Path) -> None:
    shown = Terminal()
    flags = ["--data-dir", str(mnist_dir), "--out", str(tmp_path / "run")]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(shown):
        assert train_cli.main([*SMALL, *EXACT, *flags, *(["--quiet"] if quiet else [])]) == 0
    assert ("%" in shown.getvalue()) != quiet


# Presets


def test_the_list_explains_every_preset_in_flags_that_can_be_copied(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert train_cli.main(["--preset", "list"]) == 0
    shown = capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    words = shown.split()
    for name, preset in PRESETS.items():
        assert re.search(rf"^{re.escape(name)}$", shown, re.MULTILINE)
        assert " ".join(preset.explanation.split()) in " ".join(words)
        flags = preset.flags().split()
        assert any(words[start : start + len(flags)] == flags for start in range(len(words))), (
            f"the flags of {name} are broken"
        )


@pytest.mark.slow
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {"m1+m2"}))  # which needs a run of M1
def test_a_preset_is_stored_as_the_settings_that_it_means(
    name: str, mnist_dir: Path, tmp_path: Path
) -> None:
    """With a network that is quicker: flags win over presets."""
    small = ["--layers", "6-5", "--hidden", "7", "--blocks", "1", "--batch-size", "1000"]
    small += ["--seed", "6", "--latent-dim", "3", "--atlas", "0"]  # an atlas is of a plane
    place = ["--data-dir", str(mnist_dir), "--out", str(tmp_path / "run")]
    flags = ["--preset", name, *small, "--epochs", "1", *EXACT, *place]
    outcome = typed(tmp_path / "run", *flags)
    assert outcome.code == 0
    stored = json.loads(outcome.paths.config.read_text())
    vae_config, config = PRESETS[name].configs()
    assert VAEConfig(**stored["model"]) == dataclasses.replace(
        vae_config, latent_dim=3, layers="6-5", hidden=7, blocks=1, atlas=0
    )
    assert TrainConfig(**stored["training"]) == dataclasses.replace(
        config,
        batch_size=1000,
        seed=6,
        epochs=1,
        device="cpu",
        precision="float32",
        threads=1,
    )
    assert read_checkpoint(outcome.paths.best).training == TrainConfig(**stored["training"])
    assert stored["command"] == ["train_cli.py", *flags]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("has_it", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_what_is_resolved_is_stored(
    has_it: bool, precision: str, mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": has_it})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    flags = ["--data-dir", str(mnist_dir), "--out", str(tmp_path / "run")]
    outcome = typed(tmp_path / "run", *SMALL, *flags)
    assert f", on cpu in {precision}; " in outcome.out
    stored = json.loads(outcome.paths.config.read_text())["training"]
    assert (stored["device"], stored["precision"]) == ("cpu", precision)
    assert stored["threads"] == torch.get_num_threads() == 1


# TensorBoard


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard itself finds."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder))
    events.Reload()
    return {
        name: [(event.step, event.value) for event in events.Scalars(name)]
        for name in events.Tags()["scalars"]
    }


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_tensorboard_shows_the_numbers_of_the_metrics(mnist_dir: Path, tmp_path: Path) -> None:
    """Also after the run has gone on, twice."""
    flags = ["--batch-size", "200", "--tensorboard"]
    assert command(mnist_dir, tmp_path / "run", *flags, "--epochs", "2").code == 0
    assert resume(mnist_dir, tmp_path / "run", "--tensorboard", "--epochs", "3").code == 0
    assert resume(mnist_dir, tmp_path / "run", "--tensorboard", "--epochs", "4").code == 0
    *epochs, _ = read_metrics(tmp_path / "run")
    shown = scalars(tmp_path / "run")
    for split in ("train", "validation"):
        for term in ("elbo", "reconstruction", "kl"):
            steps, values = zip(*shown[f"{term}/{split}"], strict=True)
            assert list(steps) == [line["step"] for line in epochs] == [10, 20, 30, 40]
            assert list(values) == pytest.approx([line[split][term] for line in epochs])


@pytest.mark.usefixtures("few")
def test_without_tensorboard_it_is_one_sentence_and_no_run(
    mnist_dir: Path, tmp_path: Path, finished: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content_of(finished.paths.folder)
    for name in [name for name in sys.modules if name.startswith("tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for outcome in (
        command(mnist_dir, tmp_path / "run", "--tensorboard"),
        resume(mnist_dir, finished.paths.folder, "--tensorboard"),
    ):
        assert (outcome.code, outcome.out) == (2, "")
        assert_one_sentence(outcome.err)
        assert outcome.err.startswith("--tensorboard needs the package tensorboard: ")
    assert not (tmp_path / "run").exists()
    assert content_of(finished.paths.folder) == before


# Divergence and full disks


@pytest.mark.usefixtures("few")
def test_a_run_that_diverges_at_once_says_so(mnist_dir: Path, tmp_path: Path) -> None:
    flags = ["--hidden", "64", "--learning-rate", "10", "--epochs", "5"]
    outcome = command(mnist_dir, tmp_path / "run", *flags)
    assert outcome.code == 1
    assert outcome.err.startswith("Training stopped: the ELBO became NaN or infinite at step ")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err
    assert "--learning-rate" in outcome.err
    assert "there are no weights to keep" in outcome.err
    (end,) = read_metrics(tmp_path / "run")
    assert (end["reason"], end["epoch"], end["best_epoch"]) == ("diverged", 1, None)
    assert not outcome.paths.last.exists()


@pytest.mark.usefixtures("few")
def test_a_run_that_diverges_later_keeps_its_last_good_weights(
    mnist_dir: Path, tmp_path: Path
) -> None:
    """One step an epoch; the learning rate rises by 0.5 each time, until it is too much."""
    flags = {
        "--latent-dim": "32",
        "--hidden": "64",
        "--blocks": "4",
        "--batch-size": "2000",
        "--epochs": "1000",
        "--learning-rate": "10",
        "--schedule": "cosine",
    }
    outcome = command(
        mnist_dir, tmp_path / "run", *(part for flag in flags.items() for part in flag)
    )
    assert outcome.code == 1
    *epochs, end = read_metrics(tmp_path / "run")
    assert len(epochs) >= 1
    assert end["reason"] == "diverged"
    assert end["epoch"] == len(epochs) + 1
    kept = f"the weights of epoch {len(epochs)} are kept in {outcome.paths.last}"
    assert kept in outcome.err
    assert outcome.err.count("\n") == 1
    last = read_checkpoint(outcome.paths.last)  # it refuses whatever is not finite
    assert last.epoch == len(epochs)
    assert read_checkpoint(outcome.paths.best).epoch == end["best_epoch"]


@posix_only
@pytest.mark.usefixtures("few")
def test_a_full_disk_is_one_sentence(mnist_dir: Path, tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        outcome = command(mnist_dir, tmp_path / "run")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert outcome.code == 1
    assert_one_sentence(outcome.err)
    assert "free some space" in outcome.err
    assert [path.name for path in (tmp_path / "run").iterdir() if path.is_file()] == ["config.json"]
    again = resume(mnist_dir, tmp_path / "run")
    assert again.code == 2
    assert_one_sentence(again.err)


@pytest.mark.slow
@posix_only
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("files", ["all", "the largest"])
def test_after_a_full_disk_the_run_goes_on_as_if_nothing_had_happened(
    files: str, mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full from the middle of the second epoch on."""
    import resource

    flags = ["--epochs", "3", "--batch-size", "200"]
    whole = command(mnist_dir, tmp_path / "whole", *flags)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = {"all": 100, "the largest": whole.paths.last.stat().st_size + 100}[files]
    assert size < whole.paths.resume.stat().st_size
    show = TrainingProgress.show

    def show_and_fill(self: TrainingProgress, report: Any) -> None:
        show(self, report)
        if report.place.step == 15:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    with monkeypatch.context() as patch:
        patch.setattr(TrainingProgress, "show", show_and_fill)
        try:
            stopped = command(mnist_dir, tmp_path / "run", *flags)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert stopped.code == 1
    assert_one_sentence(stopped.err)
    assert "free some space" in stopped.err
    assert read_state(stopped.paths.resume).state.place.step == 10
    assert resume(mnist_dir, tmp_path / "run").code == 0
    assert_same_run(whole.paths, stopped.paths)


# Ctrl-C


def interrupt() -> None:
    """What a terminal does at Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


@posix_only
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("step", [1, 4, 10, 14, 20])  # of two epochs of ten
def test_ctrl_c_ends_after_the_step_with_everything_saved(
    step: int, mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = TrainingProgress.show

    def show_and_interrupt(self: TrainingProgress, report: object) -> None:
        show(self, report)
        if report.state.step == step:
            interrupt()

    monkeypatch.setattr(TrainingProgress, "show", show_and_interrupt)
    handler = signal.getsignal(signal.SIGINT)
    outcome = command(mnist_dir, tmp_path / "run", "--epochs", "2", "--batch-size", "200")
    epoch = (step - 1) // 10 + 1
    assert outcome.code == 130
    assert outcome.err == (
        f"Stopped in epoch {epoch}, after step {step}; everything is saved. "
        f"Go on with: train_cli.py --resume {shlex.quote(str(tmp_path / 'run'))}\n"
    )
    assert signal.getsignal(signal.SIGINT) is handler
    *epochs, end = read_metrics(tmp_path / "run")
    assert len(epochs) == step // 10
    assert (end["reason"], end["epoch"], end["step"]) == ("interrupted", epoch, step)

    last, resume = tensors_of(outcome.paths.last), tensors_of(outcome.paths.resume)
    assert read_checkpoint(outcome.paths.last).epoch == epoch
    assert all(torch.equal(last[name], resume[f"weights.{name}"]) for name in last)
    place = read_state(outcome.paths.resume).state.place
    assert (place.epoch, place.batch, place.step) == (epoch, (step - 1) % 10 + 1, step)
    assert outcome.paths.best.exists() == (step >= 10)


@posix_only
@pytest.mark.usefixtures("few")
def test_ctrl_c_while_the_test_elbo_is_measured_tells_no_lie(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        interrupt()
        time.sleep(10)  # Ctrl-C ends it

    monkeypatch.setattr("model.files.record.estimate_elbo", interrupted)
    outcome = command(mnist_dir, tmp_path / "run")
    assert outcome.code == 130
    assert_one_sentence(outcome.err)
    assert "before training began" not in outcome.err
    assert str(tmp_path / "run") in outcome.err
    epoch, end = read_metrics(tmp_path / "run")
    assert (epoch["kind"], end["kind"], end["reason"]) == ("epoch", "end", "interrupted")
    assert read_checkpoint(outcome.paths.best).epoch == 1


@posix_only
@pytest.mark.usefixtures("few")
def test_a_second_ctrl_c_ends_at_once_and_tells_no_lie(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = TrainingProgress.show

    def show_and_interrupt(self: TrainingProgress, report: object) -> None:
        show(self, report)
        if report.state.step == 12:
            interrupt()

    def interrupted(*_: object) -> None:
        interrupt()
        time.sleep(10)

    monkeypatch.setattr(TrainingProgress, "show", show_and_interrupt)
    monkeypatch.setattr(RunWriter, "record_interruption", interrupted)
    outcome = command(mnist_dir, tmp_path / "run", "--epochs", "2", "--batch-size", "200")
    assert outcome.code == 130
    assert_one_sentence(outcome.err)
    assert "before training began" not in outcome.err
    assert "everything is saved" not in outcome.err
    assert list(read_metrics(tmp_path / "run"))[-1]["reason"] == "interrupted"
    assert read_checkpoint(outcome.paths.last).epoch == 1


@posix_only
def test_ctrl_c_while_data_are_read_leaves_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        interrupt()
        time.sleep(10)

    monkeypatch.setattr("model.data.datasets.load_splits", interrupted)
    outcome = command(tmp_path, tmp_path / "run")
    assert outcome.code == 130
    assert re.fullmatch(r"Stopped.*\.\n", outcome.err)
    assert not (tmp_path / "run").exists()


@posix_only
@pytest.mark.usefixtures("few")
def test_a_reader_of_standard_output_that_leaves_is_no_traceback(
    mnist_dir: Path, tmp_path: Path
) -> None:
    """As in `vae-train | head -1`; the pipe is a real one."""
    reader, writer = os.pipe()
    err = io.StringIO()
    with os.fdopen(writer, "w") as pipe, contextlib.redirect_stdout(pipe):
        os.close(reader)
        with contextlib.redirect_stderr(err):
            code = train_cli.main([*SMALL, "--data-dir", str(mnist_dir), "--out", "run"])
    assert code == 1
    assert_one_sentence(err.getvalue())
    assert "saved in run" in err.getvalue()
    assert list(read_metrics(tmp_path / "run"))[-1]["reason"] == "interrupted"


# Real processes


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts commands in the folder of this test; ends those that a failed test left behind."""
    processes = []

    def run(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", *arguments],
            cwd=tmp_path,
            env=environment(tmp_path),
            **options,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.wait()


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait for something that the process does, but not for ever."""
    for _ in range(1200):
        if happened() or process.poll() is not None:
            break
        time.sleep(0.05)
    assert happened()


@pytest.mark.slow
@posix_only
def test_ctrl_c_ends_a_real_process(start: Start, mnist_dir: Path, tmp_path: Path) -> None:
    paths = RunPaths(tmp_path / "run")
    process = start(
        [SCRIPT, *SMALL, "--epochs", "1000", "--data-dir", str(mnist_dir), "--out", "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Training a 2-D VAE ")
    shown = process.stdout.readline()
    assert process.poll() is None  # each line came as soon as it was printed
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert re.fullmatch(
        r"Stopped in epoch \d+, after step \d+; everything is saved\. "
        r"Go on with: train_cli\.py --resume run\n",
        err,
    )  # and no progress bar, since this is no terminal
    *epochs, end = read_metrics(paths.folder)
    assert end["reason"] == "interrupted"
    assert f"in epoch {end['epoch']}, after step {end['step']}" in err
    lines = (shown + out).splitlines()
    assert len(lines) == len(epochs) >= 1
    for number, line in enumerate(lines, start=1):
        assert line.startswith(f"epoch {number}/1000  train ELBO -")
    assert read_checkpoint(paths.last).epoch == end["epoch"]
    assert read_checkpoint(paths.best).epoch == end["best_epoch"]
    assert read_state(paths.resume).state.place.step == end["step"]
    assert not list(paths.folder.rglob("*.part"))


needs_maps = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")


def interrupt_once_mapped(process: subprocess.Popen[str], library: str) -> tuple[str, str]:
    """Ctrl-C while `process` imports `library`; what it printed."""
    maps = Path(f"/proc/{process.pid}/maps")
    wait_until(lambda: library in maps.read_text(), process)
    process.send_signal(signal.SIGINT)
    printed: tuple[str, str] = process.communicate()
    assert process.returncode == 130
    return printed


@pytest.mark.slow
@needs_maps
def test_ctrl_c_while_torch_is_imported_is_quiet(start: Start, tmp_path: Path) -> None:
    process = start(
        [SCRIPT, "--out", "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, err = interrupt_once_mapped(process, "libtorch_cpu")
    assert re.fullmatch(r"Stopped.*\.\n", err)
    assert out == ""
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@needs_maps
def test_ctrl_c_while_pillow_is_imported_saves_the_run(
    start: Start, mnist_dir: Path, tmp_path: Path
) -> None:
    """The import stands between the first epoch and its pictures."""
    process = start(
        [SCRIPT, *SMALL, "--epochs", "1000", "--data-dir", str(mnist_dir), "--out", "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, err = interrupt_once_mapped(process, "PIL/_imaging.")
    stop = re.fullmatch(r"Stopped in epoch (\d+), after step \d+; everything is saved\. .*\n", err)
    assert stop
    paths = RunPaths(tmp_path / "run")
    *_, end = read_metrics(paths.folder)
    assert end["reason"] == "interrupted"
    assert read_checkpoint(paths.last).epoch == int(stop[1])
    assert read_state(paths.resume).state.place.step > 0
    assert not list(paths.folder.rglob("*.part"))


@pytest.mark.slow
@posix_only
def test_a_terminal_shows_a_bar_and_its_ctrl_c_stops(
    start: Start, mnist_dir: Path, tmp_path: Path
) -> None:
    import fcntl
    import pty
    import struct
    import termios

    keyboard, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    flags = [*SMALL, "--batch-size", "20", "--epochs", "1000"]
    flags += ["--data-dir", str(mnist_dir), "--out", "run"]
    # Its own session, whose terminal is the first one that it opens: Ctrl-C is a key there.
    begin = "import os, sys; os.open(sys.argv[1], os.O_RDWR); os.execv(sys.argv[2], sys.argv[2:])"
    process = start(
        ["-S", "-c", begin, os.ttyname(terminal), sys.executable, SCRIPT_ON_FEW, *flags],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = read_terminal(keyboard, until=b"epoch 2/1000 |", then=b"\x03")
    os.close(keyboard)
    assert process.wait() == 130
    assert "Traceback" not in shown
    bar = re.compile(
        r"epoch \d+/1000 \|.*\| +\d+ %, \d+:\d\d(:\d\d)? left, ELBO -\d+\.\d, "
        r"reconstruction -\d+\.\d, KL \d+\.\d\d, [\d,]+ images/s"
    )
    assert bar.search(shown)
    assert re.search(r"^\r?epoch 1/1000  train ELBO ", shown.replace("\r", "\n"), re.MULTILINE)
    assert re.search(r"Stopped in epoch \d+, after step \d+; everything is saved\.", shown)
    assert list(read_metrics(tmp_path / "run"))[-1]["reason"] == "interrupted"


def read_terminal(keyboard: int, until: bytes, then: bytes) -> str:
    """All that a terminal shows; once it has shown `until`, the keys `then` are pressed."""
    shown = b""
    pressed = False
    end = time.monotonic() + 90  # a program that never ends must not hold up the tests
    while time.monotonic() < end and select.select([keyboard], [], [], 30)[0]:
        try:
            piece = os.read(keyboard, 65536)
        except OSError:  # the last program that had this terminal has ended
            break
        if not piece:
            break
        shown += piece
        if not pressed and until in shown:
            os.write(keyboard, then)
            pressed = True
    return shown.decode()

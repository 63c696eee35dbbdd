"""--resume: what it gives is what would have been without the stop, to the last bit."""

import dataclasses
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
import torch
from commands import (
    EXACT,
    Outcome,
    assert_one_sentence,
    assert_same_run,
    assert_same_tensors,
    command,
    content_of,
    resume,
    typed,
    without_times,
)

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files.checkpoint import read_checkpoint
from model.files.resume import read_state
from model.files.run import RunPaths, checkpoint_of, read_metrics
from model.files.run_lock import RunLock
from model.likelihood.elbo import ELBO, estimate_elbo
from model.train.terminal import TrainingProgress
from model.train.training import TrainingReport

pytestmark = pytest.mark.usefixtures("few")

FEW_STEPS = ["--batch-size", "200"]  # ten an epoch

posix_only = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(scope="module")
def stopped(mnist_dir: Path, small: Splits, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A finished run of two epochs. Read it; copy it before going on with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.data.datasets.load_splits", lambda *_: small)
        return command(
            mnist_dir, tmp_path_factory.mktemp("runs") / "run", *FEW_STEPS, "--epochs", "2"
        )


@pytest.fixture
def copy(stopped: Outcome, tmp_path: Path) -> RunPaths:
    return RunPaths(shutil.copytree(stopped.paths.folder, tmp_path / "copy"))


def with_interruptions(monkeypatch: pytest.MonkeyPatch, *steps: int) -> None:
    """Press Ctrl-C after these steps."""
    show = TrainingProgress.show

    def show_and_interrupt(self: TrainingProgress, report: TrainingReport) -> None:
        show(self, report)
        if report.place.step in steps:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(TrainingProgress, "show", show_and_interrupt)


SETTINGS = {
    "elbo": [],
    "averages": [
        *("--ema-decay", "0.99", "--kl-warm-up", "2.5"),
        *("--optimizer", "adagrad", "--learning-rate", "0.05"),
    ],
    "iwae": ["--objective", "iwae", "--samples", "3", "--schedule", "staircase", "--mean-bias"],
    "dreg": ["--objective", "dreg", "--samples", "3", "--precision", "bfloat16"],
    "mlp": ["--architecture", "mlp", "--layers", "9-6", "--weight-prior", "--clip-norm", "5"],
    "atlas": ["--atlas", "5", "--atlas-after", "1", "--ema-decay", "0.9", "--threads", "2"],
    "threads": ["--threads", "2", "--weight-decay", "0.1", "--latent-dim", "3"],
}


@pytest.mark.slow
@pytest.mark.parametrize("flags", SETTINGS.values(), ids=SETTINGS)
def test_two_epochs_and_two_more_are_four(
    flags: list[str], mnist_dir: Path, tmp_path: Path
) -> None:
    four = command(mnist_dir, tmp_path / "four", *FEW_STEPS, *flags, "--epochs", "4")
    two = command(mnist_dir, tmp_path / "two", *FEW_STEPS, *flags, "--epochs", "2")
    more = resume(mnist_dir, tmp_path / "two", "--epochs", "4")
    assert (four.code, two.code, more.code, more.err) == (0, 0, 0, "")
    assert len(list(read_metrics(tmp_path / "two"))) == 5
    assert_same_run(four.paths, two.paths, same_command=False)
    first, *others = more.out.splitlines()
    assert first.startswith("From step 20, training a ")
    # But for the speeds.
    assert [line.rpartition("  ")[0] for line in others[:2]] == [
        line.rpartition("  ")[0] for line in four.out.splitlines()[3:5]
    ]
    assert others[2] == four.out.splitlines()[5]


@posix_only
@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["--schedule", "cosine"], marks=pytest.mark.slow),
        ["--schedule", "cosine", "--threads", "2", "--ema-decay", "0.9"],
        ["--kl-warm-up", "1.5", "--optimizer", "adagrad", "--ema-decay", "0.9"],
    ],
    ids=" ".join,
)
def test_an_interrupted_run_goes_on_from_the_very_step(
    flags: list[str], mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of an epoch, before the first is done, after one, and just before the end."""
    flags = [*FEW_STEPS, *flags, "--epochs", "3"]
    whole = command(mnist_dir, tmp_path / "whole", *flags)
    steps = [1, 10, 14, 29]
    with_interruptions(monkeypatch, *steps)
    outcomes = [command(mnist_dir, tmp_path / "run", *flags)]
    while outcomes[-1].code == 130:
        outcomes.append(resume(mnist_dir, tmp_path / "run"))
    assert [outcome.code for outcome in outcomes] == [130] * len(steps) + [0]
    assert_same_run(whole.paths, outcomes[0].paths)
    continued = json.loads(outcomes[0].paths.config.read_text())["continued"]
    assert [each["after_step"] for each in continued] == steps
    assert continued[0]["command"][:2] == ["train_cli.py", "--resume"]


@posix_only
def test_the_metrics_of_an_interrupted_run_end_with_that_until_it_goes_on(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_interruptions(monkeypatch, 13, 27)
    command(mnist_dir, tmp_path / "run", *FEW_STEPS, "--epochs", "3")
    kinds = [line["kind"] for line in read_metrics(tmp_path / "run")]
    assert kinds == ["epoch", "end"]
    resume(mnist_dir, tmp_path / "run")
    *epochs, end = read_metrics(tmp_path / "run")
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert (end["reason"], end["epoch"], end["step"]) == ("interrupted", 3, 27)


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize(("step", "nats"), [(6, -10.0), (85, 20.0)])
def test_with_the_default_training_an_early_ctrl_c_leaves_a_model_that_opens(
    step: int,
    nats: float,
    small: Splits,
    mnist_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In its first epoch about the mean image, and better in its eleventh, far from its last."""
    with_interruptions(monkeypatch, step)
    place = ["--out", str(tmp_path / "run"), "--data-dir", str(mnist_dir)]
    outcome = typed(tmp_path / "run", "--hidden", "64", "--blocks", "1", *EXACT, *place)
    assert outcome.code == 130
    x = binarise_once(small.validation.images).flatten(1)
    mean = (small.train.images.flatten(1).double().mean(0) / 255.0).clamp(1e-3, 1.0 - 1e-3)
    of_mean = torch.distributions.Bernoulli(mean).log_prob(x.double()).sum(1).mean().item()
    assert -220.0 < of_mean < -190.0
    stopped = read_checkpoint(checkpoint_of(outcome.paths.folder))
    assert estimate_elbo(stopped.vae, x).elbo > of_mean + nats


def test_to_go_on_with_a_finished_run_changes_nothing_but_says_so(
    stopped: Outcome, copy: RunPaths, mnist_dir: Path
) -> None:
    """The test ELBO is measured once more, and is the same."""
    before = content_of(copy.folder)
    out = []
    for _ in range(2):
        again = resume(mnist_dir, copy.folder)
        assert (again.code, again.err) == (0, "")
        out.append(again.out)
        after = content_of(copy.folder)
        assert before.keys() == after.keys()
        changed = {path for path in before if before[path][1] != after[path][1]}
        # The order in which safetensors writes the parts of a header is not fixed.
        assert changed - {copy.best} == {copy.config}
        assert_same_run(stopped.paths, copy)
        assert copy.metrics.read_bytes() == stopped.paths.metrics.read_bytes()
    assert out[0] == out[1]
    assert "Test ELBO of epoch " in out[0]
    assert len(json.loads(copy.config.read_text())["continued"]) == 2


def test_the_same_settings_may_be_typed_again(copy: RunPaths, mnist_dir: Path) -> None:
    flags = ["--hidden", "8", "--batch-size", "200", "--epochs", "2", "--device", "cpu"]
    assert resume(mnist_dir, copy.folder, *flags, "--no-weight-prior").code == 0


def test_a_run_that_was_stopped_early_stays_stopped(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elbos = iter([-150.0, -140.0, -145.0, -139.0])
    monkeypatch.setattr("model.train.training.estimate_elbo", lambda *_: ELBO(next(elbos), 0.0))
    flags = [*FEW_STEPS, "--patience", "1", "--epochs", "30"]
    run = command(mnist_dir, tmp_path / "run", *flags)
    assert run.code == 0
    *epochs, end = read_metrics(tmp_path / "run")
    assert (len(epochs), end["best_epoch"]) == (3, 2)
    assert "Test ELBO of epoch 2, " in run.out
    assert resume(mnist_dir, tmp_path / "run", "--epochs", "40").code == 0
    assert without_times(list(read_metrics(tmp_path / "run"))) == without_times([*epochs, end])


# What cannot be


def assert_refused(outcome: Outcome, before: dict[Path, tuple[int, str]], code: int = 2) -> None:
    """With one sentence, and nothing on the disk was touched."""
    assert (outcome.code, outcome.out) == (code, "")
    assert_one_sentence(outcome.err)
    assert content_of(outcome.paths.folder) == before


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--seed", "1"], "--seed 1 contradicts the 0 "),
        (["--batch-size", "100"], "--batch-size 100 contradicts the 200 "),
        (["--hidden", "9"], "--hidden 9 contradicts the 8 "),
        (["--latent-dim", "3"], "--latent-dim 3 contradicts the 2 "),
        (["--architecture", "conv"], "--architecture conv contradicts the residual "),
        (["--objective", "iwae"], "--objective iwae contradicts the elbo "),
        (["--learning-rate", "0.01"], "--learning-rate 0.01 contradicts the 0.001 "),
        (["--schedule", "cosine"], "--schedule cosine contradicts the constant "),
        (["--optimizer", "adagrad"], "--optimizer adagrad contradicts the adam "),
        (["--ema-decay", "0.9"], "--ema-decay 0.9 contradicts the 0.0 "),
        (["--dataset", "kmnist"], "--dataset kmnist contradicts the mnist "),
        (["--precision", "bfloat16"], "--precision bfloat16 contradicts the float32 "),
        (["--weight-prior"], "--weight-prior contradicts the --no-weight-prior "),
        (["--seed", "many"], "--seed many contradicts the 0 "),
        (["--epochs", "1"], "--epochs 1 is less than the 2 "),
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--epochs", "many"], "--epochs must be a whole number"),
        (["--epochs", "3", "--seed", "1"], "--seed 1 contradicts the 0 "),
        (["--preset", "paper"], "--preset belongs to a new run"),
        (["--out", "elsewhere"], "--out belongs to a new run"),
        (["--colour", "red"], "--colour"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_contradiction_is_named_and_nothing_is_changed(
    flags: list[str], words: str, stopped: Outcome, mnist_dir: Path
) -> None:
    before = content_of(stopped.paths.folder)
    outcome = resume(mnist_dir, stopped.paths.folder, *flags)
    assert_refused(outcome, before)
    assert words in outcome.err


def test_what_leaves_the_choice_to_the_machine_contradicts_nothing(
    mnist_dir: Path, copy: RunPaths
) -> None:
    choose = ["--device", "auto", "--precision", "auto", "--threads", "0"]
    assert resume(mnist_dir, copy.folder, *choose).code == 0


@posix_only
def test_a_cosine_is_laid_out_over_its_epochs(
    mnist_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_interruptions(monkeypatch, 13)
    flags = [*FEW_STEPS, "--schedule", "cosine", "--epochs", "2"]
    run = command(mnist_dir, tmp_path / "run", *flags)
    before = content_of(run.paths.folder)
    outcome = resume(mnist_dir, run.paths.folder, "--epochs", "3")
    assert_refused(outcome, before)
    assert "--epochs 3 contradicts the 2 epochs " in outcome.err
    assert "train anew with --epochs 3." in outcome.err
    assert resume(mnist_dir, run.paths.folder, "--epochs", "2").code == 0


def test_a_folder_that_is_no_run_is_named(mnist_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name in ("missing", "file", "empty", "x" * 300):
        outcome = resume(mnist_dir, tmp_path / name)
        assert (outcome.code, outcome.out) == (2, "")
        assert_one_sentence(outcome.err)
        assert f"--resume {tmp_path / name} " in outcome.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]


def test_a_run_without_its_resume_file_is_named(copy: RunPaths, mnist_dir: Path) -> None:
    copy.resume.unlink()
    before = content_of(copy.folder)
    outcome = resume(mnist_dir, copy.folder)
    assert_refused(outcome, before)
    assert "there is no resume.safetensors in it" in outcome.err


@pytest.mark.parametrize("damage", ["flipped", "shorter", "a checkpoint", "empty", "a folder"])
def test_a_damaged_resume_file_is_named(damage: str, copy: RunPaths, mnist_dir: Path) -> None:
    content = bytearray(copy.resume.read_bytes())
    if damage == "flipped":
        content[-100] ^= 1
    if damage == "a checkpoint":
        content = bytearray(copy.last.read_bytes())
    copy.resume.write_bytes({"shorter": content[:-1], "empty": b""}.get(damage, content))
    if damage == "a folder":
        copy.resume.unlink()
        copy.resume.mkdir()
    before = content_of(copy.folder)
    outcome = resume(mnist_dir, copy.folder)
    assert_refused(outcome, before, code=2 if damage == "a folder" else 1)
    assert str(copy.folder) in outcome.err


def test_other_data_are_refused(
    copy: RunPaths, small: Splits, mnist_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataclasses.replace(small, checksums={**small.checksums, "train-images": "00"})
    monkeypatch.setattr("model.data.datasets.load_splits", lambda *_: other)
    before = content_of(copy.folder)
    outcome = resume(mnist_dir, copy.folder, "--epochs", "3")
    assert_refused(outcome, before, code=1)
    assert "--data-dir" in outcome.err


@posix_only
def test_a_run_has_one_writer(copy: RunPaths, mnist_dir: Path) -> None:
    lock = RunLock(copy.folder)
    before = content_of(copy.folder)
    outcome = resume(mnist_dir, copy.folder, "--epochs", "3")
    assert_refused(outcome, before, code=1)
    assert "is being written by another process" in outcome.err
    lock.release()
    assert resume(mnist_dir, copy.folder, "--epochs", "3").code == 0
    RunLock(copy.folder).release()  # a command that has ended holds nothing


def test_settings_and_checkpoints_of_a_longer_run_say_so(copy: RunPaths, mnist_dir: Path) -> None:
    assert resume(mnist_dir, copy.folder, "--epochs", "3").code == 0
    assert json.loads(copy.config.read_text())["training"]["epochs"] == 3
    assert read_checkpoint(copy.last).training.epochs == 3
    assert read_state(copy.resume).config.epochs == 3


def test_a_copy_goes_on_where_the_original_does(
    stopped: Outcome, copy: RunPaths, mnist_dir: Path, tmp_path: Path
) -> None:
    """A run is its folder: nothing else is needed, and no path is in it."""
    elsewhere = RunPaths(shutil.copytree(copy.folder, tmp_path / "else" / "where"))
    for folder in (copy.folder, elsewhere.folder):
        assert resume(mnist_dir, folder, "--epochs", "3").code == 0
    assert_same_run(copy, elsewhere)
    assert_same_tensors(copy.resume, elsewhere.resume)
    assert read_state(stopped.paths.resume).state.place.epoch == 2


def test_resume_needs_a_folder(tmp_path: Path) -> None:
    outcome = typed(tmp_path, "--resume")
    assert outcome.code == 2
    assert_one_sentence(outcome.err)

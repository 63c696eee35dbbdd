"""The command line with labels: what a run leaves behind, and what is refused."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
import torch
from commands import (
    EXACT,
    PLAIN,
    Outcome,
    assert_one_sentence,
    assert_same_run,
    resume,
    typed,
)

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.data.labelled_subset import labelled_subset
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.run import RunPaths, read_metrics
from model.files.snapshots import snapshots_of
from model.likelihood.label_posterior import classification_error
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

pytestmark = pytest.mark.usefixtures("few")

NETWORK = ["--architecture", "mlp", "--layers", "8", "--latent-dim", "2", *PLAIN, *EXACT]
M2 = ["--family", "m2", "--labels", "200", "--label-seed", "3", "--batch-size", "500"]
CLASSES = {"label_entropy", "error"}


def command(data_dir: Path, folder: Path, *flags: str) -> Outcome:
    place = ["--data-dir", str(data_dir), "--out", str(folder)]
    return typed(folder, *NETWORK, *place, "--epochs", "1", *flags)


@pytest.fixture(scope="module")
def trained_m1(mnist_dir: Path, small: Splits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("model.data.datasets.load_splits", lambda *_: small)
        folder = tmp_path_factory.mktemp("runs") / "m1"
        outcome = command(mnist_dir, folder, "--latent-dim", "4", "--batch-size", "100")
    assert outcome.code == 0
    return folder


@pytest.fixture
def m1(trained_m1: Path, tmp_path: Path) -> Path:
    """The run of an M1."""
    return Path(shutil.copytree(trained_m1, tmp_path / "m1"))


def untrained(path: Path, config: VAEConfig) -> Path:
    """The checkpoint of a network that has learned nothing."""
    write_checkpoint(path, Checkpoint(build(config, 0), TrainConfig(), 1, {}, {}))
    return path


def test_a_run_says_which_images_were_labelled_and_how_often_it_is_wrong(
    mnist_dir: Path, tmp_path: Path, small: Splits
) -> None:
    outcome = command(mnist_dir, tmp_path / "run", *M2)
    assert outcome.code == 0, outcome.err
    labelled = json.loads(outcome.paths.config.read_text())["data"]["labelled"]
    assert labelled == labelled_subset(small.train.labels, 200, 3).tolist()
    assert small.train.labels[labelled].bincount().tolist() == [20] * 10

    epoch, end = read_metrics(outcome.paths.folder)
    assert epoch["train"].keys() == {"elbo", "reconstruction", "kl"} | CLASSES
    assert 0.0 < epoch["train"]["label_entropy"] < 2.31
    assert epoch["step"] == 4  # 1,800 images without a known class
    best = read_checkpoint(outcome.paths.best)
    assert best.labelled is not None
    x = binarise_once(small.test.images).flatten(1)
    error = classification_error(best.labelled, x, small.test.labels)
    assert end["test"]["error"] == best.metrics["test"]["error"] == error

    assert "on 200 labelled and 1,800 other mnist images" in outcome.out
    assert f"training error {epoch['train']['error']:.2f} %, H(q(y|x)) " in outcome.out
    assert f"Test error of q(y|x): {error:.2f} %.\n" in outcome.out
    files = {path.name for path in outcome.paths.folder.iterdir()}
    assert {"samples.png", "manifold.png"} <= files
    assert [snapshot.ends_epoch for snapshot in snapshots_of(outcome.paths.folder)][-1]


def test_with_all_labels_no_list_is_kept(mnist_dir: Path, tmp_path: Path) -> None:
    outcome = command(mnist_dir, tmp_path / "run", *M2, "--labels", "2000")
    assert outcome.code == 0, outcome.err
    assert "labelled" not in json.loads(outcome.paths.config.read_text())["data"]
    assert next(read_metrics(outcome.paths.folder))["step"] == 4


@pytest.mark.slow
def test_a_run_that_goes_on_is_the_run_that_never_stopped(mnist_dir: Path, tmp_path: Path) -> None:
    stopped = command(mnist_dir, tmp_path / "stopped", *M2)
    assert stopped.code == 0, stopped.err
    outcome = resume(mnist_dir, stopped.paths.folder, "--epochs", "2")
    assert outcome.code == 0, outcome.err
    whole = command(mnist_dir, tmp_path / "whole", *M2, "--epochs", "2")
    assert_same_run(stopped.paths, whole.paths, same_command=False)


@pytest.mark.slow
def test_an_m1_m2_is_made_and_goes_on_without_the_run_of_its_m1(
    mnist_dir: Path, m1: Path, tmp_path: Path
) -> None:
    flags = [*M2, "--family", "m1+m2", "--m1", str(m1)]
    outcome = command(mnist_dir, tmp_path / "run", *flags)
    assert outcome.code == 0, outcome.err
    made = read_checkpoint(outcome.paths.best)
    below = made.config.m1
    assert below is not None
    assert (below.layers, below.activation) == ("8", "tanh")
    assert 1 <= below.latent_dim <= 4
    whole = command(mnist_dir, tmp_path / "whole", *flags, "--epochs", "2")
    m1.rename(tmp_path / "elsewhere")
    again = resume(mnist_dir, outcome.paths.folder, "--epochs", "2")
    assert again.code == 0, again.err
    assert_same_run(outcome.paths, whole.paths, same_command=False)


# What is refused


def assert_refused(outcome: Outcome, *words: str) -> None:
    """In one sentence, with nothing left behind."""
    assert outcome.code == 2
    assert outcome.out == ""
    assert_one_sentence(outcome.err)
    for word in words:
        assert word in outcome.err
    assert not outcome.paths.folder.exists()


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("15", "--labels must be a multiple of 10"),
        ("0", "--labels must be at least 10"),
        ("1990", "--labels 1990 asks for 199 images of each class; one has"),
        ("50000", "--labels 50000 asks for 5000 images of each class; one has"),
        ("60000", "--labels must be at most 50000"),
        ("many", "--labels must be a whole number"),
    ],
)
def test_labels_that_cannot_be_had_are_one_sentence(
    labels: str, words: str, mnist_dir: Path, tmp_path: Path
) -> None:
    outcome = command(mnist_dir, tmp_path / "run", *M2, "--labels", labels)
    assert_refused(outcome, words)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--family", "m1+m2"], ("--family m1+m2", "--m1")),
        (["--preset", "m1+m2"], ("--family m1+m2", "--m1")),
        (["--family", "m1+m2", "--m1", "missing"], ("--m1 names no model", "missing")),
        (["--family", "m2", "--objective", "iwae"], ("--objective", "m2")),
        (["--family", "m2", "--beta", "2"], ("--beta must be 1.0",)),
        (["--family", "m2", "--atlas", "8"], ("--atlas",)),
        (["--family", "m1+m2", "--architecture", "conv"], ("--architecture",)),
        (["--family", "m2", "--hidden", "1500", "--architecture", "residual"], ("--family m2",)),
        (["--family", "m2", "--classifier-alone", "--classifier-weight", "0"], ("--classifier-w",)),
        (["--family", "m3"], ("--family",)),
        (["--labels", "100"], ("--labels belongs to --family m2 or m1+m2", "leave --labels out")),
        (["--classifier-alone"], ("--classifier-alone belongs to --family m2 or m1+m2",)),
        (["--family", "m2", "--classifier-alone", "--patience", "3"], ("--patience must be 0",)),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_what_does_not_go_together_is_one_sentence(
    flags: list[str], words: tuple[str, ...], mnist_dir: Path, tmp_path: Path
) -> None:
    assert_refused(command(mnist_dir, tmp_path / "run", *flags), *words)


def test_a_run_that_cannot_be_an_m1_is_one_sentence(
    mnist_dir: Path, m1: Path, tmp_path: Path
) -> None:
    def tried(*flags: str) -> Outcome:
        return command(mnist_dir, tmp_path / "run", "--family", "m1+m2", *flags)

    assert_refused(command(mnist_dir, tmp_path / "run", "--m1", str(m1)), "--m1 belongs to")
    assert_refused(
        command(mnist_dir, tmp_path / "run", "--family", "m2", "--m1", str(m1)), "--m1 belongs to"
    )
    plain = VAEConfig(2, "mlp", layers="8", fourier_features=0)
    for name, different in {
        "m2": {"family": "m2"},
        "deep": {"architecture": "residual", "hidden": 8, "blocks": 1},
        "waves": {"fourier_features": 2},
        "lost": {"atlas": 3},
    }.items():
        path = untrained(tmp_path / name, dataclasses.replace(plain, **different))
        assert_refused(
            tried("--m1", str(path)), "--m1 must name a VAE of plain layers", "--preset m1"
        )
    assert_refused(
        tried("--m1", str(m1), "--dataset", "kmnist"), f"{m1} was trained on mnist, not on kmnist"
    )
    (tmp_path / "empty").mkdir()
    (tmp_path / "no model").write_text("hello")
    assert_refused(tried("--m1", str(tmp_path / "empty")), "--m1 names no model")
    assert_refused(tried("--m1", str(tmp_path / "no model")), "--m1 names no model")


def test_an_m1_that_has_learned_nothing_is_one_sentence(
    mnist_dir: Path, m1: Path, tmp_path: Path
) -> None:
    checkpoint = read_checkpoint(m1 / "best.safetensors")
    with torch.no_grad():
        checkpoint.vae.encoder.mean.weight.zero_()
    write_checkpoint(tmp_path / "constant.safetensors", dataclasses.replace(checkpoint))
    flags = ["--family", "m1+m2", "--m1", str(tmp_path / "constant.safetensors")]
    outcome = command(mnist_dir, tmp_path / "run", *flags)
    assert_refused(outcome, "has no latent dimension that tells images apart")


def test_a_run_that_goes_on_takes_no_other_labels(
    mnist_dir: Path, tmp_path: Path, m1: Path
) -> None:
    run = command(mnist_dir, tmp_path / "run", *M2)
    for flags in (["--labels", "100"], ["--label-seed", "4"], ["--m1", str(m1)]):
        outcome = resume(mnist_dir, run.paths.folder, "--epochs", "2", *flags)
        assert outcome.code == 2
        assert_one_sentence(outcome.err)
        assert flags[0] in outcome.err
    assert RunPaths(run.paths.folder).resume.exists()

"""The bundled model with classes: written from a run, with its numbers beside it."""

import json
from pathlib import Path

import pytest
import torch

from benchmarks import bundle_m2
from model import assets
from model.data.binarise import binarise_once
from model.data.datasets import Images, Splits
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.number_cache import find_numbers, owner_of
from model.files.run import RunPaths
from model.likelihood import class_evaluation
from model.likelihood.grid import Grid
from model.likelihood.image_terms import image_terms
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

EPOCHS = [{"kind": "epoch", "epoch": epoch, "seconds": 120.0} for epoch in (1, 2)]


@pytest.fixture
def few(mnist: Splits, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Images:
    """Few test images, few points of the grid, and a bundle of the test's own."""
    images = mnist.test[:25]
    monkeypatch.setattr(bundle_m2, "load_test", lambda name: images)
    monkeypatch.setattr(class_evaluation, "Grid", lambda: Grid(7.5, 0.15))
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(assets, "M2", tmp_path / "assets" / "mnist-m2.safetensors")
    monkeypatch.setattr(assets, "M2_NUMBERS", tmp_path / "assets" / "mnist-m2.numbers.safetensors")
    return images


def run_of(folder: Path, family: str, latent_dim: int = 2) -> Path:
    """A run directory with what is bundled of it."""
    config = VAEConfig(
        family=family,
        latent_dim=latent_dim,
        architecture="mlp",
        layers="8",
        activation="softplus",
        fourier_features=0,
    )
    folder.mkdir()
    paths = RunPaths(folder)
    network = build(config, seed=0).requires_grad_(False)
    training = TrainConfig(labels=600, label_seed=3) if family == "m2" else TrainConfig()
    metrics = {"validation": {"elbo": -180.5}}
    write_checkpoint(paths.best, Checkpoint(network, training, 2, metrics, {}))
    paths.config.write_text(json.dumps({"versions": {"torch": "9.8", "python": "3.99"}}))
    paths.metrics.write_text("".join(json.dumps(line) + "\n" for line in EPOCHS))
    return folder


def test_a_run_is_bundled_with_its_numbers(few: Images, tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", "m2")
    commands = ["python train_cli.py --preset m1", "python train_cli.py --preset m2 --latent-dim 2"]
    bundle_m2.bundle_m2(run, commands, EPOCHS)
    checkpoint = read_checkpoint(assets.M2)
    network, x = checkpoint.labelled, binarise_once(few.images).flatten(1)
    assert network is not None
    original = read_checkpoint(RunPaths(run).best).network.state_dict()
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, original[name].half().float())
    numbers = find_numbers(owner_of(checkpoint, few.images))
    assert numbers.log_likelihood is not None
    assert numbers.label_posterior is not None
    assert numbers.label_posterior.shape == (25, 10)
    assert numbers.reconstruction_given is not None
    for label in (0, 7):
        terms = image_terms(network.given(label), x).reconstruction
        assert torch.allclose(numbers.reconstruction_given[:, label], terms, atol=1e-4)
    measured = checkpoint.metrics["test"]
    wrong = [
        100.0 * (guesses.argmax(1) != few.labels).double().mean().item()
        for guesses in (network.log_label_posterior(x), numbers.label_posterior)
    ]
    assert [measured["error"], measured["error_exact"]] == pytest.approx(wrong)
    assert measured["log_likelihood"] == pytest.approx(numbers.log_likelihood.mean().item())
    assert measured["elbo"] < measured["log_likelihood"]
    page = assets.M2.with_suffix(".md").read_text()
    for words in (
        "by\n\n" + "".join(f"    {command}\n" for command in commands),
        "the classes of 600 of them (`--label-seed 3`)",
        "in 4 minutes",
        "epoch 2 of 2",
        f"| {wrong[0]:.2f} % | {wrong[1]:.2f} % |",
        f"| {measured['log_likelihood']:.2f} | {measured['elbo']:.2f} |",
        "torch 9.8, Python 3.99",
    ):
        assert words in page
    assert "{" not in page
    metrics = assets.M2.with_suffix(".metrics.jsonl")
    assert metrics.read_bytes() == RunPaths(run).metrics.read_bytes()


@pytest.mark.parametrize(("family", "latent_dim"), [("vae", 2), ("m2", 3)])
def test_another_model_is_not_bundled(
    family: str, latent_dim: int, few: Images, tmp_path: Path
) -> None:
    run = run_of(tmp_path / "run", family, latent_dim)
    with pytest.raises(SystemExit, match="not the run of an M2"):
        bundle_m2.bundle_m2(run, ["python train_cli.py"], EPOCHS)
    assert list((tmp_path / "assets").iterdir()) == []


def test_a_file_that_is_too_large_is_refused(
    few: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_m2, "MAX_BYTES", 1000)
    with pytest.raises(SystemExit, match="more than 1,000"):
        bundle_m2.bundle_m2(run_of(tmp_path / "run", "m2"), ["python train_cli.py"], EPOCHS)

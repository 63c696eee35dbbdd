"""`python -m model.evaluate` and `model.inpaint` on models with classes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from model import evaluate, inpaint
from model.data import datasets as data
from model.data.binarise import binarise_once
from model.data.datasets import Images, Splits
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.likelihood import class_evaluation
from model.likelihood.grid import Grid
from model.network.families import Labelled
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.train_config import TrainConfig

FAMILIES = ("m2", "m2 of three dimensions", "m1+m2")
COARSE = Grid(7.5, 0.15)  # the network is untrained, its posteriors are broad


@pytest.fixture(autouse=True)
def few(mnist: Splits, monkeypatch: pytest.MonkeyPatch) -> Images:
    """The commands find only a few test images, and the grid has few points: it is quicker."""
    part = mnist.test[:20]
    monkeypatch.setattr(data, "load_test", lambda name, data_dir: part)
    monkeypatch.setattr(class_evaluation, "Grid", lambda: COARSE)
    return part


@pytest.fixture(scope="module")
def models() -> dict[str, Labelled]:
    """Untrained models."""
    made = {}
    for name in FAMILIES:
        config = VAEConfig(
            family=name.split()[0],
            m1_network="4:8:tanh" if name == "m1+m2" else "",
            latent_dim=3 if "three" in name else 2,
            architecture="mlp",
            layers="8",
            activation="softplus",
            fourier_features=0,
        )
        network = build(config, seed=0).requires_grad_(False)
        assert not isinstance(network, VAE)
        made[name] = network
    return made


@pytest.fixture(scope="module")
def checkpoints(
    models: dict[str, Labelled], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("labelled")
    training = TrainConfig(labels=600, label_seed=4)
    paths = {}
    for name, network in models.items():
        paths[name] = folder / f"{name}.safetensors"
        write_checkpoint(paths[name], Checkpoint(network, training, 0, {}, {}))
    return paths


def ask(capsys: pytest.CaptureFixture[str], *flags: object) -> dict[str, Any]:
    assert evaluate.main([*map(str, flags), "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    result: dict[str, Any] = json.loads(printed.out)
    return result


def wrong(network: Labelled, x: torch.Tensor, labels: torch.Tensor) -> float:
    guesses = network.log_label_posterior(x).argmax(1)
    return 100.0 * (guesses != labels).double().mean().item()


@pytest.mark.parametrize("name", FAMILIES)
def test_json_says_whose_labels_and_how_often_it_is_wrong(
    name: str,
    checkpoints: dict[str, Path],
    models: dict[str, Labelled],
    few: Images,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = ask(capsys, checkpoints[name], "--k", 3)
    assert (found["family"], found["labels"], found["label_seed"]) == (
        name.split(maxsplit=1)[0],
        600,
        4,
    )
    x = binarise_once(few.images).flatten(1)
    assert found["test_error"] == pytest.approx(wrong(models[name], x, few.labels))
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"])
    assert found["iw_bound"]["k"] == 3
    assert 0.0 < found["label_entropy"] < 2.31
    integrated = ("exact_log_likelihood", "posterior_gap", "test_error_exact", "disagreements")
    if name == "m2":
        assert found["elbo"] < found["exact_log_likelihood"]
        assert 0.0 <= found["test_error_exact"] <= 100.0
        assert 0 <= found["disagreements"] <= 20
        assert found["unresolved"] == 0
    else:
        assert [found[key] for key in (*integrated, "grid", "unresolved")] == [None] * 6


def test_the_protocol_makes_the_images_whose_class_is_asked_for(
    checkpoints: dict[str, Path],
    models: dict[str, Labelled],
    few: Images,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = checkpoints["m2 of three dimensions"]
    grey = ask(capsys, path, "--protocol", "grey", "--k", 1)
    x = few.images.double().div(255).float().flatten(1)
    model = models["m2 of three dimensions"]
    assert grey["test_error"] == pytest.approx(wrong(model, x, few.labels))
    entropy = torch.distributions.Categorical(logits=model.log_label_posterior(x)).entropy()
    assert grey["label_entropy"] == pytest.approx(entropy.mean().item(), abs=1e-5)


@pytest.mark.slow
def test_the_text_says_the_same(
    checkpoints: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = ask(capsys, checkpoints["m2"])
    assert evaluate.main([str(checkpoints["m2"])]) == 0
    text = capsys.readouterr().out
    for key, words in (
        ("test_error", "%, by q(y|x)"),
        ("test_error_exact", "%, by the integrated p(y|x)"),
        ("label_entropy", "nats, the mean"),
        ("exact_log_likelihood", "grid"),
        ("elbo", "reconstruction"),
    ):
        assert re.search(rf"(?<![\d.]){numbers[key]:.2f}  {re.escape(words)}", text), key
    assert re.search(rf"q and p disagree +{numbers['disagreements']}  of 20 images", text)
    assert "M2, 2 latent dimensions, 600 labels drawn with seed 4" in text


def test_three_dimensions_say_what_they_lack(
    checkpoints: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(checkpoints["m1+m2"]), "--k", "1"]) == 0
    text = capsys.readouterr().out
    assert "only at two latent dimensions, of the family m2" in text
    assert "disagree" not in text


def test_what_makes_no_sense_is_refused_in_a_sentence(
    checkpoints: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(checkpoints["m2"]), "--estimators"]) == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "--estimators" in refused.err
    assert "leave the flag out" in refused.err
    assert inpaint.main([str(checkpoints["m1+m2"]), "--mask", "quadrants-1"]) == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "a model with classes (m1+m2)" in refused.err
    assert "Traceback" not in refused.err

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tent import tent

from model import evaluate
from model.data import datasets as data
from model.data.cache import DataError
from model.data.datasets import Images, Splits
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.run import RunPaths
from model.likelihood import estimators, evaluation
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

KEYS = [
    "checkpoint",
    "family",
    "latent_dim",
    "protocol",
    "seed",
    "n",
    "elbo",
    "reconstruction",
    "kl",
    "iw_bound",
    "exact_log_likelihood",
    "posterior_gap",
    "unresolved",
    "grid",
    "labels",
    "label_seed",
    "test_error",
    "test_error_exact",
    "label_entropy",
    "disagreements",
    "seconds",
]
OF_CLASSES = KEYS[-7:-1]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def few(mnist: Splits, monkeypatch: pytest.MonkeyPatch) -> Images:
    """The command finds only a few test images: it is quicker."""
    part = mnist.test[:8]
    monkeypatch.setattr(data, "load_test", lambda name, data_dir: part)
    return part


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Untrained models of one, two and three latent dimensions.

    With sharp posteriors: most of the plane need not be summed then.
    """
    folder = tmp_path_factory.mktemp("checkpoints")
    paths = {dimensions: folder / f"d{dimensions}.safetensors" for dimensions in (1, 2, 3)}
    for dimensions, path in paths.items():
        vae = build(VAEConfig(latent_dim=dimensions, hidden=16, blocks=1), seed=0)
        with torch.no_grad():
            for parameter in vae.parameters():
                parameter.mul_(1.5)
            vae.decoder.logits.weight.mul_(3.0)
            vae.encoder.log_variance.bias.sub_(6.0)
        write_checkpoint(path, Checkpoint(vae, TrainConfig(), 0, {}, {}))
    return paths


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Run the command with --json, and read what it prints."""

    def run(*flags: object) -> dict[str, Any]:
        assert evaluate.main([*map(str, flags), "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        result: dict[str, Any] = json.loads(printed.out)
        return result

    return run


def test_the_json_has_exactly_the_promised_keys(ask: Any, checkpoints: dict[int, Path]) -> None:
    found = ask(checkpoints[2])
    assert list(found) == KEYS
    assert found["checkpoint"] == str(checkpoints[2])
    assert (found["latent_dim"], found["protocol"], found["seed"]) == (2, "dynamic", 0)
    assert (found["n"], found["unresolved"]) == (8, 0)
    assert found["iw_bound"]["k"] == evaluation.PLANE_K
    assert found["grid"] == {"limit": 4.5, "step": 0.01, "points": 810_000}
    assert found["elbo"] == found["reconstruction"] - found["kl"]
    assert found["exact_log_likelihood"] - found["posterior_gap"] == pytest.approx(found["elbo"])
    assert found["elbo"] < found["exact_log_likelihood"]
    assert 0.0 < found["seconds"] < 600.0
    assert found["family"] == "vae"
    assert [found[key] for key in OF_CLASSES] == [None] * 6


@pytest.mark.parametrize("dimensions", [1, 3])
def test_without_a_plane_there_is_no_exact_number(
    ask: Any, checkpoints: dict[int, Path], dimensions: int
) -> None:
    found = ask(checkpoints[dimensions], "--k", 7)
    assert list(found) == KEYS
    assert found["latent_dim"] == dimensions
    assert [found[key] for key in ("exact_log_likelihood", "posterior_gap", "grid")] == [None] * 3
    assert found["iw_bound"]["k"] == 7


def test_the_protocols_differ_and_say_so(ask: Any, checkpoints: dict[int, Path]) -> None:
    found = {
        protocol: ask(checkpoints[3], "--protocol", protocol, "--k", 2)
        for protocol in ("dynamic", "static-threshold", "grey")
    }
    assert [protocol["protocol"] for protocol in found.values()] == list(found)
    assert len({protocol["elbo"] for protocol in found.values()}) == 3
    assert len({protocol["kl"] for protocol in found.values()}) == 3


def test_the_seed_decides(ask: Any, checkpoints: dict[int, Path]) -> None:
    first, again, other = (ask(checkpoints[3], "--k", 2, "--seed", seed) for seed in (1, 1, 2))
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
    assert other["kl"] != first["kl"]  # other pixels, so other posteriors
    threshold = [
        ask(checkpoints[3], "--k", 2, "--seed", seed, "--protocol", "static-threshold")
        for seed in (1, 2)
    ]
    assert threshold[0]["kl"] == threshold[1]["kl"]  # the same pixels,
    assert threshold[0]["iw_bound"] != threshold[1]["iw_bound"]  # but other draws


def test_a_run_directory_means_its_best_checkpoint(
    ask: Any, checkpoints: dict[int, Path], tmp_path: Path
) -> None:
    RunPaths(tmp_path).best.write_bytes(checkpoints[3].read_bytes())
    in_run, alone = ask(tmp_path, "--k", 2), ask(checkpoints[3], "--k", 2)
    assert in_run["checkpoint"] == str(tmp_path)
    assert in_run["elbo"] == alone["elbo"]


@pytest.mark.slow
def test_the_comparison_of_estimators_comes_under_its_own_key(
    ask: Any, checkpoints: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimators, "K", 20)
    monkeypatch.setattr(estimators, "PRIOR_DRAWS", 2000)
    found = ask(checkpoints[2], "--estimators")
    assert set(found) == {*KEYS, "estimators"}
    assert set(found["estimators"]) == {
        "images",
        "elbo",
        "iw_bound",
        "posterior_density",
        "exact_log_likelihood",
        "prior_monte_carlo",
    }
    assert found["estimators"]["exact_log_likelihood"] == found["exact_log_likelihood"]


# Text


@pytest.mark.slow
def test_the_text_says_the_same_as_the_json(
    ask: Any, checkpoints: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = ask(checkpoints[2], "--k", 3)
    assert evaluate.main([str(checkpoints[2]), "--k", "3"]) == 0
    text = capsys.readouterr().out
    for key in ("elbo", "reconstruction", "kl", "exact_log_likelihood", "posterior_gap"):
        assert re.search(rf"(?<![\d.]){numbers[key]:.2f}(?!\d)", text), key
    assert f"{numbers['iw_bound']['value']:.2f}  k = 3" in text
    for words in (
        str(checkpoints[2]),
        "8 test images of mnist",
        "dynamic binarisation",
        "seed 0",
        "nats per image",
        "exact log-likelihood",
        "810,000 points",
    ):
        assert words in text


def test_grey_pixels_are_never_called_a_likelihood(
    checkpoints: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([str(checkpoints[2]), "--protocol", "grey"])
    text = capsys.readouterr().out
    assert "not a likelihood" in text
    assert "log-likelihood" not in text


def test_three_dimensions_say_what_they_lack(
    checkpoints: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate.main([str(checkpoints[3]), "--k", "2"])
    assert re.search(
        r"exact log-likelihood +only at two latent dimensions", capsys.readouterr().out
    )


def test_the_comparison_is_a_table(
    checkpoints: dict[int, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(estimators, "K", 20)
    monkeypatch.setattr(estimators, "PRIOR_DRAWS", 2000)
    evaluate.main([str(checkpoints[3]), "--k", "2", "--estimators"])
    text = capsys.readouterr().out
    for words in ("k = 20", "appendix D", "2,000 draws", "first 8 images"):
        assert words in text
    assert text.count("--") == 2  # the two exact numbers


@pytest.mark.slow
def test_what_is_not_resolved_is_counted_and_never_called_exact(
    ask: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    vae, _ = tent((3.0, 3.0), 1e-7)
    vae.decoder.logits.weight.fill_(-0.15)  # darker than the plateau, and so nearer to all digits
    vae.decoder.logits.bias.fill_(-1.0)
    path = tmp_path / "narrow.safetensors"
    write_checkpoint(path, Checkpoint(vae, TrainConfig(), 0, {}, {}))
    found = ask(path)
    assert 0 < found["unresolved"] <= 8
    assert found["exact_log_likelihood"] is None
    assert found["posterior_gap"] is None
    assert evaluate.main([str(path)]) == 0
    text = capsys.readouterr().out
    assert re.search(rf"not resolved +{found['unresolved']} of 8 images", text)
    assert re.search(rf"exact log-likelihood.* of {8 - found['unresolved']} images", text)


# What goes wrong


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ([], "The following arguments are required: CHECKPOINT; see --help."),
        (["x", "--protocol", "static"], "--protocol: invalid choice: 'static'"),
        (["x", "--k", "0"], "--k: must be a whole number from 1 to 1000000, not '0'"),
        (["x", "--k", "many"], "--k: must be a whole number from 1 to 1000000, not 'many'"),
        (["x", "--seed", "-1"], "--seed: must be a whole number from 0 to 4294967295, not '-1'"),
        (["x", "--seed", "4294967296"], "not '4294967296'"),
        (["x", "--prot", "grey"], "Unrecognized arguments: --prot grey"),
        (["/nowhere/x.safetensors"], "x.safetensors cannot be opened"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(flags) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_a_file_that_is_no_checkpoint_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.safetensors"
    path.write_text("Dear friend")
    assert evaluate.main([str(path)]) == 2
    assert capsys.readouterr().err.startswith("letter.safetensors cannot be opened: ")


def test_data_that_cannot_be_had_are_another_error(
    checkpoints: dict[int, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str, data_dir: Path | None) -> Images:
        assert data_dir == Path("somewhere")
        raise DataError("There are no data.")

    monkeypatch.setattr(data, "load_test", refuse)
    assert evaluate.main([str(checkpoints[2]), "--data-dir", "somewhere"]) == 1
    assert capsys.readouterr().err == "There are no data.\n"


def test_ctrl_c_stops_it(
    checkpoints: dict[int, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation, "evaluate", interrupt)
    assert evaluate.main([str(checkpoints[2])]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_stops_the_real_command(mnist_dir: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "model.evaluate",
        "assets/pretrained/mnist-2d.safetensors",
        "--data-dir",
        str(mnist_dir),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        time.sleep(6)  # in the middle of it, whatever it is just doing
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "Stopped.\n")

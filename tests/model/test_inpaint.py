import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model import inpaint
from model.data import datasets as data
from model.data.binarise import PROTOCOLS
from model.data.cache import DataError
from model.data.datasets import Splits
from model.data.masks import mask_named
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.likelihood import inpainting
from model.likelihood.inpainting import f1_of_ink
from model.likelihood.monte_carlo import prior_monte_carlo
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig
from model.train.train_config import TrainConfig

KEYS = [
    "checkpoint",
    "mask",
    "protocol",
    "n",
    "seed",
    "nats_missing",
    "nats_per_missing_pixel",
    "log_p_observed",
    "f1",
    "label_accuracy",
    "method",
    "seconds",
]


@pytest.fixture(autouse=True)
def few(small: Splits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds only some images, and makes a coarse table: it is quicker."""
    monkeypatch.setattr(data, "load_splits", lambda name, data_dir: small)
    monkeypatch.setattr(inpainting, "SIDE", 40)


@pytest.fixture(scope="module")
def models() -> dict[int, VAE]:
    """Untrained, with posteriors that are broad enough for a few draws."""
    config = [VAEConfig(latent_dim=d, hidden=16, blocks=1, fourier_features=0) for d in (2, 3)]
    built = {one.latent_dim: build(one, seed=0).requires_grad_(False) for one in config}
    for vae in built.values():
        for parameter in vae.parameters():
            parameter.mul_(0.7)
    return built


@pytest.fixture(scope="module")
def checkpoints(
    models: dict[int, VAE], tmp_path_factory: pytest.TempPathFactory
) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("checkpoints")
    paths = {dimensions: folder / f"d{dimensions}.safetensors" for dimensions in models}
    for dimensions, path in paths.items():
        write_checkpoint(path, Checkpoint(models[dimensions], TrainConfig(), 0, {}, {}))
    return paths


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Run the command with --json, and read what it prints."""

    def run(*flags: object) -> dict[str, Any]:
        assert inpaint.main([*map(str, flags), "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        result: dict[str, Any] = json.loads(printed.out)
        return result

    return run


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_json_has_exactly_the_promised_keys(
    ask: Any, checkpoints: dict[int, Path], dimensions: int
) -> None:
    found = ask(checkpoints[dimensions], "--mask", "quadrants-1", "--n", 4)
    assert list(found) == KEYS
    assert found["checkpoint"] == str(checkpoints[dimensions])
    assert [found[key] for key in KEYS[1:5]] == ["quadrants-1", "dynamic", 4, 0]
    assert found["nats_missing"] > 0.0 > found["log_p_observed"]
    assert found["nats_per_missing_pixel"] == pytest.approx(found["nats_missing"] / 588)
    assert 0.0 <= found["f1"] <= 1.0
    assert 0.0 <= found["label_accuracy"] <= 1.0
    words = {2: "integrals over the plane", 3: r"importance sampling \(1000 draws; .*Gibbs"}
    assert re.match(words[dimensions], found["method"])


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [2, 3])
def test_whatever_is_masked_the_whole_is_log_p_of_the_images(
    ask: Any,
    checkpoints: dict[int, Path],
    models: dict[int, VAE],
    small: Splits,
    dimensions: int,
) -> None:
    x = PROTOCOLS["dynamic"].pixels(small.test.images, 0)[:5]
    log_p = prior_monte_carlo(models[dimensions], x, 50_000).mean().item()
    for mask in ("left-half", "bottom-half", "random-0.7"):
        found = ask(checkpoints[dimensions], "--mask", mask, "--n", 5)
        whole = found["log_p_observed"] - found["nats_missing"]
        assert whole == pytest.approx(log_p, abs=0.1)


def test_grey_pixels_are_another_protocol_and_no_likelihood(
    ask: Any, checkpoints: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [str(checkpoints[2]), "--mask", "left-half", "--n", "3"]
    assert ask(*flags)["nats_missing"] != ask(*flags, "--protocol", "grey")["nats_missing"]
    inpaint.main([*flags, "--protocol", "grey"])
    text = capsys.readouterr().out
    assert "not a likelihood" in text
    assert "log p(" not in text


def test_the_seed_decides(ask: Any, checkpoints: dict[int, Path]) -> None:
    flags = [checkpoints[3], "--mask", "random-0.5", "--n", 3, "--seed"]
    first, again, other = (ask(*flags, seed) for seed in (1, 1, 2))
    assert {**first, "seconds": 0} == {**again, "seconds": 0}
    assert other["nats_missing"] != first["nats_missing"]


def test_the_text_says_the_same_as_the_json(
    ask: Any, checkpoints: dict[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [str(checkpoints[2]), "--mask", "top-half", "--n", "3"]
    numbers = ask(*flags)
    assert inpaint.main(flags) == 0
    text = capsys.readouterr().out
    for key, decimals in (("nats_missing", 2), ("log_p_observed", 2), ("f1", 3)):
        assert re.search(rf"(?<![\d.]){numbers[key]:.{decimals}f}(?!\d)", text), key
    for words in ("top-half", "first 3 test images", "seed 0", "integrals over the plane"):
        assert words in text


def test_the_picture_shows_each_image_what_is_seen_the_mean_and_draws(
    checkpoints: dict[int, Path], small: Splits, tmp_path: Path
) -> None:
    path = tmp_path / "filled.png"
    flags = ["--mask", "quadrants-3", "--n", "3", "--png", str(path)]
    assert inpaint.main([str(checkpoints[2]), *flags]) == 0
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.shape == (3 * 60 + 4, 6 * 60 + 4, 3)

    def tile(row: int, column: int) -> np.ndarray:
        top, left = 4 + 60 * row, 4 + 60 * column
        return pixels[top : top + 56 : 2, left : left + 56 : 2]

    x = PROTOCOLS["dynamic"].pixels(small.test.images, 0)[:3].view(3, 28, 28).numpy()
    seen = mask_named("quadrants-3").seen(1, 0)[0].reshape(28, 28)
    for row in range(3):
        assert np.array_equal(tile(row, 0)[..., 0] == 255, x[row] == 1.0)
        assert np.array_equal(tile(row, 1)[seen], tile(row, 0)[seen])
        assert (tile(row, 1)[~seen][:, 2] > tile(row, 1)[~seen][:, 0]).all()  # blue
        for column in range(2, 6):
            assert np.array_equal(tile(row, column)[seen], tile(row, 0)[seen])
        assert (np.unique(tile(row, 3)) == [0, 255]).all()


def test_f1_counts_ink_alone() -> None:
    ink = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    assert f1_of_ink(np.array([0.9, 0.1, 0.8, 0.1, 0.2]), ink) == pytest.approx(0.5)
    assert f1_of_ink(np.zeros(5), ink) == 0.0
    assert f1_of_ink(ink, ink) == 1.0
    assert f1_of_ink(np.zeros(5), np.zeros(5)) == 1.0


def test_what_cannot_be_resolved_is_counted(
    ask: Any, checkpoints: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.likelihood import completion

    def doubtful(*given: Any, **how: Any) -> Any:
        found = yield from refinement(*given, **how)
        return type(found)(found.cells, found.score, found.within, "it is too narrow")

    refinement = completion.refinement
    monkeypatch.setattr(completion, "refinement", doubtful)
    found = ask(checkpoints[2], "--mask", "left-half", "--n", 3)
    assert "not resolved for 3 of 3 images" in found["method"]


# What goes wrong


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ([], "The following arguments are required: CHECKPOINT, --mask; see --help."),
        (["x", "--mask", "half"], "--mask: there is no mask 'half'; choose from left-half,"),
        (["x", "--mask", "random-2"], "--mask: there is no mask 'random-2'"),
        (["x", "--mask", "left-half", "--n", "0"], "--n: must be a whole number from 1 to 10000"),
        (["x", "--mask", "left-half", "--seed", "-1"], "--seed: must be a whole number"),
        (["x", "--mask", "left-half", "--protocol", "blue"], "--protocol: invalid choice: 'blue'"),
        (["/nowhere/x.safetensors", "--mask", "left-half"], "x.safetensors cannot be opened"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inpaint.main(flags) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_data_that_cannot_be_had_and_pictures_that_cannot_be_written_are_said(
    checkpoints: dict[int, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    flags = [str(checkpoints[3]), "--mask", "left-half", "--n", "2"]
    missing = tmp_path / "no such folder" / "filled.png"
    assert inpaint.main([*flags, "--png", str(missing)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"{missing} cannot be written: No such file or directory.\n"

    def fail(name: str, data_dir: Path | None) -> Splits:
        raise DataError("MNIST cannot be had.")

    monkeypatch.setattr(data, "load_splits", fail)
    assert inpaint.main(flags) == 1
    assert capsys.readouterr().err == "MNIST cannot be had.\n"


def test_ctrl_c_stops_it(
    checkpoints: dict[int, Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(inpainting, "inpaint", interrupted)
    assert inpaint.main([str(checkpoints[2]), "--mask", "left-half"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_the_help_says_what_each_mask_shows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        inpaint.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "quadrants-1: the lower left quarter",
        "quadrants-2: the left half",
        "quadrants-3: all but the lower right quarter",
        "top-half: the top half",
        "random-F",
    ):
        assert words in text

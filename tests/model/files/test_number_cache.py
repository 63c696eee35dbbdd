"""Numbers are kept for their owner alone, and nothing that is kept is trusted."""

import math
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model import assets
from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.files import number_cache
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.number_cache import (
    KIND,
    KeptNumbers,
    Owner,
    find_numbers,
    keep_numbers,
    owner_of,
    read_numbers,
    write_numbers,
)
from model.files.sealed import Kind, seal
from model.latent.decoding import posteriors
from model.likelihood.evaluation import evaluate
from model.likelihood.exact import integrate
from model.network.densities import kl_divergence
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

OWNER = Owner("a" * 64, "b" * 64, 5)
NUMBERS = KeptNumbers(torch.linspace(-90, -70, 5).double(), torch.linspace(-80, -60, 5).double())

OTHER_DTYPES = (torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.bool)


POSTERIOR = torch.softmax(torch.arange(50.0).view(5, 10).double().sin(), dim=1)
GIVEN = -torch.arange(50.0).view(5, 10).double()
OF_CLASSES = KeptNumbers(
    log_likelihood=NUMBERS.log_likelihood, label_posterior=POSTERIOR, reconstruction_given=GIVEN
)


def same(found: KeptNumbers, expected: KeptNumbers) -> bool:
    return all(
        (a is None and b is None) or (a is not None and b is not None and torch.allclose(a, b))
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("numbers", [NUMBERS, KeptNumbers(NUMBERS.reconstruction), OF_CLASSES])
def test_what_is_kept_is_found_by_its_owner_and_by_nobody_else(numbers: KeptNumbers) -> None:
    assert not find_numbers(OWNER)
    keep_numbers(OWNER, numbers)
    assert same(find_numbers(OWNER), numbers)
    for other in (
        OWNER._replace(model="c" * 64),
        OWNER._replace(images="c" * 64),
        OWNER._replace(n=6),
    ):
        assert not find_numbers(other)


def test_a_file_under_anothers_name_is_not_believed() -> None:
    keep_numbers(OWNER, NUMBERS)
    (path,) = number_cache.folder().iterdir()
    other = OWNER._replace(model="c" * 64)
    keep_numbers(other, NUMBERS)
    theirs = next(file for file in number_cache.folder().iterdir() if file != path)
    theirs.write_bytes(path.read_bytes())
    assert not find_numbers(other)
    assert find_numbers(OWNER)


def test_a_model_that_is_in_no_file_owns_nothing() -> None:
    vae = build(VAEConfig(hidden=8, blocks=1), 0)
    owner = owner_of(Checkpoint(vae, TrainConfig(), 0, {}, {}), torch.zeros(3, 28, 28))
    assert owner is None
    keep_numbers(owner, NUMBERS)
    assert not find_numbers(owner)
    assert not number_cache.folder().exists()


def test_an_owner_is_a_model_and_its_images(tmp_path: Path) -> None:
    images = torch.arange(3 * 784, dtype=torch.uint8).view(3, 1, 28, 28)
    owners = []
    for seed in (0, 1):
        vae = build(VAEConfig(hidden=8, blocks=1), seed)
        path = tmp_path / f"{seed}.safetensors"
        write_checkpoint(path, Checkpoint(vae, TrainConfig(), 0, {}, {}))
        checkpoint = read_checkpoint(path)
        owners.append(owner_of(checkpoint, images))
        assert owner_of(read_checkpoint(path), images.squeeze(1)) == owners[-1]
        assert owner_of(replace(checkpoint, digest=""), images) is None
        owners.append(owner_of(checkpoint, images.flip(0)))
    assert len(set(owners)) == 4


def test_classes_of_images_that_are_not_resolved_stay_unknown(tmp_path: Path) -> None:
    path, posterior = tmp_path / "numbers.safetensors", POSTERIOR.clone()
    posterior[3] = torch.nan
    write_numbers(path, OWNER, KeptNumbers(label_posterior=posterior))
    found = read_numbers(path, OWNER).label_posterior
    assert found is not None
    assert torch.allclose(found, posterior, equal_nan=True, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "impossible"),
    [
        ("label_posterior", torch.full((5, 10), 0.2)),
        ("label_posterior", torch.tensor([2.0, -1.0] + [0.0] * 8).repeat(5, 1)),
        ("label_posterior", torch.full((5, 10), torch.inf)),
        ("label_posterior", torch.full((5, 9), 1 / 9)),
        ("label_posterior", torch.full((4, 10), 0.1)),
        ("label_posterior", torch.full((5,), 0.1)),
        ("reconstruction_given", GIVEN + 1.0),
        ("reconstruction_given", GIVEN * torch.inf),
        ("reconstruction_given", GIVEN[:, :9]),
        ("reconstruction_given", GIVEN[:, 0]),
    ],
)
def test_numbers_of_classes_that_cannot_be_are_not_believed(
    name: str, impossible: torch.Tensor, tmp_path: Path
) -> None:
    path = tmp_path / "numbers.safetensors"
    write_numbers(path, OWNER, OF_CLASSES._replace(**{name: impossible}))
    assert not read_numbers(path, OWNER)


def test_damage_of_any_kind_means_that_nothing_is_known(tmp_path: Path) -> None:
    path = tmp_path / "numbers.safetensors"
    write_numbers(path, OWNER, NUMBERS)
    whole = path.read_bytes()
    assert same(read_numbers(path, OWNER), NUMBERS)
    numbers = random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        place = numbers.randrange(len(whole))
        damaged[place] ^= 1 << numbers.randrange(8)
        path.write_bytes(damaged)
        found = read_numbers(path, OWNER)
        assert not found or same(found, NUMBERS)  # a blank in the header says nothing
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert not read_numbers(path, OWNER)
    path.unlink()
    path.mkdir()
    assert not read_numbers(path, OWNER)


def test_numbers_that_are_none_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "numbers.safetensors"
    write_numbers(path, OWNER, KeptNumbers(torch.full((5,), torch.nan)))
    assert not read_numbers(path, OWNER)


def sealed_numbers(
    tensors: dict[str, torch.Tensor], owner: Owner = OWNER, kind: Kind = KIND
) -> bytes:
    """A file of numbers with a digest that fits, whatever it holds."""
    return seal(kind, {"model": owner.model, "images": owner.images}, tensors)


FIVE = torch.full((5,), -70.0)


@pytest.mark.parametrize(
    "content",
    [
        sealed_numbers({"log_likelihood": FIVE}, OWNER._replace(model="c" * 64)),
        sealed_numbers({"log_likelihood": FIVE}, OWNER._replace(images="c" * 64)),
        sealed_numbers({"log_likelihood": FIVE}, kind=replace(KIND, format="vae-gui numbers 1")),
        sealed_numbers({"log_likelihood": FIVE[:4]}),
        sealed_numbers({"log_likelihood": torch.full((6,), -70.0)}),
        sealed_numbers({"log_likelihood": FIVE.view(5, 1)}),
        sealed_numbers({"log_likelihood": FIVE, "reconstruction": FIVE[:4].clone()}),
        sealed_numbers({"log_likelihood": FIVE, "kl": FIVE.clone()}),
        *(sealed_numbers({"log_likelihood": FIVE.to(dtype)}) for dtype in OTHER_DTYPES),
        *(
            sealed_numbers({"log_likelihood": torch.tensor([-70.0, -70.0, value, -70.0, -70.0])})
            for value in (math.nan, math.inf, -math.inf, 1.0, 1e30)
        ),
        sealed_numbers({}),
    ],
)
def test_a_sealed_file_of_anything_else_is_ignored(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "numbers.safetensors"
    path.write_bytes(sealed_numbers({"log_likelihood": FIVE}))
    assert read_numbers(path, OWNER)
    path.write_bytes(content)
    assert not read_numbers(path, OWNER)


@pytest.mark.parametrize("number", ["9" * 5000, "[" * 5000 + "]" * 5000, "NaN", '{"a":' * 900])
def test_a_header_of_anything_else_is_ignored(number: str, tmp_path: Path) -> None:
    path = tmp_path / "numbers.safetensors"
    whole = sealed_numbers({"log_likelihood": FIVE})
    length = int.from_bytes(whole[:8], "little")
    text = whole[8 : 8 + length].decode().replace("[5]", f"[{number}]")
    path.write_bytes(len(text).to_bytes(8, "little") + text.encode() + whole[8 + length :])
    assert not read_numbers(path, OWNER)


def test_the_cache_is_bounded_and_what_was_used_last_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(number_cache, "MAX_FILES", 3)
    owners = [OWNER._replace(model=letter * 64) for letter in "cdefg"]
    for age, owner in enumerate(owners[:3]):
        keep_numbers(owner, NUMBERS)
        newest = max(number_cache.folder().iterdir(), key=lambda file: file.stat().st_mtime)
        os.utime(newest, (1000 + age, 1000 + age))
    assert find_numbers(owners[0])
    keep_numbers(owners[3], NUMBERS)
    assert len(list(number_cache.folder().iterdir())) == 3
    assert [bool(find_numbers(owner)) for owner in owners] == [True, False, True, True, False]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    number_cache.folder().parent.mkdir(parents=True)
    number_cache.folder().write_text("not a folder")
    keep_numbers(OWNER, NUMBERS)
    assert not find_numbers(OWNER)


@pytest.fixture(scope="module", params=assets.MODELS, ids=lambda path: path.stem)
def bundled(
    mnist: Splits, request: pytest.FixtureRequest
) -> tuple[Checkpoint, torch.Tensor, KeptNumbers]:
    """A bundled model, the test digits, binarised, and what is kept of them."""
    checkpoint = read_checkpoint(request.param)
    images = mnist.test.images
    numbers = find_numbers(owner_of(checkpoint, images))
    return checkpoint, binarise_once(images).flatten(1), numbers


Bundled = tuple[Checkpoint, torch.Tensor, KeptNumbers]


@pytest.mark.slow
def test_the_bundled_numbers_are_those_of_the_bundled_model(bundled: Bundled) -> None:
    checkpoint, x, kept = bundled
    assert kept.reconstruction is not None
    some = torch.tensor([3, 4711, 9999])
    again = integrate(checkpoint.vae, x[some])
    assert torch.allclose(kept.reconstruction[some], again.reconstruction, atol=2e-3)
    measured = checkpoint.metrics["test"]
    kl = kl_divergence(*(part.double() for part in posteriors(checkpoint.vae, x)))
    assert kept.reconstruction.mean().item() == pytest.approx(measured["reconstruction"], abs=1e-3)
    assert (kept.reconstruction - kl).mean().item() == pytest.approx(measured["elbo"], abs=1e-3)
    if kept.log_likelihood is None:  # there is an image that the grid does not resolve
        assert checkpoint.digest == read_checkpoint(assets.PAPER).digest
        return
    assert torch.allclose(kept.log_likelihood[some], again.log_likelihood, atol=2e-3)
    gap = kept.log_likelihood - kept.reconstruction + kl
    assert gap.min() > -0.02  # the grid's own error


@pytest.mark.slow
def test_the_bundled_numbers_are_those_that_evaluate_prints(bundled: Bundled) -> None:
    checkpoint, x, kept = bundled
    if kept.log_likelihood is None:
        pytest.skip("the grid does not resolve each image of this model")
    found = evaluate(checkpoint.vae, x[:20])
    assert found.log_likelihood is not None
    assert kept.log_likelihood[:20].mean().item() == pytest.approx(found.log_likelihood, abs=1e-3)

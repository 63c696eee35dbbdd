import dataclasses
import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import meddling
import pytest
import torch
from meddling import put_together, take_apart
from safetensors.torch import load as load_tensors

from model.data.datasets import Splits
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.resume import KIND, ResumeError, Saved, read_state, write_state
from model.files.sealed import seal, split_file
from model.network.initialisation import build
from model.network.vae import MAX_PARAMETERS, VAE, VAEConfig
from model.train.train_config import TrainConfig
from model.train.training import train
from model.train.training_state import Place, TrainingState, expected_shapes

TINY = VAEConfig(latent_dim=2, hidden=4, blocks=1)
CONFIG = TrainConfig(
    epochs=2, batch_size=1000, device="cpu", precision="float32", threads=1, ema_decay=0.9
)
CHECKSUMS = {"train-images": "ab" * 32}


@pytest.fixture(scope="module")
def state(small: Splits) -> TrainingState:
    """In the middle of its second epoch."""
    for report in train(TINY, CONFIG, small):
        if report.place.step == 3:
            return report.state
    raise AssertionError


@pytest.fixture(scope="module")
def sound(state: TrainingState, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "resume.safetensors"
    write_state(path, TINY, CONFIG, CHECKSUMS, state)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "resume.safetensors"


def refusal(path: Path) -> str:
    with pytest.raises(ResumeError) as caught:
        read_state(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"The run cannot be continued from {path}: ")
    assert sentence.endswith("; start a new run, or copy this one again.")
    assert "\n" not in sentence
    return sentence


def read(content: bytes, path: Path) -> Saved:
    path.write_bytes(content)
    return read_state(path)


def test_what_is_written_is_read(sound: bytes, state: TrainingState, path: Path) -> None:
    saved = read(sound, path)
    assert (saved.vae_config, saved.config, saved.checksums) == (TINY, CONFIG, CHECKSUMS)
    assert saved.state.place == state.place
    assert saved.state.place.seconds == state.place.seconds > 0.0
    expected = state.tensors()
    assert saved.state.tensors.keys() == expected.keys()
    for name, tensor in expected.items():
        assert saved.state.tensors[name].dtype == tensor.dtype
        assert torch.equal(saved.state.tensors[name], tensor), name


def test_before_the_first_epoch_is_done_there_is_no_best_one(
    state: TrainingState, path: Path
) -> None:
    early = dataclasses.replace(state, place=Place(epoch=1, batch=2, step=2))
    write_state(path, TINY, CONFIG, CHECKSUMS, early)
    assert b"Infinity" not in path.read_bytes()
    assert read_state(path).state.place.best_elbo == -math.inf


def test_the_largest_network_fits() -> None:
    """Its weights, their EMA and two moments, in float32."""
    assert KIND.max_bytes > 4 * 4 * MAX_PARAMETERS


# Files that are not whole


def test_every_kind_of_damage_is_noticed(sound: bytes, path: Path) -> None:
    numbers = random.Random(0)
    header = int.from_bytes(sound[:8], "little") + 8
    places = [*range(12), *(numbers.randrange(8, header) for _ in range(150))]
    places += [numbers.randrange(header, len(sound)) for _ in range(50)]
    for place in places:
        damaged = bytearray(sound)
        damaged[place] ^= 1 << numbers.randrange(8)
        path.write_bytes(damaged)
        refusal(path)


def test_a_file_that_ends_too_early_is_noticed(sound: bytes, path: Path) -> None:
    for length in (*range(0, len(sound), 997), len(sound) - 1):
        path.write_bytes(sound[:length])
        refusal(path)
    path.write_bytes(sound + b"\0")
    refusal(path)


def test_what_is_no_file_is_noticed(path: Path) -> None:
    assert "no such file" in refusal(path)
    path.mkdir()
    assert "it is a folder" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"mine", b"\x80\x04", b"PK\x03\x04", bytes(100)])
def test_other_files_are_noticed(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    refusal(path)


def test_a_checkpoint_is_not_enough_to_go_on_from(path: Path) -> None:
    write_checkpoint(path, Checkpoint(build(TINY, 0), CONFIG, 1, {}, {}))
    assert "its format is 'vae-gui checkpoint 1', and this program reads" in refusal(path)


# Files of other versions: whole, and signed


def signed(sound: bytes, **changes: Any) -> bytes:
    """The file with other metadata (None: without), and a digest that fits."""
    header, weights = take_apart(sound)
    metadata = {**header["__metadata__"], **changes}
    header["__metadata__"] = {key: text for key, text in metadata.items() if text is not None}
    return put_together(meddling.signed(header, weights), weights)


def test_a_signed_file_is_read(sound: bytes, path: Path) -> None:
    assert read(signed(sound), path).state.place == read(sound, path).state.place


@pytest.mark.parametrize("key", ["config", "training", "checksums", "place", "format"])
@pytest.mark.parametrize("text", [None, "", "{", "[]", "1", '{"other": 1}', '{"a": 1, "a": 1}'])
def test_files_of_other_versions_are_one_sentence(
    key: str, text: str | None, sound: bytes, path: Path
) -> None:
    path.write_bytes(signed(sound, **{key: text}))
    refusal(path)


def test_settings_are_read_under_their_former_names(sound: bytes, path: Path) -> None:
    header, _ = split_file(sound)
    config = json.loads(header["__metadata__"]["config"])
    training = json.loads(header["__metadata__"]["training"])
    config["sines"] = config.pop("fourier_features")
    training["averaging"] = training.pop("ema_decay")
    training["second_moment_decay"] = training.pop("adam_beta2")
    former = signed(sound, config=json.dumps(config), training=json.dumps(training))
    saved = read(former, path)
    assert (saved.vae_config, saved.config) == (TINY, CONFIG)
    assert saved.config.ema_decay == 0.9


@pytest.mark.parametrize(
    "change",
    [
        lambda tensors: tensors.pop("sums"),
        lambda tensors: tensors.pop("weights.decoder.logits.bias"),
        lambda tensors: tensors.pop("average.decoder.logits.bias"),
        lambda tensors: tensors.pop("optimizer.decoder.logits.bias.step"),
        lambda tensors: tensors.update(more=torch.zeros(1)),
        lambda tensors: tensors.update(sums=torch.zeros(4, dtype=torch.float64)),
        lambda tensors: tensors.update(sums=torch.zeros(3, dtype=torch.int64)),
        lambda tensors: tensors.update({"weights.decoder.logits.bias": torch.zeros(783)}),
        lambda tensors: tensors["weights.decoder.logits.bias"].fill_(torch.nan),
        lambda tensors: tensors["average.decoder.logits.bias"].fill_(torch.inf),
    ],
)
def test_tensors_that_do_not_fit_the_settings_are_one_sentence(
    change: Callable[[dict[str, torch.Tensor]], object], sound: bytes, path: Path
) -> None:
    header, _ = split_file(sound)
    tensors = load_tensors(sound)
    change(tensors)
    path.write_bytes(seal(KIND, own_metadata(header), tensors))
    refusal(path)


def own_metadata(header: dict[str, Any]) -> dict[str, str]:
    return {key: header["__metadata__"][key] for key in KIND.keys}


@pytest.mark.parametrize("optimizer", ["adam", "adagrad"])
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_the_expected_tensors_are_those_of_a_state(
    optimizer: str, ema_decay: float, small: Splits
) -> None:
    config = dataclasses.replace(CONFIG, optimizer=optimizer, ema_decay=ema_decay)
    vae_config = dataclasses.replace(TINY, atlas=3)
    report = next(iter(train(vae_config, config, small)))
    found = {name: value.shape for name, value in report.state.tensors().items()}
    assert expected_shapes(vae_config, config) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("epoch", "step") for value in (-1, 1.0, "1", True, None)),
        *((name, value) for name in ("seconds", "best_elbo") for value in (1, "1", [], {})),
        ("step", 10**300),
    ],
)
def test_places_that_cannot_be_are_one_sentence(
    name: str, value: object, sound: bytes, path: Path
) -> None:
    header, _ = split_file(sound)
    place = json.loads(header["__metadata__"]["place"])
    path.write_bytes(signed(sound, place=json.dumps({**place, name: value})))
    assert "its place is damaged" in refusal(path)


@pytest.mark.parametrize("key", ["config", "training", "checksums", "place"])
def test_numbers_of_thousands_of_digits_are_one_sentence(
    key: str, sound: bytes, path: Path
) -> None:
    path.write_bytes(signed(sound, **{key: '{"epoch": ' + "9" * 5000 + "}"}))
    assert " is damaged; " in refusal(path)


def test_a_name_that_would_fool_a_terminal_is_escaped(tmp_path: Path) -> None:
    with pytest.raises(ResumeError) as caught:
        read_state(tmp_path / "\u202eevil\x1b[31m")
    assert str(caught.value).isprintable()
    assert r"\u202eevil\x1b[31m" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("config", "sines", 0),
        ("training", "averaging", 0.9),
        ("training", "second_moment_decay", 0.999),
        ("config", "hidden", 0),
        ("config", "architecture", "paper"),
        ("config", "new", 1),
        ("training", "epochs", "many"),
        ("training", "new", 1),
        ("place", "new", 1),
    ],
)
def test_settings_of_other_versions_are_one_sentence(
    key: str, name: str, value: object, sound: bytes, path: Path
) -> None:
    header, _ = split_file(sound)
    values = json.loads(header["__metadata__"][key])
    path.write_bytes(signed(sound, **{key: json.dumps({**values, name: value})}))
    assert "another version of the program" in refusal(path) or "this version" in refusal(path)


@pytest.mark.parametrize(
    "values",
    [
        {"family": "m1+m2", "architecture": "mlp"},  # no M1 is named
        {"family": "m2", "hidden": 1500, "blocks": 2},  # three such networks are too large
    ],
)
def test_settings_that_make_no_network_are_one_sentence(
    values: dict[str, object], sound: bytes, path: Path
) -> None:
    header, _ = split_file(sound)
    config = json.loads(header["__metadata__"]["config"]) | values
    path.write_bytes(signed(sound, config=json.dumps(config)))
    assert "its settings make no network" in refusal(path)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
@pytest.mark.parametrize("family", ["m2", "m1+m2"])
def test_the_state_of_a_model_with_classes_is_read(
    family: str, ema_decay: float, small: Splits, path: Path
) -> None:
    below = VAEConfig(3, "mlp", layers="4", activation="relu", fourier_features=0)
    is_above = family == "m1+m2"
    vae_config = dataclasses.replace(TINY, family=family, m1_network="3:4:relu" if is_above else "")
    config = dataclasses.replace(CONFIG, ema_decay=ema_decay)
    m1 = build(below, 1)
    assert isinstance(m1, VAE)
    start = {f"m1.{name}": weight for name, weight in m1.state_dict().items()}
    report = next(iter(train(vae_config, config, small, start=start if is_above else None)))
    write_state(path, vae_config, config, CHECKSUMS, report.state)
    saved = read_state(path)
    expected = report.state.tensors()
    assert saved.state.tensors.keys() == expected.keys()
    assert all(torch.equal(saved.state.tensors[name], expected[name]) for name in expected)
    assert (saved.vae_config, saved.config, saved.state.place) == (
        vae_config,
        config,
        report.place,
    )

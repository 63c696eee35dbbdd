import dataclasses
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as serialise_tensors

from model.data.datasets import Splits
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.resume import MAX_BYTES, ResumeError, Saved, read_state, serialise_state
from model.files.sealed import digest_of, split_file
from model.network.initialisation import build
from model.network.vae import MAX_PARAMETERS, VAEConfig
from model.train.train_config import TrainConfig
from model.train.training import train
from model.train.training_state import Place, TrainingState

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
def sound(state: TrainingState) -> bytes:
    return serialise_state(TINY, CONFIG, CHECKSUMS, state)


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
    content = serialise_state(TINY, CONFIG, CHECKSUMS, early)
    assert b"Infinity" not in content
    assert read(content, path).state.place.best_elbo == -math.inf


def test_the_largest_network_fits() -> None:
    """Its weights, their EMA and two moments, in float32."""
    assert 4 * 4 * MAX_PARAMETERS < MAX_BYTES


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
    assert "it was not written by this version of the program" in refusal(path)


# Files of other versions: whole, and signed


def signed(sound: bytes, **changes: Any) -> bytes:
    """The file with other metadata (None: without), and a digest that fits."""
    header, _ = split_file(sound)
    metadata = {**header["__metadata__"], **changes}
    metadata = {key: text for key, text in metadata.items() if text is not None}
    metadata.pop("digest")
    tensors = load_tensors(sound)
    header, weights = split_file(serialise_tensors(tensors, metadata))
    return serialise_tensors(tensors, metadata | {"digest": digest_of(header, weights)})


def test_a_signed_file_is_read(sound: bytes, path: Path) -> None:
    assert read(signed(sound), path).state.place == read(sound, path).state.place


@pytest.mark.parametrize("key", ["config", "training", "checksums", "place", "format"])
@pytest.mark.parametrize("text", [None, "", "{", "[]", "1", '{"other": 1}', '{"a": 1, "a": 1}'])
def test_files_of_other_versions_are_one_sentence(
    key: str, text: str | None, sound: bytes, path: Path
) -> None:
    if (key, text) in {("checksums", '{"other": 1}'), ("checksums", "[]"), ("place", "[]")}:
        pytest.skip("those say something, or nothing")
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

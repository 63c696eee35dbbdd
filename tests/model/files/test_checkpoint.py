import ctypes
import dataclasses
import errno
import gc
import json
import math
import os
import pickle
import random
import signal
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from meddling import (
    FORMAT,
    WEIGHT,
    Edit,
    Header,
    assert_one_sentence,
    assert_sound,
    edited,
    mutated_files,
    put_together,
    signed,
    take_apart,
    with_metadata,
    with_setting,
    with_weight,
)
from safetensors.torch import save as serialise_tensors

from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.checkpoint_format import CHECKPOINT, CheckpointError
from model.files.sealed import MAX_HEADER
from model.latent import decoding as latent
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

posix_only = pytest.mark.skipif(os.name != "posix", reason="a rule of POSIX")

MAX_BYTES = CHECKPOINT.max_bytes

METRICS = {
    "train": {"elbo": -140.25, "reconstruction": -134.0, "kl": 6.25},
    "validation": {"elbo": -141.5, "reconstruction": -135.0, "kl": 6.5},
}
TINY = VAEConfig(latent_dim=1, architecture="mlp", layers="1", fourier_features=0)


def checkpoint_for(config: VAEConfig = TINY, seed: int = 0) -> Checkpoint:
    training = TrainConfig(epochs=3, learning_rate=2e-3, seed=7, dataset="kmnist", device="cpu")
    return Checkpoint(build(config, seed), training, 3, METRICS, {"train-images": "ab" * 32})


def assert_equal(one: Checkpoint, other: Checkpoint) -> None:
    assert one.config == other.config
    assert one.training == other.training
    assert (one.epoch, one.metrics, one.checksums) == (other.epoch, other.metrics, other.checksums)
    weights, others = one.vae.state_dict(), other.vae.state_dict()
    assert weights.keys() == others.keys()
    for name, weight in weights.items():
        assert torch.equal(weight, others[name]), name


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path)
    return assert_one_sentence(caught.value, path)


@pytest.fixture(scope="module")
def sound() -> bytes:
    """The bytes of a whole checkpoint of the smallest network."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.safetensors"
        write_checkpoint(path, checkpoint_for())
        return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file of this test goes."""
    return tmp_path / "model.safetensors"


def test_signing_again_makes_a_sound_file(sound: bytes, path: Path) -> None:
    """Or else every refusal below could be one of the checksum."""
    path.write_bytes(edited(sound, lambda _: None))
    assert_equal(read_checkpoint(path), checkpoint_for())
    path.write_bytes(with_weight(sound, WEIGHT, 0.125, 5))
    assert read_checkpoint(path).vae.decoder.logits.weight[5, 0] == 0.125
    path.write_bytes(with_setting(sound, "training", epochs=99))
    assert read_checkpoint(path).training.epochs == 99


# The way there and back


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        VAEConfig(latent_dim=7, hidden=8, blocks=2),
        VAEConfig(latent_dim=1, hidden=3, blocks=1),
        VAEConfig(3, "mlp", layers="5-4", activation="relu", fourier_features=2),
        VAEConfig(2, "conv", hidden=4, encoder_hidden=6, blocks=1, encoder_blocks=2, channels=2),
        VAEConfig(hidden=4, blocks=1, atlas=5),
        VAEConfig(),
    ],
    ids=str,
)
def test_what_is_written_is_read(config: VAEConfig, path: Path) -> None:
    checkpoint = checkpoint_for(config)
    write_checkpoint(path, checkpoint)
    assert_equal(read_checkpoint(path), checkpoint)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_float16_rounds_the_weights_and_nothing_else(path: Path) -> None:
    checkpoint = checkpoint_for(VAEConfig(hidden=16, blocks=1))
    write_checkpoint(path, checkpoint, torch.float16)
    size = path.stat().st_size
    rounded = dataclasses.replace(checkpoint, network=build(checkpoint.config, 1))
    halves = {name: value.half() for name, value in checkpoint.vae.state_dict().items()}
    rounded.vae.load_state_dict(halves)
    read = read_checkpoint(path)
    assert_equal(read, rounded)
    assert_sound(read)
    write_checkpoint(path, checkpoint)
    assert size < 0.6 * path.stat().st_size


def test_a_model_that_was_read_is_ready_to_be_asked(sound: bytes, path: Path) -> None:
    path.write_bytes(sound)
    vae = read_checkpoint(path).vae
    assert not vae.training
    assert not any(parameter.requires_grad for parameter in vae.parameters())
    expected = latent.decode(checkpoint_for().vae, torch.ones(1, 1))
    assert torch.equal(latent.decode(vae, torch.ones(1, 1)), expected)


def test_a_model_that_was_read_can_be_written_again(sound: bytes, path: Path) -> None:
    path.write_bytes(sound)
    checkpoint = read_checkpoint(path)
    write_checkpoint(path, checkpoint)
    assert_equal(read_checkpoint(path), checkpoint)


@pytest.mark.parametrize("filler", range(64))
def test_headers_of_every_length_are_read(filler: int, path: Path) -> None:
    """The first byte of a file is its header's length modulo 256: any byte, also a pickle's."""
    checkpoint = dataclasses.replace(checkpoint_for(), checksums={"x": "x" * 4 * filler})
    write_checkpoint(path, checkpoint, torch.float16)
    assert read_checkpoint(path).checksums == checkpoint.checksums


def test_a_header_as_long_as_a_zip_starts_is_read(sound: bytes, path: Path) -> None:
    length = int.from_bytes(b"PK", "little")
    header, body = take_apart(sound)
    text = json.dumps(header).encode()
    path.write_bytes(put_together(text.ljust(length), body))
    assert path.read_bytes()[:2] == b"PK"
    assert_equal(read_checkpoint(path), checkpoint_for())


def test_the_spelling_of_the_header_does_not_matter(sound: bytes, path: Path) -> None:
    header, body = take_apart(sound)
    path.write_bytes(put_together(json.dumps(header, indent=3, sort_keys=True), body))
    assert_equal(read_checkpoint(path), checkpoint_for())


def test_a_setting_that_is_missing_is_as_it_was_before_it_existed(sound: bytes, path: Path) -> None:
    """Not as a run without flags has it today: old networks have no Fourier features."""
    config = '{"latent_dim": 1, "architecture": "mlp", "layers": "1"}'
    path.write_bytes(with_metadata(sound, config=config, training='{"dataset": "kmnist"}'))
    read = read_checkpoint(path)
    assert read.config == TINY
    assert read.training == TrainConfig(
        dataset="kmnist",
        adam_beta2=0.999,
        weight_decay=0.0,
        mean_bias=False,
        ema_decay=0.0,
        snapshots="epochs",
    )


# Settings that were renamed


FORMER = [
    ("config", "sines", 2, "fourier_features"),
    ("training", "second_moment_decay", 0.95, "adam_beta2"),
    ("training", "averaging", 0.5, "ema_decay"),
]


@pytest.mark.parametrize(("part", "former", "value", "name"), FORMER)
def test_a_setting_is_read_under_its_former_name(
    part: str, former: str, value: float, name: str, path: Path
) -> None:
    config = dataclasses.replace(TINY, fourier_features=2)
    write_checkpoint(path, checkpoint_for(config))
    header, _ = take_apart(path.read_bytes())
    settings = json.loads(header["__metadata__"][part])
    del settings[name]
    stored = json.dumps(settings | {former: value})
    path.write_bytes(with_metadata(path.read_bytes(), **{part: stored}))
    assert f'"{former}"'.encode() in path.read_bytes().replace(b"\\", b"")
    read = read_checkpoint(path)
    assert getattr(read.config if part == "config" else read.training, name) == value


@pytest.mark.parametrize(("part", "former", "value", "name"), FORMER)
def test_a_setting_under_both_names_is_refused(
    part: str, former: str, value: float, name: str, sound: bytes, path: Path
) -> None:
    path.write_bytes(with_setting(sound, part, **{former: value}))
    assert f"its setting {name} is there twice, once as {former}" in refusal(path)


# Damage


# The slow variants try every byte; the fast ones every seventh, and the first and last 70.
every_byte = pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])


def some_places(size: int, step: int) -> list[int]:
    """From the last to the first."""
    return [at for at in reversed(range(size)) if at % step == 0 or at < 70 or at >= size - 70]


@every_byte
def test_a_file_truncated_anywhere_is_refused(step: int, path: Path) -> None:
    write_checkpoint(path, checkpoint_for(), torch.float16)
    for length in some_places(path.stat().st_size, step):
        os.truncate(path, length)
        refusal(path)


@every_byte
def test_a_file_with_any_byte_flipped_is_refused_or_says_the_same(step: int, path: Path) -> None:
    checkpoint = checkpoint_for()
    write_checkpoint(path, checkpoint, torch.float16)
    expected = read_checkpoint(path)
    content = path.read_bytes()
    numbers = random.Random(0)
    places = some_places(len(content), step)
    refused = 0
    with path.open("r+b", buffering=0) as file:
        for index in places:
            byte = content[index]
            os.pwrite(file.fileno(), bytes([byte ^ 1 << numbers.randrange(8)]), index)
            try:
                read = read_checkpoint(path)
            except CheckpointError as error:
                assert_one_sentence(error, path)
                refused += 1
            else:
                assert_equal(read, expected)
            os.pwrite(file.fileno(), bytes([byte]), index)
    assert_equal(read_checkpoint(path), expected)
    assert refused > 0.98 * len(places)  # all but the blanks of the header


@pytest.mark.slow
def test_every_bit_of_the_header_may_flip(sound: bytes, path: Path) -> None:
    length = 8 + int.from_bytes(sound[:8], "little")
    for index in range(length):
        for bit in range(8):
            flipped = bytes([sound[index] ^ 1 << bit])
            path.write_bytes(sound[:index] + flipped + sound[index + 1 :])
            try:
                read = read_checkpoint(path)
            except CheckpointError as error:
                assert_one_sentence(error, path)
            else:
                assert_equal(read, checkpoint_for())


@pytest.mark.parametrize("more", [b"x", b"\0" * 8, b"x" * 1000])
@pytest.mark.parametrize("again", [False, True])
def test_bytes_after_the_end_are_refused(
    sound: bytes, path: Path, more: bytes, again: bool
) -> None:
    header, body = take_apart(sound)
    longer = body + more
    path.write_bytes(put_together(signed(header, longer) if again else header, longer))
    refusal(path)


# What is not a checkpoint


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not a safetensors file"),
        (b"\0", "it is not a safetensors file"),
        (b"\0" * 8, "its header is damaged"),
        (b"\0" * 1000, "it is not a safetensors file"),
        (b"\xff" * 1000, "it is not a safetensors file"),
        (b"hello, world\n", "it is not a safetensors file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "it is not a safetensors file"),
        (b"PK", "it is not a safetensors file"),
        ((2).to_bytes(8, "little") + b"{}", "it is not a checkpoint of this program"),
        ((4).to_bytes(8, "little") + b"{}[]", "its header is damaged"),
        ((2).to_bytes(8, "little") + b"[]", "it is not a safetensors file"),
        ((100).to_bytes(8, "little") + b"{}", "it ends too early"),
        ((2**63).to_bytes(8, "little") + b"{}", "its header claims"),
        ((2**64 - 1).to_bytes(8, "little") + b"{}", "its header claims"),
        ((4).to_bytes(8, "little") + "{}".encode("utf-16-le"), "not a checkpoint of this program"),
        ((7).to_bytes(8, "little") + b'{"\xff":1}', "its header is damaged"),
    ],
)
def test_other_files_are_refused(content: bytes, reason: str, path: Path) -> None:
    path.write_bytes(content)
    assert reason in refusal(path)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_does_not_run(path: Path, protocol: int) -> None:
    class Attack:
        def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
            return Path.touch, (path.with_name("ran"),)

    path.write_bytes(pickle.dumps(Attack(), protocol))
    sentence = refusal(path)
    assert protocol < 2 or "it is a pickle" in sentence
    assert not path.with_name("ran").exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_a_torch_save_is_refused(path: Path, zipped: bool) -> None:
    weights = checkpoint_for().vae.state_dict()
    torch.save(weights, path, _use_new_zipfile_serialization=zipped)
    assert "it is a pickle" in refusal(path)


def test_a_safetensors_file_of_something_else_is_refused(path: Path) -> None:
    weights = checkpoint_for().vae.state_dict()
    path.write_bytes(serialise_tensors(weights))
    assert "it is not a checkpoint of this program" in refusal(path)
    path.write_bytes(serialise_tensors(weights, {"format": "pt"}))
    assert f"its format is 'pt', and this program reads '{FORMAT}'" in refusal(path)


@pytest.fixture
def guarded() -> Iterator[None]:
    """A reader that waits for ever is stopped, and fails."""

    def stop(*_: object) -> NoReturn:
        raise TimeoutError("the reader hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "it is a folder" in refusal(tmp_path)
    for path in (Path("/"), Path(), Path("..")):
        with pytest.raises(CheckpointError, match=r"^[^ ].* it is a folder; .*\.$"):
            read_checkpoint(path)


def test_a_missing_file_is_refused(path: Path) -> None:
    assert os.strerror(errno.ENOENT).lower() in refusal(path)
    refusal(path / "below" / "a missing file")
    path.write_bytes(b"x")
    refusal(path / "below a file")


@posix_only
@pytest.mark.usefixtures("guarded")
def test_a_pipe_a_socket_and_a_device_are_refused_at_once(path: Path) -> None:
    os.mkfifo(path)
    assert "it is not a regular file" in refusal(path)
    for device in ("/dev/zero", "/dev/null", "/dev/random", "/dev/tty"):
        if Path(device).exists():
            refusal(Path(device))
    import socket

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path.with_name("s")))
        refusal(path.with_name("s"))


@posix_only
@pytest.mark.usefixtures("guarded")
def test_a_pipe_that_somebody_writes_to_is_refused_too(sound: bytes, path: Path) -> None:
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)
    os.write(writer, sound[:4096])
    assert "it is not a regular file" in refusal(path)
    os.close(writer)
    os.close(reader)


@posix_only
def test_links_are_followed_and_endless_ones_refused(sound: bytes, path: Path) -> None:
    path.symlink_to(path.with_name("real"))
    refusal(path)  # it leads nowhere
    path.with_name("real").write_bytes(sound)
    assert_equal(read_checkpoint(path), checkpoint_for())
    path.with_name("loop").symlink_to(path.with_name("loop"))
    refusal(path.with_name("loop"))


@pytest.mark.parametrize(
    "name",
    [
        *("a\0b", "\0", "x" * 300, "new\nline", "\ud800", "tab\t", "\x1b[31mred"),
        *("txt.\u202egpj", "\u2067isolated", "\u200fmark", "\u200bnothing"),
    ],
    ids=ascii,
)
def test_names_that_no_file_should_have_are_refused_in_one_printable_sentence(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(tmp_path / name)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")
    assert str(caught.value).count("cannot be opened") == 1


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may open everything; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@posix_only
def test_a_file_without_permission_is_refused(sound: bytes, public_folder: Path) -> None:
    path = public_folder / "model.safetensors"
    path.write_bytes(sound)
    path.chmod(0)
    with ordinary_user():
        assert os.strerror(errno.EACCES).lower() in refusal(path)


@posix_only
def test_a_file_in_a_folder_without_permission_is_refused(
    sound: bytes, public_folder: Path
) -> None:
    path = public_folder / "closed" / "model.safetensors"
    path.parent.mkdir()
    path.write_bytes(sound)
    path.parent.chmod(0)
    try:
        with ordinary_user():
            assert os.strerror(errno.EACCES).lower() in refusal(path)
    finally:
        path.parent.chmod(0o755)


@posix_only
def test_a_folder_without_permission_is_still_called_a_folder(public_folder: Path) -> None:
    closed = public_folder / "closed"
    closed.mkdir(mode=0)
    with ordinary_user():
        assert "it is a folder" in refusal(closed)
    closed.chmod(0o755)


def test_a_file_beyond_the_size_limit_is_refused_unread(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert f"it has {MAX_BYTES + 1:,} bytes" in refusal(path)
    with path.open("wb") as file:
        file.truncate(10**13)  # 10 TB without a single block
    assert "it has 10,000,000,000,000 bytes" in refusal(path)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no /proc here")
def test_an_error_while_reading_is_one_sentence() -> None:
    """A regular file by its mode, whose first byte cannot be read."""
    assert os.strerror(errno.EIO).lower() in refusal(Path("/proc/self/mem"))


@posix_only
@pytest.mark.usefixtures("guarded")
def test_a_file_that_would_block_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as /proc/kmsg, regular by its mode; a pipe without news stands in for it."""
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)
    monkeypatch.setattr(stat, "S_ISREG", lambda _mode: True)
    assert "it is not a safetensors file" in refusal(path)
    os.close(writer)
    os.close(reader)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
def test_no_descriptor_is_left_open(sound: bytes, path: Path) -> None:
    path.write_bytes(sound)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        read_checkpoint(path)
        refusal(path.parent)
        refusal(path.with_name("missing"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


# Headers made by hand


def test_a_header_of_one_megabyte_is_the_limit(sound: bytes, path: Path) -> None:
    header, body = take_apart(sound)
    text = json.dumps(header).encode()
    path.write_bytes(put_together(text.ljust(MAX_HEADER), body))
    assert_equal(read_checkpoint(path), checkpoint_for())
    path.write_bytes(put_together(text.ljust(MAX_HEADER + 1), body))
    assert f"its header claims {MAX_HEADER + 1:,} bytes" in refusal(path)


def test_a_header_that_claims_100_megabytes_is_refused(sound: bytes, path: Path) -> None:
    path.write_bytes((100 * 10**6).to_bytes(8, "little") + sound[8:])
    assert "its header claims 100,000,000 bytes" in refusal(path)


def test_duplicate_keys_are_refused_at_every_level(sound: bytes, path: Path) -> None:
    """safetensors itself takes the last of two equal keys, other readers the first."""
    header, body = take_apart(sound)
    text = json.dumps(header)
    metadata = header["__metadata__"]
    weight = json.dumps({WEIGHT: header[WEIGHT]})[1:-1]
    twins = {
        "a weight": text.replace("{", "{" + weight + ", ", 1),
        "the metadata": text.replace("{", '{"__metadata__": ' + json.dumps(metadata) + ", ", 1),
        "a metadatum": text.replace('{"config"', '{"format": "other", "config"', 1),
        "inside a weight": text.replace('"dtype"', '"dtype": "F32", "dtype"', 1),
        "an escaped key": text.replace('"dtype"', '"d\\u0074ype": "F32", "dtype"', 1),
    }
    if '{"config"' not in text:  # safetensors writes the metadata in any order
        first = next(iter(metadata))
        twins["a metadatum"] = text.replace(f'{{"{first}"', f'{{"{first}": "x", "{first}"', 1)
    for what, twin in twins.items():
        assert twin != text, what
        path.write_bytes(put_together(twin, body))
        assert "its header is damaged" in refusal(path), what


@pytest.mark.parametrize("digits", [4301, 900_000])
@pytest.mark.parametrize("limit", [4300, 0])
def test_numbers_of_thousands_of_digits_are_damage_whatever_pythons_own_limit(
    sound: bytes, path: Path, digits: int, limit: int
) -> None:
    header, body = take_apart(sound)
    text = json.dumps(header)
    number = "9" * digits
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(limit)
    try:
        for shape in ('"shape": [', '"data_offsets": ['):
            longer = text.replace(shape, f"{shape}{number}, ", 1)
            path.write_bytes(put_together(longer, body))
            assert "its header is damaged" in refusal(path)
        path.write_bytes(with_metadata(sound, metrics=f'{{"test": {{"kl": {number}}}}}'))
        assert "its table of metrics is damaged" in refusal(path)
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize(
    ("part", "text", "reason"),
    [
        ("config", '{"hidden": 1, "hidden": 1}', "its configuration is damaged"),
        ("training", '{"seed": 1, "seed": 2}', "its configuration is damaged"),
        ("metrics", '{"test": {}, "test": {}}', "its table of metrics is damaged"),
        ("metrics", '{"test": {"kl": 1, "kl": 1}}', "its table of metrics is damaged"),
        ("dataset", '{"name": "kmnist", "name": "mnist", "checksums": {}}', "its data set"),
    ],
)
def test_duplicate_keys_inside_the_metadata_are_refused(
    sound: bytes, path: Path, part: str, text: str, reason: str
) -> None:
    path.write_bytes(with_metadata(sound, **{part: text}))
    assert reason in refusal(path)


@pytest.mark.parametrize(
    "edit",
    [
        lambda h: h.update(__metadata__=None),
        lambda h: h.update(__metadata__=[]),
        lambda h: h.update(__metadata__="text"),
        lambda h: h.pop("__metadata__"),
        lambda h: h["__metadata__"].update(format=1),
        lambda h: h["__metadata__"].update(format=["vae-gui checkpoint 1"]),
        lambda h: h["__metadata__"].update(epoch=3),
        lambda h: h["__metadata__"].update(digest=None),
        lambda h: h["__metadata__"].update(digest="0" * 64),
        lambda h: h["__metadata__"].update(more=""),
        lambda h: h["__metadata__"].pop("digest"),
        lambda h: h["__metadata__"].pop("config"),
        lambda h: h["__metadata__"].pop("format"),
        lambda h: h.update({WEIGHT: None}),
        lambda h: h.update({WEIGHT: []}),
        lambda h: h.update({WEIGHT: "text"}),
        lambda h: h.update({WEIGHT: {}}),
        lambda h: h[WEIGHT].update(dtype=None),
        lambda h: h[WEIGHT].update(dtype=["F32"]),
        lambda h: h[WEIGHT].update(dtype={}),
        lambda h: h[WEIGHT].update(shape=None),
        lambda h: h[WEIGHT].update(shape=784),
        lambda h: h[WEIGHT].update(shape=[784.0, 1.0]),
        lambda h: h[WEIGHT].update(shape=[784, True]),
        lambda h: h[WEIGHT].update(shape=[-784, -1]),
        lambda h: h[WEIGHT].update(shape=[2**64, 1]),
        lambda h: h[WEIGHT].update(data_offsets=None),
        lambda h: h[WEIGHT].update(data_offsets=[]),
        lambda h: h[WEIGHT].update(data_offsets=[-8, 0]),
        lambda h: h[WEIGHT].update(data_offsets=[0, 2**70]),
        lambda h: h[WEIGHT].update(data_offsets=[0.5, 1.5]),
        lambda h: h[WEIGHT].update(more=1),
        lambda h: h[WEIGHT].pop("data_offsets"),
        lambda h: h.update({"\ud800": h[WEIGHT]}),
    ],
)
def test_headers_of_wrong_types_are_refused(sound: bytes, path: Path, edit: Edit) -> None:
    header, body = take_apart(sound)
    edit(header)
    path.write_bytes(put_together(header, body))
    refusal(path)
    if header.get("__metadata__") and isinstance(header["__metadata__"], dict):
        digest = header["__metadata__"].get("digest")
        if digest not in (None, "0" * 64):
            path.write_bytes(put_together(signed(header, body), body))
            refusal(path)


@pytest.mark.slow
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_headers_nested_to_any_depth_are_refused(sound: bytes, path: Path, opening: str) -> None:
    """What the parser just accepts must not exhaust the recursion of what comes after it."""
    header, body = take_apart(sound)
    text = json.dumps(header)
    closing = "]" if opening == "[" else "}"
    limit = sys.getrecursionlimit()
    for replaced, by in (
        ("{", '{"deep": NEST, '),
        ('"data_offsets": [', '"more": NEST, "data_offsets": ['),
        (json.dumps(FORMAT), "NEST"),
    ):
        for depth in (*range(limit - 130, limit), 50_000):
            nest = opening * depth + "1" + closing * depth
            path.write_bytes(
                put_together(text.replace(replaced, by.replace("NEST", nest), 1), body)
            )
            refusal(path)


@pytest.mark.parametrize("part", ["config", "training", "metrics", "dataset", "epoch"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "true",
        "[]",
        '"text"',
        "-1",
        "1.5",
        "1e400",
        "NaN",
        "-Infinity",
        "{",
        '{"a": NaN}',
        "1" * 5000,
        "1" * 400,
        '{"a": ' + "1" * 5000 + "}",
        "[" * 100_000,
        '{"a": ' * 400 + "1" + "}" * 400,
        '{"\\ud800": 1}',
        '{"self": 1}',
        json.dumps({str(number): {} for number in range(101)}),
    ],
    ids=lambda text: text[:20],
)
def test_metadata_of_wrong_types_are_refused(
    sound: bytes, path: Path, part: str, text: str
) -> None:
    path.write_bytes(with_metadata(sound, **{part: text}))
    refusal(path)


@pytest.mark.parametrize(
    "metrics",
    [
        {"test": {"elbo": "good"}},
        {"test": {"elbo": None}},
        {"test": {"elbo": True}},
        {"test": {"elbo": math.inf}},
        {"test": {"elbo": 10**400}},
        {"test": -137.0},
        {"test": {str(number): 1.0 for number in range(101)}},
    ],
    ids=lambda metrics: str(metrics)[:40],
)
def test_metrics_that_are_not_numbers_are_refused(
    sound: bytes, path: Path, metrics: object
) -> None:
    path.write_bytes(with_metadata(sound, metrics=json.dumps(metrics)))
    assert "its table of metrics" in refusal(path)


@pytest.mark.parametrize(
    "dataset",
    [
        {"name": "kmnist"},
        {"checksums": {}},
        {"name": "kmnist", "checksums": {}, "more": 1},
        {"name": "mnist", "checksums": {}},
        {"name": ["kmnist"], "checksums": {}},
        {"name": "kmnist", "checksums": []},
        {"name": "kmnist", "checksums": {"file": 1}},
        {"name": "kmnist", "checksums": {str(number): "" for number in range(101)}},
    ],
    ids=lambda dataset: str(dataset)[:40],
)
def test_data_sets_that_do_not_fit_are_refused(sound: bytes, path: Path, dataset: object) -> None:
    path.write_bytes(with_metadata(sound, dataset=json.dumps(dataset)))
    assert "its data set" in refusal(path)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("config", "latent_dim", 0),
        ("config", "latent_dim", True),
        ("config", "latent_dim", 1.0),
        ("config", "latent_dim", 10**400),
        ("config", "latent_dim", 2**63),
        ("config", "hidden", "1"),
        ("config", "hidden", None),
        ("config", "hidden", [1]),
        ("config", "architecture", "\ud800"),
        ("config", "architecture", "x" * 900_000),
        ("config", "architecture", "line\nline'\"\x1b[31m"),
        ("config", "architecture", {}),
        ("training", "learning_rate", True),
        ("training", "learning_rate", math.inf),
        ("training", "learning_rate", 10**400),
        ("training", "beta", 10**400),
        ("training", "beta", -1.0),
        ("training", "seed", 2**63),
        ("training", "seed", -1),
        ("training", "dataset", "cifar"),
        ("training", "dataset", ["kmnist"]),
        ("training", "device", "tpu"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_wrong_settings_are_refused_and_named(
    sound: bytes, path: Path, part: str, name: str, value: object
) -> None:
    path.write_bytes(with_setting(sound, part, **{name: value}))
    sentence = refusal(path)
    assert "its configuration is damaged" in sentence or f"its setting {name} " in sentence


@pytest.mark.parametrize("name", ["colour", "x" * 900_000, "\ud800", "line\nline", "self", ""])
@pytest.mark.parametrize("part", ["config", "training"])
def test_unknown_settings_are_refused(sound: bytes, path: Path, part: str, name: str) -> None:
    path.write_bytes(with_setting(sound, part, **{name: 1}))
    assert "has the unknown setting" in refusal(path)


def test_another_format_is_refused_with_the_advice_to_use_its_program(
    sound: bytes, path: Path
) -> None:
    for other in ("vae-gui checkpoint 2", "", "x" * 900_000, "\ud800\n"):
        path.write_bytes(
            edited(sound, lambda h, other=other: h["__metadata__"].update(format=other, more="1"))
        )
        sentence = refusal(path)
        assert "its format is" in sentence
        assert "use the version of the program that wrote it" in sentence


def test_a_network_beyond_the_limit_is_refused_before_it_is_built(sound: bytes, path: Path) -> None:
    path.write_bytes(with_setting(sound, "config", architecture="residual", hidden=4096, blocks=16))
    assert "its setting hidden 4096 makes a network of" in refusal(path)


# Weights made by hand


def test_swapped_shapes_are_refused(sound: bytes, path: Path) -> None:
    def transpose(header: Header) -> None:
        header[WEIGHT]["shape"].reverse()

    path.write_bytes(edited(sound, transpose))
    assert f"its weight {WEIGHT} has another shape" in refusal(path)


def test_the_weights_of_another_network_are_refused(path: Path) -> None:
    """Every shape is right by itself, for another width."""
    write_checkpoint(path, checkpoint_for(VAEConfig(latent_dim=1, hidden=2, blocks=1)))
    other = path.read_bytes()
    for settings_ in ({"hidden": 3}, {"latent_dim": 2}, {"blocks": 2}, {"architecture": "mlp"}):
        path.write_bytes(with_setting(other, "config", **settings_))
        refusal(path)


def test_weights_that_are_missing_or_too_many_are_refused(sound: bytes, path: Path) -> None:
    header, body = take_apart(sound)
    last = max(
        (name for name in header if name != "__metadata__"),
        key=lambda name: header[name]["data_offsets"],
    )
    start, end = header[last]["data_offsets"]
    fewer = {name: entry for name, entry in header.items() if name != last}
    path.write_bytes(put_together(signed(fewer, body[:start]), body[:start]))
    assert f"do not fit its configuration at '{last}'" in refusal(path)

    extra = {"dtype": "F32", "shape": [1], "data_offsets": [end, end + 4]}
    for name in ("extra", "\ud800", "x" * 1000, "line\nline"):
        more, longer = header | {name: extra}, body + bytes(4)
        path.write_bytes(put_together(signed(more, longer), longer))
        assert "its weights do not fit its configuration at" in refusal(path)

    renamed = {name + ("!" if name == last else ""): entry for name, entry in header.items()}
    path.write_bytes(put_together(signed(renamed, body), body))
    assert "do not fit its configuration" in refusal(path)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.int32, torch.int16])
def test_weights_of_another_type_are_refused(sound: bytes, path: Path, dtype: torch.dtype) -> None:
    header, _ = take_apart(sound)
    weights = {name: value.to(dtype) for name, value in checkpoint_for().vae.state_dict().items()}
    other, body = take_apart(serialise_tensors(weights, header["__metadata__"]))
    path.write_bytes(put_together(signed(other, body), body))
    assert "its weights are not all float32 or all float16" in refusal(path)


def test_weights_of_two_types_are_refused(sound: bytes, path: Path) -> None:
    header, _ = take_apart(sound)
    weights = checkpoint_for().vae.state_dict()
    weights[WEIGHT] = weights[WEIGHT].half()
    other, body = take_apart(serialise_tensors(weights, header["__metadata__"]))
    path.write_bytes(put_together(signed(other, body), body))
    assert "its weights are not all float32 or all float16" in refusal(path)


def test_a_type_that_lies_about_the_bytes_is_refused(sound: bytes, path: Path) -> None:
    def claim_halves(header: Header) -> None:
        for name, entry in header.items():
            if name != "__metadata__":
                entry["dtype"] = "F16"

    path.write_bytes(edited(sound, claim_halves))
    assert "its table of weights is damaged" in refusal(path)


@pytest.mark.parametrize(
    "offsets",
    [[0, 4], [4, 3140], [10**9, 10**9 + 3136], [3136, 0], [2**63, 2**63 + 3136], [0, 0]],
    ids=str,
)
def test_offsets_that_overlap_or_point_elsewhere_are_refused(
    sound: bytes, path: Path, offsets: list[int]
) -> None:
    path.write_bytes(edited(sound, lambda header: header[WEIGHT].update(data_offsets=offsets)))
    assert "its table of weights is damaged" in refusal(path)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [WEIGHT, "encoder.body.0.weight", "encoder.mean.bias"])
def test_weights_that_are_not_finite_are_refused(
    sound: bytes, path: Path, name: str, value: float
) -> None:
    path.write_bytes(with_weight(sound, name, value))
    assert f"its weight {name} has values that are not numbers" in refusal(path)


def test_finite_weights_that_encode_to_no_number_are_refused(path: Path) -> None:
    vae = build(VAEConfig(latent_dim=1, hidden=2, blocks=1), seed=0)
    with torch.no_grad():
        vae.encoder.body[0].weight.fill_(3e38)
    write_checkpoint(path, dataclasses.replace(checkpoint_for(), network=vae))
    assert "what it encodes is not a number" in refusal(path)


def test_finite_weights_that_decode_to_no_number_are_refused(path: Path) -> None:
    """The first layer of the decoder overflows, and infinity minus infinity is not a number."""
    vae = build(VAEConfig(latent_dim=1, hidden=2, blocks=1, fourier_features=0), seed=0)
    with torch.no_grad():
        vae.decoder.body[0].bias.fill_(3e38)
    write_checkpoint(path, dataclasses.replace(checkpoint_for(), network=vae))
    assert "what it decodes is not a number" in refusal(path)


def test_logits_that_overflow_decode_to_black_or_white(sound: bytes, path: Path) -> None:
    """An infinite logit is a pixel that is surely white: no reason to refuse."""
    changed = with_weight(sound, "decoder.logits.bias", 3e38)
    path.write_bytes(changed)
    read = read_checkpoint(path)
    assert_sound(read)
    assert latent.decode(read.vae, torch.zeros(1, 1))[0, 0, 0] == 1.0


# Properties


@settings(
    max_examples=100,  # test_checkpoint_families.py tries hundreds, among the slow tests
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_any_mutation_gives_a_model_or_one_sentence(
    sound: bytes, path: Path, data: st.DataObject
) -> None:
    path.write_bytes(data.draw(mutated_files(sound)))
    try:
        read = read_checkpoint(path)
    except CheckpointError as error:
        assert_one_sentence(error, path)
    else:
        assert_sound(read)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), length=st.integers(0, 210))
@example(content=b"{", length=1)
def test_any_bytes_give_one_sentence(path: Path, content: bytes, length: int) -> None:
    path.write_bytes(content)
    refusal(path)
    path.write_bytes(length.to_bytes(8, "little") + b"{" + content)
    refusal(path)


def memory(line: str) -> int:
    """A figure of this process's memory, in KB."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(text.split()[1]) for text in status if text.startswith(f"{line}:"))


def growth_while_reading(path: Path) -> int:
    """By how many KB the memory of this process grew at most. ru_maxrss would be inherited."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what other tests have left would be used again, unseen
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
    before = memory("VmRSS")
    refusal(path)
    return memory("VmHWM") - before


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
def test_the_largest_hostile_files_take_less_than_200_megabytes(sound: bytes, path: Path) -> None:
    # One NaN at the very end of the largest network, with a checksum that fits.
    write_checkpoint(path, checkpoint_for(VAEConfig(latent_dim=2, hidden=1540, blocks=2)))
    path.write_bytes(with_weight(path.read_bytes(), "encoder.mean.weight", math.nan, 3079))
    size = path.stat().st_size
    assert size > 45e6
    assert size / 1024 < growth_while_reading(path) < 200 * 1024

    # A table of a megabyte, nothing but brackets or names, before as many bytes as are allowed.
    body = bytes(MAX_BYTES - MAX_HEADER - 8)
    path.write_bytes(put_together(b'{"a": ' + b"[" * (MAX_HEADER - 6), body))
    assert growth_while_reading(path) < 200 * 1024
    header, _ = take_apart(sound)
    text = json.dumps(header | {str(number): {} for number in range(70_000)})
    assert len(text) <= MAX_HEADER
    path.write_bytes(put_together(text, body))
    assert growth_while_reading(path) < 200 * 1024


# Writing


@pytest.fixture
def written(path: Path) -> Path:
    """A checkpoint that must survive whatever fails."""
    write_checkpoint(path, checkpoint_for(seed=1))
    return path


def write_refused(path: Path, checkpoint: Checkpoint, **options: Any) -> str:
    with pytest.raises(CheckpointError) as caught:
        write_checkpoint(path, checkpoint, **options)
    sentence = str(caught.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    return sentence


def assert_survived(path: Path) -> None:
    assert_equal(read_checkpoint(path), checkpoint_for(seed=1))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_an_older_checkpoint_is_replaced(written: Path) -> None:
    write_checkpoint(written, checkpoint_for(seed=2))
    assert_equal(read_checkpoint(written), checkpoint_for(seed=2))
    assert [entry.name for entry in written.parent.iterdir()] == [written.name]


@pytest.mark.parametrize("call", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES])
def test_a_failing_system_call_spares_the_old_checkpoint(
    written: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        sentence = write_refused(written, checkpoint_for())
    assert os.strerror(number) in sentence
    assert ("free some space" in sentence) == (number in (errno.ENOSPC, errno.EDQUOT))
    assert_survived(written)


@posix_only
def test_a_full_disk_spares_the_old_checkpoint(written: Path) -> None:
    """A real refusal: the system lets no file grow beyond 4,000 bytes."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, before[1]))
    try:
        sentence = write_refused(written, checkpoint_for())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "free some space" in sentence
    assert_survived(written)


@posix_only
def test_a_folder_without_permission_is_refused(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    with ordinary_user():
        sentence = write_refused(public_folder / "model.safetensors", checkpoint_for())
    assert os.strerror(errno.EACCES) in sentence
    assert "choose another folder" in sentence


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    sentence = write_refused(tmp_path / "missing" / "model.safetensors", checkpoint_for())
    assert "choose another folder" in sentence


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_not_finite_are_not_written(written: Path, value: float) -> None:
    broken = checkpoint_for()
    with torch.no_grad():
        broken.vae.encoder.mean.bias[0] = value
    assert "weights that are not finite" in write_refused(written, broken)
    assert_survived(written)


def test_weights_too_large_for_float16_are_not_written_as_such(written: Path) -> None:
    large = checkpoint_for()
    with torch.no_grad():
        large.vae.encoder.mean.bias[0] = 70_000.0
    assert "not finite" in write_refused(written, large, dtype=torch.float16)
    assert_survived(written)
    write_checkpoint(written, large)
    assert_equal(read_checkpoint(written), large)


@posix_only
def test_others_may_read_a_checkpoint_if_the_umask_lets_them(path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_checkpoint(path, checkpoint_for())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644

"""Checkpoints: one safetensors file per model, with everything needed to rebuild it.

The file's `__metadata__` holds strings: `format`, and JSON for `config` (VAEConfig), `training`
(TrainConfig), `epoch`, `metrics` and `dataset`; `digest` is a SHA-256 over all of it and the
weights. There is no pickle, not even as a fallback: opening a checkpoint cannot run code.

The reader trusts nothing. Whatever the file is, it returns a model or raises one
`CheckpointError`, whose message is one sentence: file, reason, what to do.
"""

import dataclasses
import errno
import hashlib
import json
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as serialise_tensors
from torch import Tensor

from model import latent
from model.atomic import write_atomically
from model.data import DATASETS
from model.settings import SettingError
from model.training import TrainConfig
from model.vae import VAE, VAEConfig

FORMAT = "vae-gui checkpoint 1"
MAX_BYTES = 64 * 2**20
MAX_HEADER = 2**20

_KEYS = {"format", "config", "training", "epoch", "metrics", "dataset", "digest"}
_DTYPES = {"F32", "F16"}
_COPY_AGAIN = "copy it again from where it came from"
_RETRAIN = "train a model with train_cli.py"

_Config = TypeVar("_Config", VAEConfig, TrainConfig)

Metrics = Mapping[str, Mapping[str, float]]
"""Averages in nats per image by split: {"validation": {"elbo": ..., "kl": ...}}."""


class CheckpointError(Exception):
    """A checkpoint cannot be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and where it comes from.

    Attributes:
        vae: the network, in float32 on the CPU when it was read from a file.
        training: how it was trained.
        epoch: after which epoch (0: untrained).
        metrics: what was measured of it.
        dataset: the data set's name and the SHA-256 of each of its files.
    """

    vae: VAE
    training: TrainConfig
    epoch: int
    metrics: Metrics
    checksums: Mapping[str, str]

    @property
    def config(self) -> VAEConfig:
        """The configuration of the network."""
        return self.vae.config


class _Refused(Exception):  # noqa: N818 - control flow inside this file
    """Why a file is refused, and what to do; becomes the CheckpointError that names the file."""

    def __init__(self, reason: str, advice: str = _COPY_AGAIN) -> None:
        super().__init__(reason)
        self.reason = reason if len(reason) <= 200 else reason[:200] + "…"
        self.advice = advice


def _folder() -> _Refused:
    return _Refused("it is a folder", "choose a .safetensors file in it")


def write_checkpoint(
    path: Path, checkpoint: Checkpoint, dtype: torch.dtype = torch.float32
) -> None:
    """Write a checkpoint, whole or not at all; a file that was there before is replaced.

    Args:
        path: where to.
        checkpoint: what.
        dtype: float32, or float16 for snapshots that are only looked at.

    Raises:
        CheckpointError: a weight is not finite, or the system refuses to write.
    """
    tensors = {
        name: value.detach().to("cpu", dtype).contiguous()
        for name, value in checkpoint.vae.state_dict().items()
    }
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise CheckpointError(
            f"{_name(path)} was not written: the model has weights that are not finite numbers."
        )
    try:
        write_atomically(path, _serialise(checkpoint, tensors))
    except OSError as error:
        raise CheckpointError(
            f"{_name(path)} could not be written in {path.parent} ({error.strerror or error}); "
            f"{_advice_on_writing(error)}."
        ) from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint that anyone may have made.

    The order of the checks matters: nothing is allocated, built or computed before what it depends
    on has been checked.

    Raises:
        CheckpointError: it is not a whole, sound checkpoint of this program.
    """
    try:
        return _parse(_read_bytes(path))
    except _Refused as refused:
        raise CheckpointError(
            f"{_name(path)} cannot be opened: {refused.reason}; {refused.advice}."
        ) from refused


def _name(path: Path) -> str:
    """A file's name as one line; a path that ends in no name, such as `/`, as it is."""
    name = path.name or str(path)
    return name if name.isprintable() else ascii(name)


def _advice_on_writing(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space, or choose another folder"
    return "choose another folder"


def _serialise(checkpoint: Checkpoint, tensors: dict[str, Tensor]) -> bytes:
    metadata = {
        "format": FORMAT,
        "config": json.dumps(dataclasses.asdict(checkpoint.config)),
        "training": json.dumps(dataclasses.asdict(checkpoint.training)),
        "epoch": json.dumps(checkpoint.epoch),
        "metrics": json.dumps(checkpoint.metrics, default=dict),
        "dataset": json.dumps(
            {"name": checkpoint.training.dataset, "checksums": dict(checkpoint.checksums)}
        ),
    }
    header, weights = _split(serialise_tensors(tensors, metadata))
    return serialise_tensors(tensors, metadata | {"digest": _digest(header, weights)})


def _digest(header: dict[str, Any], weights: memoryview) -> str:
    """SHA-256 of all that a file says, however its header is spelt."""
    described = {name: entry for name, entry in header.items() if name != "__metadata__"}
    metadata = {key: text for key, text in header["__metadata__"].items() if key != "digest"}
    digest = hashlib.sha256(json.dumps([described, metadata], sort_keys=True).encode())
    digest.update(weights)
    return digest.hexdigest()


def _read_bytes(path: Path) -> bytes:
    """The content of a regular file of acceptable size, from one open descriptor."""
    descriptor = _open(path)
    try:
        _check_kind(os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1) or b""  # None where a strange file would block
    except OSError as error:
        raise _Refused(_lower(error.strerror or str(error))) from error
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    # Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags)
    except ValueError as error:
        raise _Refused("its name cannot be a file's", "choose a checkpoint") from error
    except OSError as error:
        # Windows opens no folder. Path.is_dir() would raise where the folder above is closed.
        if os.path.isdir(path):  # noqa: PTH112
            raise _folder() from error
        raise _Refused(_lower(error.strerror or str(error)), "check its name and rights") from error


def _check_kind(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _folder()
    if not stat.S_ISREG(status.st_mode):
        raise _Refused("it is not a regular file", "choose a .safetensors file")
    if status.st_size > MAX_BYTES:
        raise _Refused(
            f"it has {status.st_size:,} bytes, and a checkpoint has at most {MAX_BYTES:,}",
            "choose a checkpoint that train_cli.py wrote",
        )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _parse(content: bytes) -> Checkpoint:
    header, weights = _split(content)
    metadata = _metadata(header)
    # Damage is much more common than malice, and here it has its true name.
    if not all(_is_entry(entry) for name, entry in header.items() if name != "__metadata__"):
        raise _Refused("its table of weights is damaged")
    if metadata["digest"] != _digest(header, weights):
        raise _Refused("its content does not match its checksum")
    config = _config(VAEConfig, metadata["config"])
    training = _config(TrainConfig, metadata["training"])
    epoch, metrics, checksums = _record(metadata, training)
    with torch.device("meta"):
        vae = VAE(config)
    _check_table(header, vae)
    vae.load_state_dict(_weights(content), strict=True, assign=True)
    vae.requires_grad_(False).eval()
    _test_decode(vae)
    return Checkpoint(vae, training, epoch, metrics, checksums)


def _split(content: bytes) -> tuple[dict[str, Any], memoryview]:
    """Take a file apart into its header, parsed, and the bytes of its tensors."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or content[8:9] not in (b"{", b""):
        # Only here: a sound file may begin with these bytes too, if its header is so long.
        if content.startswith((b"\x80", b"PK\x03\x04")):
            raise _Refused("it is a pickle, which could run code when it is opened", _RETRAIN)
        raise _Refused("it is not a safetensors file", "choose a checkpoint")
    if length > MAX_HEADER:
        raise _Refused(f"its header claims {length:,} bytes", "choose a checkpoint")
    if length > len(content) - 8:
        raise _Refused("it ends too early")
    header = _json(content[8 : 8 + length], "its header")
    return header, memoryview(content)[8 + length :]


def _json(text: str | bytes, what: str) -> Any:
    """Parse JSON strictly: no duplicate keys, no NaN, no unbounded depth or numbers."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _Refused(f"{what} is damaged") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate key")
    return table


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _metadata(header: dict[str, Any]) -> dict[str, str]:
    metadata = header.get("__metadata__")
    foreign = _Refused("it is not a checkpoint of this program", _RETRAIN)
    if not isinstance(metadata, dict) or "format" not in metadata:
        raise foreign
    if not all(isinstance(text, str) for text in metadata.values()):
        raise foreign
    if metadata["format"] != FORMAT:
        raise _Refused(
            f"its format is {metadata['format']!a}, and this program reads {FORMAT!r}",
            "use the version of the program that wrote it",
        )
    if set(metadata) != _KEYS:
        raise foreign
    return metadata


def _config(kind: type[_Config], text: str) -> _Config:
    """A configuration from its JSON; a field that is missing has its default."""
    values = _json(text, "its configuration")
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(values, dict):
        raise _Refused("its configuration is damaged")
    if unknown := sorted(set(values) - names):
        raise _Refused(
            f"its configuration has the unknown setting {unknown[0]!a}",
            "use the version of the program that wrote it",
        )
    try:
        return kind(**values)
    except SettingError as error:
        raise _Refused(f"its setting {error.name} {ascii(error.reason)[1:-1]}") from error


def _record(
    metadata: dict[str, str], training: TrainConfig
) -> tuple[int, dict[str, dict[str, float]], dict[str, str]]:
    epoch = _json(metadata["epoch"], "its epoch")
    metrics = _json(metadata["metrics"], "its table of metrics")
    dataset = _json(metadata["dataset"], "its data set")
    if type(epoch) is not int or not 0 <= epoch <= 10**9:
        raise _Refused("its epoch is damaged")
    if not _is_table(metrics) or not all(_is_table(part) for part in metrics.values()):
        raise _Refused("its table of metrics is damaged")
    if not all(_is_number(value) for part in metrics.values() for value in part.values()):
        raise _Refused("its table of metrics has something that is not a number")
    if not _is_table(dataset) or set(dataset) != {"name", "checksums"}:
        raise _Refused("its data set is damaged")
    if dataset["name"] != training.dataset or dataset["name"] not in DATASETS:
        raise _Refused("its data set is unknown")
    sums = dataset["checksums"]
    if not _is_table(sums) or not all(isinstance(value, str) for value in sums.values()):
        raise _Refused("its data set is damaged")
    return epoch, metrics, sums


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= 100


def _is_number(value: Any) -> bool:
    """Whether it is finite; a whole number may also lie beyond all floats."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def _check_table(header: dict[str, Any], vae: VAE) -> None:
    """Names, dtypes and shapes must be exactly the architecture's."""
    expected = vae.state_dict()
    named = {name: entry for name, entry in header.items() if name != "__metadata__"}
    if set(named) != set(expected):
        different = sorted(set(named) ^ set(expected))[0]
        raise _Refused(f"its weights do not fit its configuration at {different!a}")
    dtypes = {entry["dtype"] for entry in named.values()}
    if len(dtypes) != 1 or not dtypes <= _DTYPES:
        raise _Refused("its weights are not all float32 or all float16")
    for name, entry in named.items():
        if entry["shape"] != list(expected[name].shape):
            raise _Refused(f"its weight {name} has another shape than its configuration says")


def _is_entry(entry: Any) -> bool:
    """Whether a line of the table of weights has the parts that it must have, and no other."""
    return (
        isinstance(entry, dict)
        and set(entry) == {"dtype", "shape", "data_offsets"}
        and isinstance(entry["dtype"], str)
        and _is_list_of_whole_numbers(entry["shape"])
        and _is_list_of_whole_numbers(entry["data_offsets"])
    )


def _is_list_of_whole_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)


def _weights(content: bytes) -> dict[str, Tensor]:
    try:
        tensors = load_tensors(content)
    except SafetensorError as error:
        raise _Refused("its table of weights is damaged") from error
    weights = {name: tensor.float() for name, tensor in tensors.items()}
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise _Refused(f"its weight {name} has values that are not numbers", _RETRAIN)
    return weights


def _test_decode(vae: VAE) -> None:
    image = latent.decode(vae, torch.zeros(1, vae.config.latent_dim))
    if not torch.isfinite(image).all():
        raise _Refused("what it decodes is not a number", _RETRAIN)

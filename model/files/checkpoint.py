"""Checkpoints: one safetensors file per model, with everything needed to rebuild it.

The file's `__metadata__` holds strings: `format`, and JSON for `config` (VAEConfig), `training`
(TrainConfig), `epoch`, `metrics` and `dataset`; `digest` is a SHA-256 over all of it and the
weights. There is no pickle, not even as a fallback: opening a checkpoint cannot run code.

The reader trusts nothing. Whatever the file is, it returns a model or raises one
`CheckpointError`, whose message is one sentence: file, reason, what to do.
"""

import dataclasses
import errno
import json
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

from model.atomic import write_atomically
from model.data.datasets import DATASETS
from model.files.sealed import (
    RETRAIN,
    Refused,
    digest_of,
    parse_json,
    parse_table,
    read_bytes,
    split_file,
)
from model.latent import decoding as latent
from model.network.blocks import PIXELS
from model.network.vae import VAE, VAEConfig
from model.settings import SettingError, restore, with_present_names
from model.train.train_config import TrainConfig

FORMAT = "vae-gui checkpoint 1"

_KEYS = {"format", "config", "training", "epoch", "metrics", "dataset", "digest"}
_DTYPES = {"F32", "F16"}

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
        checksums: the SHA-256 of each file of the data set.
        digest: the SHA-256 of all that the file says; empty where it was not read from one.
    """

    vae: VAE
    training: TrainConfig
    epoch: int
    metrics: Metrics
    checksums: Mapping[str, str]
    digest: str = ""

    @property
    def config(self) -> VAEConfig:
        """The configuration of the network."""
        return self.vae.config


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
        return _parse(read_bytes(path))
    except Refused as refused:
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
    header, weights = split_file(serialise_tensors(tensors, metadata))
    return serialise_tensors(tensors, metadata | {"digest": digest_of(header, weights)})


def _parse(content: bytes) -> Checkpoint:
    header, weights = split_file(content)
    metadata = _metadata(header)
    # Damage is much more common than malice, and here it has its true name.
    if not all(_is_entry(entry) for name, entry in header.items() if name != "__metadata__"):
        raise Refused("its table of weights is damaged")
    if metadata["digest"] != digest_of(header, weights):
        raise Refused("its content does not match its checksum")
    config = _config(VAEConfig, metadata["config"])
    training = _config(TrainConfig, metadata["training"])
    epoch, metrics, checksums = _record(metadata, training)
    with torch.device("meta"):
        vae = VAE(config)
    _check_table(header, vae)
    vae.load_state_dict(_weights(content), strict=True, assign=True)
    vae.requires_grad_(False).eval()
    _test_run(vae)
    return Checkpoint(vae, training, epoch, metrics, checksums, metadata["digest"])


def _metadata(header: dict[str, Any]) -> dict[str, str]:
    metadata = header.get("__metadata__")
    foreign = Refused("it is not a checkpoint of this program", RETRAIN)
    if not isinstance(metadata, dict) or "format" not in metadata:
        raise foreign
    if not all(isinstance(text, str) for text in metadata.values()):
        raise foreign
    if metadata["format"] != FORMAT:
        raise Refused(
            f"its format is {metadata['format']!a}, and this program reads {FORMAT!r}",
            "use the version of the program that wrote it",
        )
    if set(metadata) != _KEYS:
        raise foreign
    return metadata


def _config(kind: type[_Config], text: str) -> _Config:
    """A configuration from its JSON; a field that is missing is as it was before it existed."""
    names = {field.name for field in dataclasses.fields(kind)}
    try:
        values = with_present_names(kind, parse_table(text, "its configuration"))
        if unknown := sorted(set(values) - names):
            raise Refused(
                f"its configuration has the unknown setting {unknown[0]!a}",
                "use the version of the program that wrote it",
            )
        return restore(kind, values)
    except SettingError as error:
        raise Refused(f"its setting {error.name} {ascii(error.reason)[1:-1]}") from error


def _record(
    metadata: dict[str, str], training: TrainConfig
) -> tuple[int, dict[str, dict[str, float]], dict[str, str]]:
    epoch = parse_json(metadata["epoch"], "its epoch")
    metrics = parse_json(metadata["metrics"], "its table of metrics")
    dataset = parse_json(metadata["dataset"], "its data set")
    if type(epoch) is not int or not 0 <= epoch <= 10**9:
        raise Refused("its epoch is damaged")
    if not _is_table(metrics) or not all(_is_table(part) for part in metrics.values()):
        raise Refused("its table of metrics is damaged")
    if not all(_is_number(value) for part in metrics.values() for value in part.values()):
        raise Refused("its table of metrics has something that is not a number")
    if not _is_table(dataset) or set(dataset) != {"name", "checksums"}:
        raise Refused("its data set is damaged")
    if dataset["name"] != training.dataset or dataset["name"] not in DATASETS:
        raise Refused("its data set is unknown")
    sums = dataset["checksums"]
    if not _is_table(sums) or not all(isinstance(value, str) for value in sums.values()):
        raise Refused("its data set is damaged")
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
        raise Refused(f"its weights do not fit its configuration at {different!a}")
    dtypes = {entry["dtype"] for entry in named.values()}
    if len(dtypes) != 1 or not dtypes <= _DTYPES:
        raise Refused("its weights are not all float32 or all float16")
    for name, entry in named.items():
        if entry["shape"] != list(expected[name].shape):
            raise Refused(f"its weight {name} has another shape than its configuration says")


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
        raise Refused("its table of weights is damaged") from error
    weights = {name: tensor.float() for name, tensor in tensors.items()}
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise Refused(f"its weight {name} has values that are not numbers", RETRAIN)
    return weights


def _test_run(vae: VAE) -> None:
    """Encode an empty and a full image, and decode the prior's mean."""
    with torch.inference_mode():
        posterior = vae.posterior(torch.stack([torch.zeros(PIXELS), torch.ones(PIXELS)]))
    if not all(torch.isfinite(part).all() for part in posterior):
        raise Refused("what it encodes is not a number", RETRAIN)
    image = latent.decode(vae, torch.zeros(1, vae.config.latent_dim))
    if not torch.isfinite(image).all():
        raise Refused("what it decodes is not a number", RETRAIN)

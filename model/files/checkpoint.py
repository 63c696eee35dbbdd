"""Checkpoints: one sealed file per model, with everything needed to rebuild it.

Its metadata are JSON: `config` (VAEConfig), `training` (TrainConfig), `epoch`, `metrics` and
`dataset`; its tensors are the weights.

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
from torch import Tensor

from model.data.catalogue import DATASETS
from model.files import sealed
from model.files.checkpoint_format import CHECKPOINT, CheckpointError, WeightsNotFinite
from model.files.instead import instead_of
from model.files.untrusted import RETRAIN, Refused, parse_json, parse_table
from model.latent import decoding as latent
from model.network.blocks import PIXELS
from model.network.class_conditional import CLASSES
from model.network.families import Labelled, Network, network_of
from model.network.vae import VAE, VAEConfig
from model.printable import printable
from model.settings import SettingError, restore, with_present_names
from model.train.train_config import TrainConfig

_DTYPES = {"F32", "F16"}

_Config = TypeVar("_Config", VAEConfig, TrainConfig)

Metrics = Mapping[str, Mapping[str, float]]
"""Averages in nats per image by split: {"validation": {"elbo": ..., "kl": ...}}."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained model and its origin.

    Attributes:
        network: the model of any family, in float32 on the CPU when it was read from a file.
        training: the settings of its training.
        epoch: the epoch after which it was saved (0: untrained).
        metrics: its measured averages.
        checksums: the SHA-256 of each file of the data set.
        digest: the SHA-256 of the file's whole content; empty unless it was read from a file.
    """

    network: Network
    training: TrainConfig
    epoch: int
    metrics: Metrics
    checksums: Mapping[str, str]
    digest: str = ""

    @property
    def config(self) -> VAEConfig:
        """The configuration of the network."""
        return self.network.config

    @property
    def vae(self) -> VAE:
        """The network, which must be a VAE; of a model with classes take `given`."""
        assert isinstance(self.network, VAE)
        return self.network

    @property
    def labelled(self) -> Labelled | None:
        """The network, if it is a model with classes."""
        return None if isinstance(self.network, VAE) else self.network

    def given(self, label: int) -> VAE:
        """The VAE, or, of a model with classes, the VAE that it is for one of them."""
        return self.network if isinstance(self.network, VAE) else self.network.given(label)


def write_checkpoint(
    path: Path, checkpoint: Checkpoint, dtype: torch.dtype = torch.float32
) -> None:
    """Write a checkpoint, whole or not at all; a file that was there before is replaced.

    Args:
        path: of the file.
        checkpoint: the model and its origin.
        dtype: float32, or float16 for snapshots that are only looked at.

    Raises:
        WeightsNotFinite: a weight is not finite, or too large for the type.
        CheckpointError: the system refuses to write.
    """
    tensors = {
        name: value.detach().to("cpu", dtype).contiguous()
        for name, value in checkpoint.network.state_dict().items()
    }
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise WeightsNotFinite(
            f"{_name(path)} was not written: the model has weights that are not finite numbers."
        )
    try:
        sealed.write(path, CHECKPOINT, _metadata(checkpoint), tensors)
    except OSError as error:
        raise CheckpointError(
            f"{_name(path)} could not be written in {printable(path.parent)} "
            f"({error.strerror or error}); {_advice_on_writing(error)}."
        ) from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint that anyone may have made.

    The order of the checks matters: nothing is allocated, built or computed before everything that
    it depends on has been checked.

    Raises:
        CheckpointError: it is not a whole, sound checkpoint of this program.
    """
    try:
        return _rebuild(sealed.read(path, CHECKPOINT))
    except Refused as refused:
        sentence = instead_of(path) or f"cannot be opened: {refused.reason}; {refused.advice}"
        raise CheckpointError(f"{_name(path)} {sentence}.") from refused


def _name(path: Path) -> str:
    """A file's name as one line; a path that ends in no name, such as `/`, as it is."""
    return printable(path.name or path)


def _advice_on_writing(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "free some space, or choose another folder"
    return "choose another folder"


def _metadata(checkpoint: Checkpoint) -> dict[str, str]:
    checksums = dict(checkpoint.checksums)
    return {
        "config": json.dumps(dataclasses.asdict(checkpoint.config)),
        "training": json.dumps(dataclasses.asdict(checkpoint.training)),
        "epoch": json.dumps(checkpoint.epoch),
        "metrics": json.dumps(checkpoint.metrics, default=dict),
        "dataset": json.dumps({"name": checkpoint.training.dataset, "checksums": checksums}),
    }


def _rebuild(file: sealed.Sealed) -> Checkpoint:
    config = _config(VAEConfig, file.metadata["config"])
    training = _config(TrainConfig, file.metadata["training"])
    epoch, metrics, checksums = _record(file.metadata, training)
    try:
        with torch.device("meta"):
            network = network_of(config)
    except SettingError as error:
        raise Refused(f"its setting {error.name} {ascii(error.reason)[1:-1]}") from error
    network.load_state_dict(_weights(file, network), strict=True, assign=True)
    network.requires_grad_(False).eval()
    _test_run(network)
    return Checkpoint(network, training, epoch, metrics, checksums, file.digest)


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
    metadata: Mapping[str, str], training: TrainConfig
) -> tuple[int, dict[str, dict[str, float]], dict[str, str]]:
    epoch = parse_json(metadata["epoch"], "its epoch")
    metrics = parse_json(metadata["metrics"], "its table of metrics")
    dataset = parse_json(metadata["dataset"], "its data set")
    if type(epoch) is not int or not 0 <= epoch <= 10**9:
        raise Refused("its epoch is damaged")
    if not _is_table(metrics) or not all(_is_table(split) for split in metrics.values()):
        raise Refused("its table of metrics is damaged")
    if not all(_is_number(value) for split in metrics.values() for value in split.values()):
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


def _weights(file: sealed.Sealed, network: Network) -> dict[str, Tensor]:
    """The weights in float32; names, types and shapes must be exactly the architecture's."""
    file.check_shapes({name: weight.shape for name, weight in network.state_dict().items()})
    dtypes = {entry.dtype for entry in file.table.values()}
    if len(dtypes) != 1 or not dtypes <= _DTYPES:
        raise Refused("its weights are not all float32 or all float16")
    weights = {name: tensor.float() for name, tensor in file.tensors().items()}
    sealed.check_finite(weights)
    return weights


def _test_run(network: Network) -> None:
    """Encode an empty and a full image, and decode the prior's mean; of each class, if any."""
    if isinstance(network, VAE):
        _test_run_of_vae(network)
        return
    with torch.inference_mode():
        log_q = network.log_label_posterior(_empty_and_full())
    if not log_q.isfinite().all():
        raise Refused("what it says of classes is not a number", RETRAIN)
    for label in range(CLASSES):
        _test_run_of_vae(network.given(label))


def _empty_and_full() -> Tensor:
    return torch.stack([torch.zeros(PIXELS), torch.ones(PIXELS)])


def _test_run_of_vae(vae: VAE) -> None:
    with torch.inference_mode():
        posterior = vae.posterior(_empty_and_full())
    if not all(parameter.isfinite().all() for parameter in posterior):
        raise Refused("what it encodes is not a number", RETRAIN)
    image = latent.decode(vae, torch.zeros(1, vae.config.latent_dim))
    if not image.isfinite().all():
        raise Refused("what it decodes is not a number", RETRAIN)

"""What a run goes on from: one file with its settings, its place and every tensor it needs.

A safetensors file, as a checkpoint is. Weights are in it too: a kill between two files must not mix
two moments. The whole state is one file, so writing it is what makes an epoch done.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as serialise_tensors

from model.files.sealed import Refused, digest_of, parse_json, parse_table, read_bytes, split_file
from model.network.vae import VAEConfig
from model.settings import SettingError, restore
from model.train.train_config import TrainConfig
from model.train.training import SavedState
from model.train.training_state import Place, TrainingState

FORMAT = "vae-gui resume 1"

# A network of the largest size allowed, its EMA, and two moments of each weight.
MAX_BYTES = 4 * 48_000_000 + 2**20

_Config = TypeVar("_Config", VAEConfig, TrainConfig)


class ResumeError(Exception):
    """A run cannot be continued; the message is one sentence for the user."""


@dataclass(frozen=True)
class Saved:
    """A run as it was saved.

    Attributes:
        vae_config: its network.
        config: its settings.
        checksums: the SHA-256 of each file of its data.
        state: where it stands.
    """

    vae_config: VAEConfig
    config: TrainConfig
    checksums: Mapping[str, str]
    state: SavedState


def serialise_state(
    vae_config: VAEConfig, config: TrainConfig, checksums: Mapping[str, str], state: TrainingState
) -> bytes:
    """All that `read_state` needs, as the content of a file."""
    metadata = {
        "format": FORMAT,
        "config": json.dumps(dataclasses.asdict(vae_config)),
        "training": json.dumps(dataclasses.asdict(config)),
        "checksums": json.dumps(dict(checksums)),
        "place": json.dumps(_place_to_json(state.place)),
    }
    tensors = {name: value.cpu().contiguous() for name, value in state.tensors().items()}
    header, weights = split_file(serialise_tensors(tensors, metadata))
    return serialise_tensors(tensors, metadata | {"digest": digest_of(header, weights)})


def read_state(path: Path) -> Saved:
    """Read what a run goes on from.

    Raises:
        ResumeError: it is not there, or not whole.
    """
    try:
        return _parse(read_bytes(path, MAX_BYTES))
    except Refused as refused:
        raise ResumeError(
            f"The run cannot be continued from {path}: {refused.reason}; "
            "start a new run, or copy this one again."
        ) from refused


def _parse(content: bytes) -> Saved:
    header, weights = split_file(content)
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise Refused("it was not written by this version of the program")
    if metadata.get("digest") != digest_of(header, weights):
        raise Refused("its content does not match its checksum")
    try:
        tensors = load_tensors(content)
    except SafetensorError as error:
        raise Refused("its table of weights is damaged") from error
    try:
        return Saved(
            _config(VAEConfig, metadata["config"]),
            _config(TrainConfig, metadata["training"]),
            dict(parse_json(metadata["checksums"], "its data set")),
            SavedState(tensors, _place_from_json(parse_json(metadata["place"], "its place"))),
        )
    except (KeyError, TypeError) as error:
        raise Refused("it was not written by this version of the program") from error


def _config(kind: type[_Config], text: str) -> _Config:
    try:
        return restore(kind, parse_table(text, "its configuration"))
    except (SettingError, TypeError) as error:
        raise Refused("its settings are those of another version of the program") from error


def _place_to_json(place: Place) -> dict[str, Any]:
    """JSON knows no infinity, which the best ELBO is before the first epoch is done."""
    values = dataclasses.asdict(place)
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _place_from_json(values: dict[str, Any]) -> Place:
    known: dict[str, Any] = {
        name: -math.inf if value is None else value for name, value in dict(values).items()
    }
    return Place(**known)

"""The state that a run continues from: one sealed file with settings, place and tensors.

The weights are in it too: a kill between two files must not mix two moments. An epoch is done when
this file has been written.
"""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from model.data.datasets import Splits
from model.files import sealed
from model.files.untrusted import Refused, parse_table
from model.network.vae import VAEConfig
from model.printable import printable
from model.settings import SettingError, restore
from model.train.train_config import TrainConfig
from model.train.training import SavedState
from model.train.training_state import EMA, WEIGHTS, Place, TrainingState, expected_shapes

KIND = sealed.Kind(
    "the state of a run",
    "vae-gui resume 1",
    frozenset({"config", "training", "checksums", "place"}),
    # A network of the largest size allowed, its EMA, and two moments of each weight.
    max_bytes=4 * 48_000_000 + 2**20,
)

_LARGEST_COUNT = 10**15

_Config = TypeVar("_Config", VAEConfig, TrainConfig)


class ResumeError(Exception):
    """A run cannot be continued; the message is one sentence for the user."""


@dataclass(frozen=True)
class Saved:
    """The saved state of a run.

    Attributes:
        vae_config: its network.
        config: its settings.
        checksums: the SHA-256 of each file of its data.
        state: its tensors and its place.
    """

    vae_config: VAEConfig
    config: TrainConfig
    checksums: Mapping[str, str]
    state: SavedState

    def check_data(self, data: Splits) -> None:
        """Raise ResumeError unless these are the data that the run was started with."""
        if dict(self.checksums) != dict(data.checksums):
            raise ResumeError(
                f"The files of {data.name} are not those that this run was started with; "
                "name the folder that holds them with --data-dir."
            )


def write_state(
    path: Path,
    vae_config: VAEConfig,
    config: TrainConfig,
    checksums: Mapping[str, str],
    state: TrainingState,
) -> None:
    """Write the file that `read_state` reads, whole or not at all. Raises OSError."""
    metadata = {
        "config": json.dumps(dataclasses.asdict(vae_config)),
        "training": json.dumps(dataclasses.asdict(config)),
        "checksums": json.dumps(dict(checksums)),
        "place": json.dumps(_place_to_json(state.place)),
    }
    tensors = {name: value.cpu().contiguous() for name, value in state.tensors().items()}
    sealed.write(path, KIND, metadata, tensors)


def read_state(path: Path) -> Saved:
    """Read the state that a run continues from.

    Raises:
        ResumeError: it is not there, or not whole.
    """
    try:
        return _rebuild(sealed.read(path, KIND))
    except Refused as refused:
        raise ResumeError(
            f"The run cannot be continued from {printable(path)}: {refused.reason}; "
            "start a new run, or copy this one again."
        ) from refused


def _rebuild(file: sealed.Sealed) -> Saved:
    vae_config = _config(VAEConfig, file.metadata["config"])
    config = _config(TrainConfig, file.metadata["training"])
    checksums = parse_table(file.metadata["checksums"], "its data set")
    if not all(isinstance(checksum, str) for checksum in checksums.values()):
        raise Refused("its data set is damaged")
    place = _place_from_json(parse_table(file.metadata["place"], "its place"))
    file.check_shapes(_shapes(vae_config, config))
    if not {entry.dtype for entry in file.table.values()} <= {"F32", "F64"}:
        raise Refused("its tensors are not all float32 or float64")
    tensors = file.tensors()
    # Adam's second moments may overflow without any harm to the weights.
    weights = (f"{WEIGHTS}.", f"{EMA}.")
    sealed.check_finite({name: t for name, t in tensors.items() if name.startswith(weights)})
    return Saved(vae_config, config, checksums, SavedState(tensors, place))


def _shapes(vae_config: VAEConfig, config: TrainConfig) -> dict[str, torch.Size]:
    try:
        return expected_shapes(vae_config, config)
    except SettingError as error:
        raise Refused("its settings make no network") from error


def _config(kind: type[_Config], text: str) -> _Config:
    values = parse_table(text, "its configuration")
    try:
        return restore(kind, values)
    except (SettingError, TypeError) as error:
        raise Refused("its settings are those of another version of the program") from error


def _place_to_json(place: Place) -> dict[str, Any]:
    """JSON knows no infinity, which the best ELBO is before the first epoch is done."""
    values = dataclasses.asdict(place)
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _place_from_json(values: dict[str, Any]) -> Place:
    """A place from its JSON; a field that is missing has its default."""
    default = dataclasses.asdict(Place())
    if not set(values) <= set(default):
        raise Refused("it was not written by this version of the program")
    known: dict[str, Any] = {
        name: -math.inf if value is None else value for name, value in values.items()
    }
    if not all(_is_sound(known[name], default[name]) for name in known):
        raise Refused("its place is damaged")
    return Place(**known)


def _is_sound(value: object, default: float) -> bool:
    """Whether a field of a place has its default's type, and no count is negative or absurd."""
    if isinstance(default, int):
        return type(value) is int and 0 <= value <= _LARGEST_COUNT
    return type(value) is float and not math.isnan(value)

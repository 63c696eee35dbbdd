"""The curve of a run: the numbers of its epochs, while somebody else may be writing them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from model.files.run import RunPaths, read_settings
from model.files.untrusted import Refused, parse_table, read_bytes

# Bytes of the metrics; a run of a hundred thousand epochs has less.
_MAX_METRICS = 2**26
_LARGEST = 10**15


@dataclass(frozen=True)
class Epoch:
    """The numbers of one epoch, in nats per image.

    Attributes:
        epoch: its number, from 1.
        step: the last one of the epoch.
        train: "elbo", "reconstruction" and "kl" of the training images; what is not known is not
            in it.
        validation: likewise, of the validation images.
    """

    epoch: int
    step: int
    train: Mapping[str, float] = field(default_factory=dict)
    validation: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RunCurve:
    """The epochs that are done, in the order of their steps.

    Attributes:
        epochs: a number of each epoch.
        planned: how many epochs the run is to have; 0 where its settings do not say.
    """

    epochs: tuple[Epoch, ...] = ()
    planned: int = 0

    @property
    def best(self) -> Epoch | None:
        """The epoch with the highest validation ELBO, the first of equals; None without one."""
        known = [each for each in self.epochs if "elbo" in each.validation]
        return max(known, key=lambda each: each.validation["elbo"], default=None)


class CurveLook:
    """Looks at the curve of one run again and again; reads only files that have changed.

    A look may take as long as the disk does. It raises nothing: what is no line of an epoch, or not
    finished, is left out, so that a line torn in two costs one epoch and not the curve.
    """

    def __init__(self, folder: Path) -> None:
        """Look at the run in a folder."""
        self._folder = folder
        self._signature: tuple[int, ...] | None = None
        self._epochs: tuple[Epoch, ...] = ()

    def look(self) -> RunCurve:
        """The curve as it is now; empty where nothing can be read."""
        path = RunPaths(self._folder).metrics
        try:
            status = path.stat()
            # Any change counts, in whichever direction a clock has jumped.
            signature = status.st_mtime_ns, status.st_size, status.st_ino
            if signature != self._signature:
                self._epochs = _epochs_in(read_bytes(path, _MAX_METRICS, "a file of metrics"))
                self._signature = signature
        except FileNotFoundError:
            self._epochs, self._signature = (), None
        except (OSError, Refused):
            pass  # what was read before is still true
        return RunCurve(self._epochs, _planned(self._folder))


def _epochs_in(content: bytes) -> tuple[Epoch, ...]:
    """The epochs in finished lines; of two lines for one step, the later one counts."""
    found: dict[int, Epoch] = {}
    for line in content.split(b"\n")[:-1]:
        epoch = _epoch_in(line)
        if epoch is not None:
            found[epoch.step] = epoch
    return tuple(found[step] for step in sorted(found))


def _epoch_in(line: bytes) -> Epoch | None:
    """The epoch that a line describes; None for any other line, or a damaged one."""
    try:
        table = parse_table(line, "its line")
    except Refused:
        return None
    epoch, step = table.get("epoch"), table.get("step")
    if table.get("kind") != "epoch" or not _is_count(epoch) or not _is_count(step):
        return None
    return Epoch(epoch, step, _numbers(table.get("train")), _numbers(table.get("validation")))


def _numbers(table: Any) -> dict[str, float]:
    """The finite numbers of a table by name."""
    if not isinstance(table, dict):
        return {}
    # A whole number may lie beyond all floats.
    known = {k: v for k, v in table.items() if type(v) in (int, float) and abs(v) <= _LARGEST}
    return {name: float(value) for name, value in known.items() if math.isfinite(value)}


def _planned(folder: Path) -> int:
    try:
        training = read_settings(folder).get("training")
    except Refused:
        return 0
    epochs = training.get("epochs") if isinstance(training, dict) else None
    return epochs if _is_count(epochs) else 0


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 < value <= _LARGEST

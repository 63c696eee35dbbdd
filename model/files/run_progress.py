"""How far a run is within its epoch: a small file that the training writes now and then.

It is for those who look on, and for nothing else: it is not flushed to the disk, a disk that is
full does not stop the training for it, and it is gone when the training ends.
"""

import dataclasses
import json
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from model.files.untrusted import Refused, parse_table, read_bytes

PERIOD = 0.5  # seconds between two writings at least
_MAX_BYTES = 2**12


@dataclasses.dataclass(frozen=True)
class Progress:
    """The place of a training.

    Attributes:
        epoch: the one under way.
        epochs: of the whole run.
        done: the fraction of the steps of this epoch that is done.
        images_per_second: training images per second of this epoch.
        seconds_left: the wall time that the run still takes.
        paused: whether it waits until it is asked to go on.
    """

    epoch: int
    epochs: int
    done: float
    images_per_second: float
    seconds_left: float
    paused: bool = False

    @property
    def fraction(self) -> float:
        """The fraction of the whole run that is done, from 0 to 1."""
        return (self.epoch - 1 + self.done) / self.epochs


class ProgressWriter:
    """Writes the progress of one run, at most every `PERIOD` seconds. It raises nothing."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._written = clock()

    @property
    def is_due(self) -> bool:
        """Whether the last writing is long enough ago."""
        return self._clock() - self._written >= PERIOD

    def write(self, progress: Progress) -> None:
        """Write it now, whole or not at all."""
        self._written = self._clock()
        part = self._path.with_name(f".{self._path.name}.part")
        with suppress(OSError):
            part.write_text(json.dumps(dataclasses.asdict(progress)), encoding="utf-8")
            os.replace(part, self._path)  # noqa: PTH105 - as in `model.atomic`

    def remove(self) -> None:
        """The training has ended, or begins."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def read_progress(path: Path) -> Progress | None:
    """The progress in a file; None where there is none, or none that makes sense."""
    try:
        return _sensible(parse_table(read_bytes(path, _MAX_BYTES, "progress"), "its progress"))
    except Refused:
        return None


def _sensible(stored: dict[str, Any]) -> Progress | None:
    """The progress that a table holds; keys of later versions are ignored."""
    names = [field.name for field in dataclasses.fields(Progress)]
    if not set(names) <= stored.keys() or type(stored["paused"]) is not bool:
        return None
    numbers = [stored[name] for name in names if name != "paused"]
    if not all(type(number) in (int, float) and _is_bounded(number) for number in numbers):
        return None
    progress = Progress(**{name: stored[name] for name in names})
    whole = type(progress.epoch) is int and type(progress.epochs) is int
    return progress if whole and 1 <= progress.epoch <= progress.epochs else None


def _is_bounded(number: float) -> bool:
    return 0 <= number <= 1e12 and math.isfinite(number)

"""What a run is and how far it is, for lists and curves. Free of torch."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from model.files.run_progress import Progress


class RunStage(StrEnum):
    """The state of a run, in the word that is shown."""

    TRAINING = "training"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    DAMAGED = "damaged"
    UNENDED = "not ended"  # where the system cannot tell whether a process still writes it

    @property
    def is_under_way(self) -> bool:
        """Whether a process is training it."""
        return self in (RunStage.TRAINING, RunStage.PAUSED)


class Terms(NamedTuple):
    """An ELBO and its two terms, in nats per image."""

    elbo: float
    reconstruction: float
    kl: float


class Epoch(NamedTuple):
    """What is known of a finished epoch."""

    number: int
    train: Terms
    validation: Terms
    seconds: float


@dataclass(frozen=True)
class RunSummary:
    """One look at a run.

    Attributes:
        folder: of the run.
        stage: its state.
        reason: what is damaged, or why it ended; empty where there is nothing to say.
        preset: that of its command; empty without one.
        network: dimensions and architecture in a few words, such as "2-D residual".
        epochs: how many it is to have.
        history: its finished epochs.
        progress: within the epoch under way, while it trains.
        command: the command line that started it, as words.
        can_go_on: whether there is something to continue from.
        started: when, as its settings say, such as 2026-01-31T12:00:00+00:00.
    """

    folder: Path
    stage: RunStage
    reason: str = ""
    preset: str = ""
    network: str = ""
    epochs: int = 0
    history: tuple[Epoch, ...] = ()
    progress: Progress | None = None
    command: tuple[str, ...] = ()
    can_go_on: bool = False
    started: str = ""

    @property
    def epoch(self) -> int:
        """The last epoch that is done; 0 before the first."""
        return self.history[-1].number if self.history else 0

    @property
    def best(self) -> float | None:
        """The highest validation ELBO so far."""
        return max((epoch.validation.elbo for epoch in self.history), default=None)

    @property
    def seconds(self) -> float:
        """How long its steps took."""
        return sum(epoch.seconds for epoch in self.history)

    @property
    def fraction(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.stage is RunStage.DONE:
            return 1.0  # it may have stopped by itself before its last epoch
        if self.progress is not None:
            return self.progress.fraction
        return min(1.0, self.epoch / self.epochs) if self.epochs else 0.0


@dataclass
class History:
    """The lines of a run's metrics, read as they come."""

    epochs: list[Epoch] = field(default_factory=list)
    end: str | None = None

    def take(self, line: dict[str, Any]) -> None:
        """Take note of a line. Raises ValueError where it makes no sense."""
        kind = line.get("kind")
        self.end = str(line.get("reason")) if kind == "end" else None
        if kind == "epoch":
            self.epochs.append(_epoch(line))


def _epoch(line: dict[str, Any]) -> Epoch:
    number, seconds = line.get("epoch"), line.get("seconds")
    if type(number) is not int or not 0 < number <= 10**9:
        raise ValueError("an epoch without a number")
    return Epoch(number, _terms(line, "train"), _terms(line, "validation"), _number(seconds))


def _terms(line: dict[str, Any], of: str) -> Terms:
    values = line.get(of)
    if not isinstance(values, dict):
        raise ValueError(f"an epoch without {of}")
    return Terms(*(_number(values.get(name)) for name in Terms._fields))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("a value that is no number")
    return float(value)

"""Looks at a run's folder, while somebody else may be writing it."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from model.files import sealed
from model.files.checkpoint_format import CHECKPOINT, CheckpointError
from model.files.run import RunPaths, checkpoint_of, folder_of, is_run, read_settings
from model.files.run_lock import is_being_written
from model.files.run_progress import read_progress
from model.files.run_state import SILENCE_STEP, RunState, Stage
from model.files.snapshots import snapshots_of
from model.files.untrusted import Refused, parse_json, parse_table
from model.printable import printable

# The last line of a file of metrics lies within so many bytes of its end.
_TAIL = 2**16


class NoEpochYet(CheckpointError):  # noqa: N818 - it says what happened
    """A run has not finished its first epoch.

    Attributes:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{name_of(folder)} has not finished its first epoch: there is no checkpoint in it yet."
        )
        self.folder = folder


def checkpoint_named_by(path: Path) -> Path:
    """The checkpoint that a person means by a path: see `checkpoint_of`.

    Of a run that has no checkpoint yet, it is the newest snapshot.

    Raises:
        NoEpochYet: the path names a run that will have one.
        CheckpointError: the path names a run that ended before it had one.
    """
    found = checkpoint_of(path)
    if found != path or not is_run(folder_of(path)):
        return found
    folder = folder_of(path)
    if snapshots := snapshots_of(folder):
        return snapshots[-1].path
    state = RunLook(folder).look()
    if state.stage is Stage.ENDED:
        raise CheckpointError(
            f"{name_of(folder)} cannot be opened: it ended before its first epoch was done "
            f"({state.reason}); train again with train_cli.py."
        )
    raise NoEpochYet(folder)


def name_of(folder: Path) -> str:
    """A run's name in a sentence: that of its folder."""
    return printable(folder.name or folder.absolute().name or folder)


class RunLook:
    """Looks at one run again and again; reads only what has changed since the last look.

    A look may take as long as the disk does. It raises nothing.

    Whether a run without an end still goes on is told by its lock, where that is seen: it was held
    at an earlier look, and is free now. Another machine's lock may not be seen over a shared disk,
    and some systems have none: there it only knows for how long nothing has changed, by a clock of
    its own, since those of files and machines may be wrong.
    """

    def __init__(
        self,
        folder: Path,
        checkpoint: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look at a run, and at one of its checkpoints; None: at the one that the run means."""
        self._folder = folder
        self._checkpoint = checkpoint
        self._clock = clock
        self._was_held = False
        self._written: tuple[object, ...] | None = None  # what was written last
        self._changed = clock()  # when that was seen first
        self._seen: tuple[object, ...] | None = None
        self._config: tuple[int, ...] | None = None
        self._started = ""
        self._state = RunState(Stage.GOING_ON)

    def look(self) -> RunState:
        """How far the run is now."""
        paths = RunPaths(self._folder)
        try:
            self._read_config(_signature_of(paths.config.stat()))
            # The lock first: a training writes its end, and then lets go of it.
            is_held = is_being_written(self._folder)
            checkpoint = self._checkpoint or checkpoint_of(self._folder)
            seen = (checkpoint, _signature(checkpoint), _signature(paths.metrics))
            if seen != self._seen:
                self._state = _read(checkpoint, paths.metrics)
                self._seen = seen
        except (FileNotFoundError, NotADirectoryError):
            return RunState(Stage.GONE)
        except OSError as error:
            return RunState(Stage.UNREADABLE, reason=error.strerror or str(error))
        return replace(self._with_writer(self._state, is_held), started=self._started)

    def _read_config(self, signature: tuple[int, ...]) -> None:
        if signature == self._config:
            return
        with contextlib.suppress(Refused):  # half of it, perhaps: what it said before holds
            self._started = printable(read_settings(self._folder).get("started", ""))[:40]
            self._config = signature

    def _with_writer(self, state: RunState, is_held: bool | None) -> RunState:
        """A run that goes on, with what is known of whoever trains it."""
        paths = RunPaths(self._folder)
        written = (self._seen, _signature(paths.progress), _signature(paths.resume))
        if written != self._written or is_held:
            self._written, self._changed = written, self._clock()
        self._was_held = self._was_held or is_held is True
        if state.stage is not Stage.GOING_ON or is_held:
            return state
        silence = int((self._clock() - self._changed) // SILENCE_STEP) * SILENCE_STEP
        progress = read_progress(paths.progress) if silence else None
        return replace(
            state,
            is_lost=self._was_held and is_held is False,
            silence=0 if progress is not None and progress.paused else silence,
            can_go_on=paths.resume.is_file(),
        )


def _signature(path: Path) -> tuple[int, ...] | None:
    """What changes whenever a file is written; None while there is no such file."""
    try:
        return _signature_of(path.stat())
    except FileNotFoundError:
        return None


def _signature_of(status: os.stat_result) -> tuple[int, ...]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(checkpoint: Path, metrics: Path) -> RunState:
    reason = _reason_of_end(metrics)
    stage = Stage.GOING_ON if reason is None else Stage.ENDED
    return RunState(stage, _epoch_in(checkpoint), reason or "")


def _epoch_in(checkpoint: Path) -> int:
    """The epoch that a checkpoint claims; 0 where there is none, or not all of it yet."""
    try:
        texts = sealed.peek(checkpoint)
        epoch = parse_json(texts.get("epoch", ""), "its epoch")
    except Refused:
        return 0
    known = texts.get("format") == CHECKPOINT.format and type(epoch) is int and 0 <= epoch <= 10**9
    return epoch if known else 0


def _reason_of_end(metrics: Path) -> str | None:
    """Why a run ended, by the last finished line of its metrics; None while it goes on."""
    try:
        with metrics.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            lines = file.read(_TAIL).split(b"\n")
        last = parse_table(lines[-2], "its last line") if len(lines) > 1 else {}
    except (FileNotFoundError, Refused):
        return None
    reason = last.get("reason")
    return printable(reason)[:40] if last.get("kind") == "end" else None

"""Reads what a run is and how far it is, again and again, while somebody may be writing it."""

import os
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from model.files.run import RunPaths, read_settings
from model.files.run_lock import is_being_written
from model.files.run_progress import read_progress
from model.files.run_summary import History, RunStage, RunSummary
from model.files.untrusted import Refused, parse_table
from model.printable import printable

_MAX_METRICS = 2**28  # bytes
_ENDS = {
    "finished": RunStage.DONE,
    "interrupted": RunStage.STOPPED,
    "diverged": RunStage.DIVERGED,
}


class RunReader:
    """Looks at one run; a second look reads only what was written since. It raises nothing."""

    def __init__(self, folder: Path) -> None:
        self._paths = RunPaths(folder)
        self._settings: dict[str, Any] = {}
        self._settings_signature: tuple[int, ...] | None = None
        self._history = History()
        self._metrics_signature: tuple[int, ...] | None = None
        self._read = b""  # the last line of metrics that was taken note of, and where it ends
        self._offset = 0

    def look(self) -> RunSummary | None:
        """The run as it is now; None where there is none."""
        paths = self._paths
        try:
            paths.config.stat()
            self._read_settings()
            self._read_metrics()
            return self._summary()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return self._damaged(f"it cannot be read ({error.strerror or error})")
        except Refused as refused:
            return self._damaged(refused.reason) if self._is_ours() else None
        except ValueError as error:
            return self._damaged(f"its metrics have {error}")

    def _is_ours(self) -> bool:
        """Whether it is a run whose settings are damaged, and not a folder of another program."""
        paths = self._paths
        return any(map(os.path.lexists, (paths.metrics, paths.resume, paths.snapshot(0).parent)))

    def _damaged(self, reason: str) -> RunSummary:
        return RunSummary(self._paths.folder, RunStage.DAMAGED, printable(reason))

    def _read_settings(self) -> None:
        signature = _signature(self._paths.config.stat())
        if signature != self._settings_signature:
            self._settings = read_settings(self._paths.folder)
            self._settings_signature = signature

    def _read_metrics(self) -> None:
        try:
            status = self._paths.metrics.stat()
        except FileNotFoundError:
            self._forget()
            return
        if status.st_size > _MAX_METRICS:
            raise Refused("its metrics are too large")
        if (signature := _signature(status)) == self._metrics_signature:
            return
        with self._paths.metrics.open("rb") as file:
            if not self._goes_on(file):
                self._forget()
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # half a line is left for the next look
                self._history.take(parse_table(line, "a line of its metrics"))
                self._read, self._offset = line, self._offset + len(line)
        self._metrics_signature = signature

    def _forget(self) -> None:
        self._history, self._read, self._offset = History(), b"", 0
        self._metrics_signature = None

    def _goes_on(self, file: IO[bytes]) -> bool:
        """Whether a file still holds what was read last: --resume writes a run's metrics anew."""
        file.seek(self._offset - len(self._read))
        return file.read(len(self._read)) == self._read

    def _summary(self) -> RunSummary:
        model, training = self._part("model"), self._part("training")
        stage = self._stage()
        progress = read_progress(self._paths.progress) if stage is RunStage.TRAINING else None
        if progress is not None and progress.paused:
            stage = RunStage.PAUSED
        command = self._command()
        epochs = training.get("epochs")
        dimensions, architecture = model.get("latent_dim", "?"), model.get("architecture", "")
        return RunSummary(
            self._paths.folder,
            stage,
            self._history.end or "",
            _preset_in(command),
            printable(f"{dimensions}-D {architecture}".strip())[:40],
            epochs if type(epochs) is int and 0 < epochs <= 10**9 else 0,
            tuple(self._history.epochs),
            progress,
            command,
            self._paths.resume.is_file(),
            printable(self._settings.get("started", ""))[:40],
        )

    def _part(self, name: str) -> dict[str, Any]:
        part = self._settings.get(name)
        if not isinstance(part, dict):
            raise Refused(f"its settings have no {name}")
        return part

    def _stage(self) -> RunStage:
        """By its last line, and without an end by its lock: no clock tells whether one trains."""
        if self._history.end is not None:
            return _ENDS.get(self._history.end, RunStage.STOPPED)
        is_written = is_being_written(self._paths.folder)
        if is_written is None:
            return RunStage.UNENDED
        return RunStage.TRAINING if is_written else RunStage.STOPPED

    def _command(self) -> tuple[str, ...]:
        words = self._settings.get("command")
        return tuple(map(str, words)) if isinstance(words, list) else ()


class RunsReader:
    """Looks at all runs in a folder. Files and folders that are none are passed over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._readers: dict[str, RunReader] = {}

    def look(self) -> list[RunSummary]:
        """The runs in the folder as they are now, by name.

        Raises:
            OSError: the folder cannot be read.
        """
        names = sorted(entry.name for entry in self._folder.iterdir())
        self._readers = {
            name: self._readers.get(name) or RunReader(self._folder / name) for name in names
        }
        looks = (reader.look() for reader in self._readers.values())
        return [summary for summary in looks if summary is not None]


def _signature(status: os.stat_result) -> tuple[int, ...]:
    """What changes whenever a file is written."""
    return status.st_mtime_ns, status.st_size, status.st_ino


def _preset_in(command: tuple[str, ...]) -> str:
    for word, following in pairwise((*command, "")):
        if word == "--preset":
            return printable(following)[:40]
        if word.startswith("--preset="):
            return printable(word.removeprefix("--preset="))[:40]
    return ""

"""What somebody asks of a training that is under way: to wait, or to stop with everything saved.

A request is a file in the run's folder. So it reaches every training, whoever started it: another
window, a terminal that was closed, another machine over a shared disk.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from model.atomic import write_atomically

PERIOD = 0.1  # seconds between two looks at least


class Request(StrEnum):
    """What can be asked."""

    PAUSE = "pause"
    STOP = "stop"


def make_request(path: Path, request: Request) -> None:
    """Ask for something. Raises OSError where the system refuses."""
    write_atomically(path, request.encode())


def withdraw_request(path: Path) -> None:
    """Ask for nothing any more. Raises OSError where the system refuses."""
    path.unlink(missing_ok=True)


def read_request(path: Path) -> Request | None:
    """What is asked; None where nothing is, or nothing that is known."""
    try:
        with path.open("rb") as file:
            text = file.read(16).decode("ascii", "replace").strip()
    except OSError:
        return None
    return Request(text) if text in list(Request) else None


class RequestReader:
    """Looks for requests during a training, seldom enough to cost nothing."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looked = clock()
        self._last: Request | None = None

    def latest(self) -> Request | None:
        """What was asked at the last look; it looks again where that is long ago."""
        now = self._clock()
        if now - self._looked >= PERIOD:
            self._looked = now
            self._last = read_request(self._path)
        return self._last

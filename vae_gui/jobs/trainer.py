"""The process that trains: the very command that a person would type.

It is no QProcess: Qt kills a process whose object goes, or cannot tell how it ended. This one goes
on when the window is closed or killed. It has a session of its own, so that Ctrl-C in the window's
terminal does not reach it, and writes to files, so that it never waits for a reader.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer, Signal

from model.printable import printable

PERIOD_MS = 100
# Beside a training on all cores the hand goes first.
NICENESS = 10
_STOPPED = 130  # the exit code of a training that was stopped


def program() -> Path:
    """The file of the command line, in a checkout or installed."""
    found = importlib.util.find_spec("train_cli")
    if found is None or found.origin is None:
        raise FileNotFoundError("train_cli.py is not beside the program: install it again")
    return Path(found.origin)


def shown_program() -> list[str]:
    """How a person starts the command line here, as words."""
    here = Path("train_cli.py")
    try:
        return ["python", str(here)] if here.samefile(program()) else ["vae-train"]
    except OSError:
        return ["vae-train"]


class Trainer(QObject):
    """One process at a time.

    Signals:
        ended (str): the process has ended; the sentence of its failure, empty if all is well.
    """

    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._timer = QTimer(self, interval=PERIOD_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_running(self) -> bool:
        """Whether a process that was started here goes on."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return None if self._process is None else self._process.pid

    def start(self, flags: Sequence[str]) -> None:
        """Start the command line. Raises OSError where that cannot be."""
        assert self._process is None
        self._errors = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - until the process has ended
        self._process = subprocess.Popen(
            [sys.executable, str(program()), *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        _let_others_go_first(self._process.pid)
        self._timer.start()

    def interrupt(self) -> None:
        """Ask it to stop as Ctrl-C does: for the time before it has a folder."""
        if self._process is None:
            return
        if os.name == "posix":
            self._process.send_signal(signal.SIGINT)
        else:
            self._process.terminate()

    def let_go(self) -> None:
        """Leave the process to itself."""
        self._timer.stop()
        if self._process is not None:
            # Nobody waits for its end here any more: Python would warn of that.
            self._process.returncode = 0
        self._process = None
        self._close()

    def look(self) -> None:
        """See whether it has ended; a timer does so too, ten times in a second."""
        code = None if self._process is None else self._process.poll()
        if code is None:
            return
        self._timer.stop()
        self._process = None
        said = self._said()
        self._close()
        self.ended.emit("" if code in (0, _STOPPED) else _sentence(code, said))

    def _said(self) -> str:
        """The end of what it wrote to standard error."""
        assert self._errors is not None
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 2**14))
        return self._errors.read().decode("utf-8", "replace")

    def _close(self) -> None:
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def _let_others_go_first(pid: int) -> None:
    if os.name != "posix":
        return
    nicest = min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nicest)
    # Linux shares its cores between sessions first, by a niceness of each session, and only then
    # between the processes of one; the training has a session of its own.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nicest))


def _sentence(code: int, said: str) -> str:
    """Why a training failed, in its own last words where it had any."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"The training was ended from outside ({name}); what was complete is saved."
    last = printable(lines[-1])[:400] if lines else f"The training ended with code {code}"
    return last if last.endswith((".", "!")) else f"{last}."

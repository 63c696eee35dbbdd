"""Asks for a file, and writes it in the background."""

from collections.abc import Callable, Generator
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from model.atomic import write_atomically
from model.printable import printable
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.preferences import Preferences
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.worker import Worker

GIF, PNG = "GIF film (*.gif)", "PNG picture (*.png)"
STATUS = "pictures"  # its place in the status line
_SAID_MS = 8000  # for which it is said where a file is
_ENDINGS = {GIF: ".gif", PNG: ".png"}


class FileSaving(QObject):
    """Writes one file at a time, whole or not at all.

    It says so in the status line, and errors in the bar.
    """

    def __init__(
        self, window: QWidget, preferences: Preferences, messages: MessageBar, status: StatusLine
    ) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._messages = messages
        self._status = status
        self._worker: Worker | None = None
        self._silence = QTimer(self, interval=_SAID_MS, singleShot=True)
        self._silence.timeout.connect(lambda: status.report(STATUS, ""))

    def ask(self, title: str, name: str, kind: str, save: Callable[[Path], None]) -> None:
        """Ask where to save a file of a kind, suggesting a name; save it if there is an answer."""
        suggested = str(self._preferences.picture_folder / name)
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, suggested, kind)
        if chosen:
            save(Path(chosen))

    def write(self, path: Path, kind: str, make: Callable[[], bytes]) -> None:
        """Write what `make` gives, in a thread of its own; a name without its ending gets that."""
        ending = _ENDINGS[kind]
        if path.suffix.lower() != ending:
            path = path.with_name(path.name + ending)

        def job() -> Generator[object, None, None]:
            write_atomically(path, make())
            yield path

        if self._worker is None:
            self._worker = Worker(self)
        self._silence.stop()
        self._status.report(STATUS, f"Saving {printable(path.name)} …")
        self._worker.start(job, self._saved, lambda error: self._fail(path, error))

    def _saved(self, path: object) -> None:
        assert isinstance(path, Path)
        self._preferences.picture_folder = path.parent
        self._status.report(STATUS, f"Saved as {printable(path)}.")
        self._silence.start()

    def _fail(self, path: Path, error: Exception) -> None:
        self._status.report(STATUS, "")
        reason = ((error.strerror if isinstance(error, OSError) else "") or str(error)).lower()
        self._messages.show_error(
            f"{printable(path.name)} could not be written ({reason}); choose another place.", error
        )

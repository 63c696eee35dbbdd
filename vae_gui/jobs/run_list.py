"""The runs of a folder, looked at again and again while somebody sees them."""

from collections.abc import Generator

from PySide6.QtCore import QObject, QTimer, Signal

from model.files.run_reader import RunsReader
from model.files.run_summary import RunSummary
from model.printable import printable
from vae_gui.jobs.worker import Worker
from vae_gui.state.runs_folder import RunsFolder

PERIOD_MS = 1500


class RunList(QObject):
    """Looks while it is watched; each look happens in a worker.

    Attributes:
        runs: what the last look found.
        problem: why the folder cannot be read; empty if it can.

    Signals:
        changed: something of the above.
    """

    changed = Signal()

    def __init__(self, folder: RunsFolder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: tuple[RunSummary, ...] = ()
        self.problem = ""
        self._folder = folder
        self._reader = RunsReader(folder.path)
        self._worker: Worker | None = None
        self._is_watched = False
        self._pause = QTimer(self, interval=PERIOD_MS, singleShot=True)
        self._pause.timeout.connect(self._look)
        folder.changed.connect(self._change)

    def watch(self, watched: bool) -> None:
        """Begin to look, or rest."""
        self._is_watched = watched
        self._pause.stop()
        if watched:
            self._look()
        elif self._worker is not None:
            self._worker.cancel()

    def _change(self) -> None:
        self._reader = RunsReader(self._folder.path)
        self._show((), "")
        self.watch(self._is_watched)

    def _look(self) -> None:
        if self._worker is None:
            self._worker = Worker(self)
        reader = self._reader

        def job() -> Generator[object, None, None]:
            yield tuple(reader.look())

        self._worker.start(job, self._take, self._refuse)

    def _take(self, runs: object) -> None:
        assert isinstance(runs, tuple)
        self._show(runs, "")

    def _refuse(self, error: Exception) -> None:
        folder = printable(self._folder.path)
        if isinstance(error, FileNotFoundError):
            self._show((), f"There is no folder {folder} yet: the first training makes it.")
        else:
            reason = error.strerror if isinstance(error, OSError) else None
            self._show((), f"The folder {folder} cannot be read ({reason or error}).")

    def _show(self, runs: tuple[RunSummary, ...], problem: str) -> None:
        if self._is_watched:
            self._pause.start()
        if (runs, problem) != (self.runs, self.problem):
            self.runs, self.problem = runs, problem
            self.changed.emit()

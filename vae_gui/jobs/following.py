"""Following a run: looks at its directory once a second, whoever writes it."""

import functools
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from model.files.run import RunPaths
from model.files.run_state import RunState, Stage
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document

if TYPE_CHECKING:
    from model.files.run_look import RunLook

# Looking costs a few stats. A QFileSystemWatcher would not do: it looks at the disk in the GUI
# thread, and hears nothing of what another machine writes to a shared disk.
PERIOD_MS = 1000
_MAY_GO_ON = (Stage.GOING_ON, Stage.UNREADABLE)


class Following(QObject):
    """Watches one run: one that is waited for, or the one whose best or last epoch is open.

    Each look happens in a worker; while one takes long, as on a disk that hangs, no other begins.
    It stops by itself when the run has ended or is gone, and when something else is to be opened.

    Attributes:
        folder: the run that is watched, or was watched last; None: none.
        waits: whether it is one that has finished no epoch yet.
        shown: the epoch that is open; 0 where none is.
        state: what the last look found; None before the first.

    Signals:
        changed: another run is watched, or none, or the last look found something new.
        ready (Path): the run that was waited for has finished an epoch.
    """

    changed = Signal()
    ready = Signal(Path)

    def __init__(self, opening: Opening, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.checkpoint: Path | None = None
        self.waits = False
        self.shown = 0
        self.state: RunState | None = None
        self._document = document
        self._worker: Worker | None = None
        self._look: Callable[[], RunState] | None = None
        self._pause = QTimer(self, interval=PERIOD_MS, singleShot=True)
        self._pause.timeout.connect(self._begin_to_look)
        opening.began.connect(self.stop)
        opening.unready.connect(self.wait_for)
        opening.opened.connect(self._follow_what_is_open)
        opening.failed.connect(self._follow_what_is_open)

    @property
    def newer(self) -> int:
        """The epoch that can be shown in place of the open one; 0 if there is none."""
        epoch = 0 if self.state is None or self.waits else self.state.epoch
        return epoch if epoch > self.shown else 0

    @property
    def is_waiting(self) -> bool:
        """Whether the first epoch of a run is still to come."""
        return self.waits and (self.state is None or self.state.stage in _MAY_GO_ON)

    def wait_for(self, folder: Path) -> None:
        """Watch a run until its first epoch is done."""
        self._watch(folder, None, 0, waits=True)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._rest()
        if self.folder is not None:
            self.folder = self.checkpoint = self.state = self._look = None
            self.waits = False
            self.changed.emit()

    def close(self) -> None:
        """The window goes: stop, and let the worker go."""
        self.stop()
        if self._worker is not None:
            self._worker.close()

    def _follow_what_is_open(self) -> None:
        """Watch the run that the open model belongs to, unless another one is waited for."""
        model = self._document.model
        if self.waits or model is None:
            return
        run = RunPaths(model.path.parent)
        if model.path in (run.best, run.last):
            self._watch(run.folder, model.path, model.checkpoint.epoch, waits=False)

    def _watch(self, folder: Path, checkpoint: Path | None, shown: int, *, waits: bool) -> None:
        self._rest()
        self.folder, self.checkpoint = folder, checkpoint
        self.waits, self.shown, self.state = waits, shown, None
        self._look = _looks_at(folder, checkpoint)
        self.changed.emit()
        self._begin_to_look()

    def _begin_to_look(self) -> None:
        look = self._look
        assert look is not None
        if self._worker is None:
            self._worker = Worker(self)

        def job() -> Generator[object, None, None]:
            yield look()

        self._worker.start(job, self._take, self._give_up)

    def _take(self, state: object) -> None:
        assert isinstance(state, RunState)
        before, self.state = self.state, state
        if before is None and state.stage is Stage.GONE and not self.waits:
            self.stop()  # a checkpoint that only has the name of one in a run
            return
        if self.waits and state.epoch and self.folder is not None:
            self._rest()
            self.ready.emit(self.folder)
            return
        if state.stage in _MAY_GO_ON:
            self._pause.start()
        if state != before:
            self.changed.emit()

    def _give_up(self, error: Exception) -> None:
        """A look raises nothing: what it raises all the same is a defect, and ends the watch."""
        self.stop()
        raise error

    def _rest(self) -> None:
        self._pause.stop()
        if self._worker is not None:
            self._worker.cancel()


def _looks_at(folder: Path, checkpoint: Path | None) -> Callable[[], RunState]:
    """A function that looks at a run, for the worker: it imports what reads files, and so torch."""

    @functools.cache
    def look() -> "RunLook":
        from model.files.run_look import RunLook

        return RunLook(folder, checkpoint)

    return lambda: look().look()

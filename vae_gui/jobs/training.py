"""The training that the window shows: started here, or elsewhere; looked at, paused, stopped."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from model.files.run import RunPaths
from model.files.run_reader import RunReader
from model.files.run_request import Request, make_request, withdraw_request
from model.files.run_summary import RunStage, RunSummary
from vae_gui.jobs.trainer import Trainer
from vae_gui.jobs.worker import Worker

PERIOD_MS = 300  # between two looks at a training
REST_MS = 2000  # at a run that nobody trains
SOON_MS = 10


class Training(QObject):
    """One run: whoever trains it, it is looked at in its folder and asked by a file there.

    Attributes:
        folder: of the run; None: none yet.
        run: what the last look found; None before the first, and where there is no run (any more).
        failure: why the process that was started here failed; empty if it did not.

    Signals:
        changed: something of the above.
        begun (Path): the folder of a run that was started here is there: it can be opened.
        ended: the process that was started here has ended.
    """

    changed = Signal()
    begun = Signal(Path)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.run: RunSummary | None = None
        self.failure = ""
        self.wanted: Request | None = None
        self._trainer = Trainer(self)
        self._trainer.ended.connect(self._end)
        self._reader: RunReader | None = None
        self._worker: Worker | None = None
        self._has_begun = False
        self._acts: list[Callable[[], None]] = []
        self._is_to_go_on = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._begin_to_look)

    # What is known

    @property
    def is_starting(self) -> bool:
        """Whether the process is there, and not its first sign in the folder."""
        return self._trainer.is_running and not self._has_begun

    @property
    def is_under_way(self) -> bool:
        """Whether the run is being trained, by whomever, or was started here and goes on."""
        trains = self.run is not None and self.run.stage.is_under_way
        return trains or self._trainer.is_running

    @property
    def is_paused(self) -> bool:
        """Whether it waits."""
        return self.run is not None and self.run.stage is RunStage.PAUSED

    @property
    def is_of_this_window(self) -> bool:
        """Whether a process that was started here goes on."""
        return self._trainer.is_running

    @property
    def pid(self) -> int | None:
        """The number of the process that was started here."""
        return self._trainer.pid

    # What can be done

    def start(self, flags: Sequence[str], folder: Path) -> None:
        """Start a new run, in a folder that the flags name."""
        self._take(folder)
        try:
            self._trainer.start(flags)
        except OSError as error:
            self.failure = f"The training cannot be started ({error.strerror or error})."
        self.changed.emit()

    def go_on(self) -> None:
        """Go on with a run that is paused, or was stopped or killed, once a new look tells which.

        The look before may be a moment old: who trained the run then may have been killed since.
        """
        self.wanted = None
        self._is_to_go_on = True
        self._begin_to_look()

    def pause(self) -> None:
        """Have it wait after its step, until it is asked to go on."""
        self._ask(Request.PAUSE)

    def stop(self) -> None:
        """Have it end after its step, with everything saved."""
        if self.is_starting:
            self._trainer.interrupt()
            self.wanted = Request.STOP
            self.changed.emit()
        else:
            self._ask(Request.STOP)

    def watch(self, folder: Path) -> None:
        """Look at another run, unless a training of this window goes on."""
        if not self._trainer.is_running and folder != self.folder:
            self._take(folder)
            self.changed.emit()

    def close(self) -> None:
        """The window goes: whatever trains is left to itself."""
        self._pause.stop()
        self._trainer.let_go()
        if self._worker is not None:
            self._worker.close()

    # Inside

    def _take(self, folder: Path) -> None:
        self.failure, self.wanted, self._has_begun = "", None, False
        if folder != self.folder:
            self.folder, self.run, self._is_to_go_on = folder, None, False
            self._reader = RunReader(folder)
            if self._worker is not None:
                self._worker.cancel()
        self._begin_to_look()

    def _ask(self, request: Request) -> None:
        assert self.folder is not None
        path = RunPaths(self.folder).request
        self.wanted = request
        self._act(lambda: make_request(path, request))
        self.changed.emit()

    def _act(self, act: Callable[[], None]) -> None:
        """Write to the folder, beside the GUI thread: a disk may take its time."""
        self._acts.append(act)
        self._begin_to_look()

    def _begin_to_look(self) -> None:
        reader = self._reader
        if reader is None:
            return
        if self._worker is not None and self._worker.busy:
            self._pause.start(SOON_MS)
            return
        if self._worker is None:
            self._worker = Worker(self)
        acts, self._acts = self._acts, []
        is_to_go_on, self._is_to_go_on = self._is_to_go_on, False

        def job() -> Generator[object, None, None]:
            for act in acts:
                act()
            yield reader.look()

        self._pause.stop()
        self._worker.start(job, partial(self._see, is_to_go_on), self._refuse)

    def _see(self, is_to_go_on: bool, run: object) -> None:
        assert run is None or isinstance(run, RunSummary)
        before, self.run = self.run, run
        if is_to_go_on:
            self._go_on()
        is_under_way = run is not None and run.stage.is_under_way
        usual = PERIOD_MS if is_under_way or self._trainer.is_running else REST_MS
        self._pause.start(SOON_MS if self._acts else usual)
        if self.is_starting and is_under_way and run is not None:
            self._has_begun = True
            self.begun.emit(run.folder)
        if self.wanted is Request.PAUSE and self.is_paused:
            self.wanted = None
        if not is_under_way and not self._trainer.is_running:
            self.wanted = None
        if run != before:
            self.changed.emit()

    def _go_on(self) -> None:
        assert self.folder is not None
        self._trainer.look()
        if self.run is not None and self.run.stage.is_under_way:
            paths = RunPaths(self.folder)
            self._act(lambda: withdraw_request(paths.request))
        elif not self._trainer.is_running:
            self.start(["--resume", str(self.folder)], self.folder)

    def _refuse(self, error: Exception) -> None:
        """The folder does not take a request."""
        self.wanted = None
        reason = error.strerror if isinstance(error, OSError) else None
        self.failure = f"The training cannot be asked ({reason or error})."
        self._pause.start(PERIOD_MS)
        self.changed.emit()

    def _end(self, failure: str) -> None:
        stopped_by_hand = self.wanted is Request.STOP
        self.wanted = None
        self.failure = "" if stopped_by_hand else failure
        self._begin_to_look()
        self.changed.emit()
        self.ended.emit()

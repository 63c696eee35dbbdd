"""A thread for long jobs. No other file knows threads."""

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt, Signal

Job = Callable[[], Generator[object, None, None]]
"""Long work as a generator function without Qt; what it yields are its results."""


@dataclass(eq=False)
class _Request:
    """One call of `Worker.start`; its identity tells its results from those of others."""

    job: Job
    on_result: Callable[[object], None]
    on_error: Callable[[Exception], None]
    cancelled: threading.Event = field(default_factory=threading.Event)


class Worker(QObject):
    """Runs long jobs one at a time, beside the GUI thread. The newest job wins.

    Starting a job cancels the one under way, at its next yield, and replaces one that waits. The
    callbacks run in the GUI thread; those of a job that was cancelled are never called, even where
    its result was already on its way.

    Signals:
        busy_changed (bool): whether a job is under way or waiting.
    """

    busy_changed = Signal(bool)
    _delivered = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current: _Request | None = None  # the GUI thread's: the request that still counts
        self._waiting: _Request | None = None  # shared, under the condition
        self._closed = False  # set by the GUI thread, read by both
        self._condition = threading.Condition()
        # Emitted in the worker's thread, handled in this object's.
        self._delivered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        # Not a daemon: Python waits for it at exit, and so never ends amid torch's import.
        self._thread = threading.Thread(target=self._work, name="worker")
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job is under way or waiting."""
        return self._current is not None

    def start(
        self,
        job: Job,
        on_result: Callable[[object], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Run a job; call `on_result` with each thing it yields, or `on_error` once.

        Once the worker is closed, this does nothing.
        """
        if self._closed:
            return
        request = _Request(job, on_result, on_error)
        self._cancel_current()
        self._current = request
        with self._condition:
            self._waiting = request
            self._condition.notify()
        self.busy_changed.emit(True)

    def cancel(self) -> None:
        """Drop the job under way, at its next yield, and one that waits."""
        with self._condition:
            self._waiting = None
        if self._current is not None:
            self._cancel_current()
            self.busy_changed.emit(False)

    def close(self) -> None:
        """Cancel what runs and let the thread end. Does not wait for it."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        self.cancel()

    def join(self) -> None:
        """Wait until the thread has ended, after `close`."""
        self._thread.join()

    def _cancel_current(self) -> None:
        if self._current is not None:
            self._current.cancelled.set()
            self._current = None

    def _deliver(self, request: _Request, result: object) -> None:
        """In the GUI thread: pass on a result that is still wanted."""
        if request is not self._current:
            return
        ended = result is _DONE or isinstance(result, Exception)
        if ended:
            self._current = None
        if isinstance(result, Exception):
            request.on_error(result)
        elif result is not _DONE:
            request.on_result(result)
        if ended and self._current is None:  # on_error may have started another job
            self.busy_changed.emit(False)

    def _work(self) -> None:
        """In the worker's thread: take the newest request, until closed."""
        while self._run_next():
            pass

    def _run_next(self) -> bool:
        """Wait for a request and run it. While it waits, it holds nothing of the last one."""
        request = self._next()
        if request is None:
            return False
        try:
            with closing(request.job()) as results:
                for result in results:
                    if request.cancelled.is_set():
                        break
                    self._delivered.emit(request, result)
            self._delivered.emit(request, _DONE)
        except Exception as error:
            self._delivered.emit(request, error)
        return True

    def _next(self) -> _Request | None:
        with self._condition:
            self._condition.wait_for(lambda: self._waiting is not None or self._closed)
            request, self._waiting = self._waiting, None
            return None if self._closed else request


_DONE = object()

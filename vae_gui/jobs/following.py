"""Following a run: looks at its directory again and again, whoever writes it."""

import functools
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from model.files.run import RunPaths, run_around
from model.files.run_state import RunState, Stage
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document
from vae_gui.state.timeline import CurvePoint, Moment, Story, Timeline

if TYPE_CHECKING:
    from model.files.run_curve import RunCurve
    from model.files.snapshots import Snapshot

# Looking costs a few stats. A QFileSystemWatcher would not do: it looks at the disk in the GUI
# thread, and hears nothing of what another machine writes to a shared disk.
PERIOD_MS = 500
WAITING_MS = 100  # somebody looks at an empty plane until its first points are there
_MAY_GO_ON = (Stage.GOING_ON, Stage.UNREADABLE)


@dataclass(frozen=True)
class Seen:
    """What one look found: how far a run is, and its course."""

    state: RunState
    story: Story


class Following(QObject):
    """Watches one run: one that is waited for, or the one that the open model belongs to.

    Each look happens in a worker; while one takes long, as on a disk that hangs, no other begins.
    Only the files count, so that it does not matter who writes them, and where; and of their times
    only that they change. What it finds of the run's course goes to the timeline. A run that is
    gone is looked for less often: it comes back where a shared disk was away. It stops by itself
    where the first look finds no run, where another run has taken the place of the one that is
    open, and when something else is to be opened.

    Attributes:
        folder: the run that is watched, or was watched last; None: none.
        waits: whether it is one that there is nothing to show of yet.
        shown: the epoch that is open; 0 where none is.
        state: what the last look found; None before the first.

    Signals:
        changed: another run is watched, or none, or the last look found something new.
        ready (Path): there is something to show of the run that was waited for.
    """

    changed = Signal()
    ready = Signal(Path)

    def __init__(
        self,
        opening: Opening,
        document: Document,
        timeline: Timeline,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.checkpoint: Path | None = None
        self.waits = False
        self.shown = 0
        self.state: RunState | None = None
        self._document = document
        self._timeline = timeline
        self._asked_for: Path | None = None
        self._began: str | None = None  # the run that is watched, as it says itself
        self._worker: Worker | None = None
        self._look: Callable[[], Seen] | None = None
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._begin_to_look)
        opening.began.connect(self._note)
        opening.unready.connect(self.wait_for)
        opening.opened.connect(self._follow_what_is_open)
        opening.failed.connect(self._follow_what_is_open)

    @property
    def newer(self) -> int:
        """The epoch that can be shown in place of the open one; 0 if there is none.

        Where there is a timeline, the hand finds it there.
        """
        if self._timeline.is_there or self.state is None or self.waits:
            return 0
        return self.state.epoch if self.state.epoch > self.shown else 0

    @property
    def is_waiting(self) -> bool:
        """Whether there is nothing to show of a run yet, but may be."""
        return self.waits and (self.state is None or self.state.stage in _MAY_GO_ON)

    def wait_for(self, folder: Path) -> None:
        """Watch a run until there is something to show of it."""
        self._watch(folder, None, 0, waits=True)

    def stop(self) -> None:
        """Watch nothing any more."""
        self._end_the_look()
        if self.folder is not None:
            self.folder = self.checkpoint = self.state = self._look = None
            self.waits = False
            self.changed.emit()

    def close(self) -> None:
        """The window goes: stop, and let the worker go."""
        self.stop()
        if self._worker is not None:
            self._worker.close()

    def _note(self, asked_for: Path) -> None:
        self._asked_for = asked_for
        self.stop()

    def _follow_what_is_open(self) -> None:
        """Watch the run that the open model belongs to, unless another one is waited for."""
        model = self._document.model
        folder = None if model is None else run_around(model.path)
        if self.waits or model is None or folder is None:
            return
        run = RunPaths(folder)
        checkpoint = model.path if model.path in (run.best, run.last) else None
        shown = model.checkpoint.epoch if model.is_read else 0
        self._watch(folder, checkpoint, shown, waits=False)

    def _watch(self, folder: Path, checkpoint: Path | None, shown: int, *, waits: bool) -> None:
        self._end_the_look()
        self.folder, self.checkpoint = folder, checkpoint
        self.waits, self.shown, self.state, self._began = waits, shown, None, None
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

    def _take(self, seen: object) -> None:
        assert isinstance(seen, Seen)
        state = seen.state
        before, self.state = self.state, state
        if before is None and state.stage is Stage.GONE and not self.waits:
            self.stop()  # a checkpoint that only has the name of one in a run
            return
        if state.stage in (Stage.GOING_ON, Stage.ENDED):
            if not self.waits and self._began not in (None, state.started):
                self.stop()  # another run: what is open is not of it
                return
            self._began = state.started
        if self.waits and self.folder is not None and (state.epoch or seen.story.moments):
            self._end_the_look()
            self.ready.emit(self.folder)
            return
        if not self.waits and state.stage in (Stage.GOING_ON, Stage.ENDED):
            self._tell(seen.story)
        if state.stage in _MAY_GO_ON:
            self._pause.start(WAITING_MS if self.waits else PERIOD_MS)
        elif state.stage is Stage.GONE or not self.waits:
            self._pause.start(10 * PERIOD_MS)  # it may come back, or be continued
        if state != before:
            self.changed.emit()

    def _tell(self, story: Story) -> None:
        """Tell the timeline; the first time, also where on it the open model is."""
        timeline, model = self._timeline, self._document.model
        is_first = not timeline.moments
        timeline.take(story)
        if is_first and story.moments and model is not None:
            follows = story.goes_on and self._asked_for != model.path  # that file, and no other
            timeline.begin(self._place_of_what_is_open(story), follows=follows)
            self.changed.emit()

    def _place_of_what_is_open(self, story: Story) -> int | None:
        """The step of the moment that the open model is of; None if it is of none."""
        model = self._document.model
        assert model is not None
        for moment in story.moments:
            if moment.path == model.path or (moment.ends_epoch and moment.epoch == self.shown):
                return moment.step
        return None

    def _give_up(self, error: Exception) -> None:
        """A look raises nothing: what it raises all the same is a defect, and ends the watch."""
        self.stop()
        raise error

    def _end_the_look(self) -> None:
        self._pause.stop()
        if self._worker is not None:
            self._worker.cancel()


def _looks_at(folder: Path, checkpoint: Path | None) -> Callable[[], Seen]:
    """A function that looks at a run, for the worker: it imports what reads files, and so torch."""

    @functools.cache
    def looks() -> tuple[Callable[[], RunState], Callable[[bool], Story]]:
        from model.files.run_curve import CurveLook
        from model.files.run_look import RunLook
        from model.files.snapshots import SnapshotLook

        snapshots, curve = SnapshotLook(folder), CurveLook(folder)
        return (
            RunLook(folder, checkpoint).look,
            lambda goes_on: _story(snapshots.look(), curve.look(), goes_on),
        )

    def look() -> Seen:
        look_at_state, look_at_story = looks()
        state = look_at_state()
        goes_on = state.stage is Stage.GOING_ON and not state.is_lost
        return Seen(state, look_at_story(goes_on))

    return look


def _story(snapshots: "list[Snapshot]", curve: "RunCurve", goes_on: bool) -> Story:
    """The course of a run, from its snapshots and the numbers of its epochs."""
    elbos = {e.step: e.validation["elbo"] for e in curve.epochs if "elbo" in e.validation}
    moments = (
        Moment(
            each.step, each.epoch, each.ends_epoch, each.path, each.version, elbos.get(each.step)
        )
        for each in snapshots
    )
    points = (CurvePoint(e.step, e.epoch, elbos[e.step]) for e in curve.epochs if e.step in elbos)
    return Story(tuple(moments), tuple(points), curve.planned, goes_on)

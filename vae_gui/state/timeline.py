"""The timeline of a run: its snapshots in order, which of them is wanted, and which is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.state.glide import GLIDE_MS

SPEEDS = (0.5, 1.0, 2.0, 4.0)
SNAPSHOT_MS = 400  # that each is shown for when it is played at speed 1


@dataclass(frozen=True)
class Moment:
    """A snapshot on the timeline.

    Attributes:
        step: after which its weights were saved; 0: untrained. No two moments have the same.
        epoch: the epoch of that step, from 1; 0: untrained.
        ends_epoch: whether that step is the last of its epoch.
        path: its file.
        version: changes whenever the file is written anew.
        elbo: of the validation images, in nats per image; None where it was not measured.
    """

    step: int
    epoch: int
    ends_epoch: bool
    path: Path
    version: tuple[int, ...] = ()
    elbo: float | None = None


class CurvePoint(NamedTuple):
    """The validation ELBO after an epoch, in nats per image, and the step that ended it."""

    step: int
    epoch: int
    elbo: float


@dataclass(frozen=True)
class Story:
    """What one look at a run found of its course.

    Attributes:
        moments: in the order of their steps.
        curve: of all epochs that are done, whether they have a snapshot or not.
        epochs: how many the run is to have; 0 where that is not known.
        goes_on: whether there may be more to come.
    """

    moments: tuple[Moment, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    epochs: int = 0
    goes_on: bool = False


class Timeline(QObject):
    """The moments of the run that a document belongs to. It reads no file and computes nothing.

    The hand, a key or the clock says which moment is *wanted*. Whoever has its points ready shows
    it, and says that it is *shown*. Until then the one before stays: what the plane shows and what
    the timeline says of it are always of one snapshot.

    Attributes:
        story: what is known of the run.
        follows: whether the newest moment is wanted as soon as there is one.
        is_playing: whether one moment after the other becomes wanted by itself.
        speed: one of `SPEEDS`.
        made: the steps of the moments that can be shown at once.
        is_all_made: whether no more of them become ready by themselves.
        broken: those whose file cannot be read, by step, with a sentence each.
        train: the ELBO of the training images of its epoch so far, by step, as far as it is known.
        kl: the mean KL of the test images with the weights of a moment, by step, as far as they
            are encoded; it stays known when a moment has to make room for another one.

    Signals:
        changed: there are other moments, or more is known of them.
        wanted_changed: another moment is to be shown.
        shown_changed: another moment is shown.
        made_changed: others can be shown at once, or cannot be read.
        playing_changed: it plays or rests, or at another speed.
    """

    changed = Signal()
    wanted_changed = Signal()
    shown_changed = Signal()
    made_changed = Signal()
    playing_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.story = Story()
        self.follows = False
        self.speed = 1.0
        self.made: frozenset[int] = frozenset()
        self.is_all_made = True
        self.broken: dict[int, str] = {}
        self.train: dict[int, float] = {}
        self.kl: dict[int, float] = {}
        self._places: dict[int, int] = {}  # the index of each step
        self._wanted: int | None = None  # steps
        self._shown: int | None = None
        self._by_hand = False  # what is wanted was chosen with the mouse
        self._clock = QTimer(self, interval=SNAPSHOT_MS)
        self._clock.timeout.connect(self._play_on)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The snapshots in the order of their steps."""
        return self.story.moments

    @property
    def is_there(self) -> bool:
        """Whether there is anything to scrub through: two moments at least."""
        return len(self.moments) > 1

    @property
    def wanted(self) -> int | None:
        """The index of the moment that is to be shown; None before one is."""
        return self._index_of(self._wanted)

    @property
    def shown(self) -> int | None:
        """The index of the moment that is shown; None where what is shown is none of them."""
        return self._index_of(self._shown)

    @property
    def best(self) -> CurvePoint | None:
        """The epoch with the highest validation ELBO, the first of equals."""
        return max(self.story.curve, key=lambda point: point.elbo, default=None)

    @property
    def is_playing(self) -> bool:
        """Whether one moment after the other becomes wanted by itself."""
        return self._clock.isActive()

    @property
    def glide_ms(self) -> float:
        """How long points are on their way to the moment that is wanted; 0 under the hand."""
        if self._by_hand:
            return 0.0
        return min(GLIDE_MS, SNAPSHOT_MS / self.speed) if self.is_playing else GLIDE_MS

    def clear(self) -> None:
        """Another model is open: know nothing."""
        self._clock.stop()
        self.story, self.follows = Story(), False
        self._places = {}
        self.made, self.is_all_made = frozenset(), True
        self.broken, self.train, self.kl = {}, {}, {}
        self._wanted = self._shown = None
        self.changed.emit()
        self.made_changed.emit()
        self.playing_changed.emit()

    def take(self, story: Story) -> None:
        """Know more of the run. A moment that can be shown stays, even if its file has gone."""
        there = {moment.step for moment in story.moments}
        kept = [m for m in self.moments if m.step not in there and m.step in self.made]
        moments = sorted([*story.moments, *kept], key=lambda moment: moment.step)
        new = Story(tuple(moments), story.curve or self.story.curve, story.epochs, story.goes_on)
        if new == self.story:
            return
        before = {moment.step: moment.version for moment in self.moments}
        same = {moment.step for moment in moments if before.get(moment.step) == moment.version}
        self.story = new
        self._places = {moment.step: index for index, moment in enumerate(moments)}
        self.broken = {step: why for step, why in self.broken.items() if step in same}
        self.kl = {step: kl for step, kl in self.kl.items() if step in same}
        self.changed.emit()
        if self.follows:
            self._want(self._newest())

    def begin(self, shown: int | None, *, follows: bool) -> None:
        """Say which moment is shown already, by its step, and whether newer ones are to follow."""
        self._shown = self._wanted = shown
        self.follows = follows
        self.shown_changed.emit()
        self.wanted_changed.emit()
        if follows:
            self._want(self._newest())

    def go_to(self, index: int) -> None:
        """Want a moment, as the hand does; the newest of a run that goes on is followed.

        Where there is none any more, as after another model was opened, nothing is wanted.
        """
        if self.moments:
            self.pause()
            self._go(index, by_hand=True)

    def walk(self, steps: int) -> None:
        """Want the moment so many places further, as far as there are any."""
        place = self.wanted if self.wanted is not None else self.shown
        if self.moments:
            self.pause()
            self._go(0 if place is None else place + steps)

    def follow(self) -> None:
        """Want the newest moment, and each that comes."""
        self.pause()
        self.follows = True
        self._want(self._newest())
        self.changed.emit()

    def play_or_pause(self) -> None:
        """Play on from here, or from the beginning where this is the end; or rest."""
        if self.is_playing:
            self.pause()
        elif self.is_there:
            if self.wanted in (None, len(self.moments) - 1):
                self._go(0)
            self.follows = False
            self._clock.start(round(SNAPSHOT_MS / self.speed))
            self.playing_changed.emit()

    def pause(self) -> None:
        """Rest."""
        if self.is_playing:
            self._clock.stop()
            self.playing_changed.emit()

    def set_speed(self, speed: float) -> None:
        """Play faster or slower."""
        if speed != self.speed:
            self.speed = speed
            self._clock.setInterval(round(SNAPSHOT_MS / speed))
            self.playing_changed.emit()

    def set_shown(self, step: int) -> None:
        """Say that the moment with this step is shown now."""
        if step != self._shown:
            self._shown = step
            self.shown_changed.emit()

    def set_made(self, steps: Iterable[int], *, is_all: bool) -> None:
        """Say which moments can be shown at once, and whether no more become so by themselves."""
        made = frozenset(steps)
        if (made, is_all) != (self.made, self.is_all_made):
            self.made, self.is_all_made = made, is_all
            self.made_changed.emit()

    def set_broken(self, step: int, why: str) -> None:
        """Say that the file of a moment cannot be read; whoever plays or walks leaves it out."""
        self.broken[step] = why
        self.made_changed.emit()
        if self._wanted == step:
            self._want(self._shown)

    def set_train(self, step: int, elbo: float) -> None:
        """Say the ELBO of the training images that was measured up to a moment of its epoch."""
        self.train[step] = elbo

    def set_kl(self, step: int, kl: float) -> None:
        """Say the mean KL of the test images with the weights of a moment, in nats."""
        self.kl[step] = kl

    def nearest_made(self, index: int) -> int | None:
        """The index of the nearest moment that can be shown at once; None if there is none."""
        made = [i for i, moment in enumerate(self.moments) if moment.step in self.made]
        return min(made, key=lambda i: abs(i - index), default=None)

    def _go(self, index: int, *, by_hand: bool = False) -> None:
        index = max(0, min(index, len(self.moments) - 1))
        self.follows = self.story.goes_on and index == len(self.moments) - 1
        self._want(self.moments[index].step, by_hand=by_hand)

    def _want(self, step: int | None, *, by_hand: bool = False) -> None:
        self._by_hand = by_hand
        if step is not None and step != self._wanted:
            self._wanted = step
            self.wanted_changed.emit()

    def _newest(self) -> int | None:
        readable = [m.step for m in self.moments if m.step not in self.broken]
        return readable[-1] if readable else None

    def _play_on(self) -> None:
        """Go on, once what is wanted is shown; rest at the end."""
        if self._shown != self._wanted:
            return
        place = self.wanted
        later = [] if place is None else range(place + 1, len(self.moments))
        found = next((i for i in later if self._plays(self.moments[i].step)), None)
        if found is None:
            self.pause()
        else:
            self._go(found)

    def _plays(self, step: int) -> bool:
        """Where there is no room for all moments, a film goes over those that are ready."""
        return step in self.made if self.is_all_made else step not in self.broken

    def _index_of(self, step: int | None) -> int | None:
        return None if step is None else self._places.get(step)

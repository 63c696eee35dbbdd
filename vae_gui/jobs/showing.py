"""Showing the moments of a timeline: makes them ready beside the hand, and puts them in place."""

from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from model.printable import printable
from vae_gui.jobs.made_moments import Key, MadeMoments
from vae_gui.jobs.snapshot_encoding import MadeMoment, encode_snapshot
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document
from vae_gui.state.pending import Pending
from vae_gui.state.timeline import Moment, Timeline

# For the moments that are ready, in bytes: a hundred snapshots of the default model.
ROOM = 480 * 2**20
REST_MS = 300  # without another moment, until the file of the one that is shown is read as a whole


class Showing(QObject):
    """Makes moments ready, one at a time, and shows the one that is wanted once it is.

    In this order: the one that is wanted, the newest, and then the others from coarse to fine, so
    that a hand that scrubs soon finds something everywhere. While the one that is wanted is not
    ready, the nearest that is takes its place. Where there is no room for all, those stay that were
    made first; others are made when they are wanted, and go again.

    Signals:
        failed (str, Exception): the first file of a run that cannot be read, as a sentence, and
            what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self,
        document: Document,
        timeline: Timeline,
        pending: Pending,
        parent: QObject | None = None,
        room: int | None = None,
    ) -> None:
        """Show the moments of a timeline in a document; those that are ready take `room` bytes."""
        super().__init__(parent)
        self._document = document
        self._timeline = timeline
        self._pending = pending
        self._made = MadeMoments(ROOM if room is None else room)
        self._put: Key | None = None  # what the document has, as it was opened or put there
        self._unreadable: Key | None = None  # what was put there, and whose file has gone since
        self._read: Key | None = None  # what was put there, and read as a whole
        self._images: NDArray[np.uint8] | None = None  # that the moments are encoded of
        self._label: int | None = None  # the class of the model that they are encoded for
        self._worker = Worker(self)
        self._under_way: Key | None = None
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._go_on)
        document.opened.connect(self._forget)
        document.test_changed.connect(self._take_images)
        timeline.changed.connect(self._show_wanted)
        timeline.shown_changed.connect(self._note_what_is_open)
        timeline.wanted_changed.connect(self._show_wanted)
        self._worker.busy_changed.connect(self._tell)

    @property
    def bytes(self) -> int:
        """What the moments that are ready take of the memory."""
        return self._made.bytes

    @property
    def busy(self) -> bool:
        """Whether a moment is being made ready."""
        return self._worker.busy

    def made(self, step: int) -> MadeMoment | None:
        """The moment after a step, if it is ready."""
        moment = next((m for m in self._timeline.moments if m.step == step), None)
        return None if moment is None else self._made.get(_key(moment))

    def close(self) -> None:
        """The window goes: show nothing any more."""
        self._rest.stop()
        self._worker.close()

    # Showing

    def _note_what_is_open(self) -> None:
        """A run is opened at one of its epochs: that stays as it is, in full precision."""
        shown = self._timeline.shown
        if self._put is None and shown is not None:
            self._put = self._read = _key(self._timeline.moments[shown])

    def _show_wanted(self) -> None:
        """Show what is wanted, or the nearest that is ready; then make the next one ready."""
        timeline = self._timeline
        wanted, shown = timeline.wanted, timeline.shown
        if wanted is not None and self._document.test is not None:
            index = wanted
            key = _key(timeline.moments[wanted])
            if key not in self._made and wanted != shown:
                nearest = timeline.nearest_made(wanted)
                index = wanted if nearest is None else nearest
            self._put_in_place(index)
        self._go_on()

    def _put_in_place(self, index: int) -> None:
        moment = self._timeline.moments[index]
        key = _key(moment)
        made, test = self._made.get(key), self._document.test
        if key == self._put:
            self._say_where_they_were(index)
        if made is None or test is None or key == self._put:
            return
        self._put = key
        self._rest.start()
        model, images = made.unpack(test, self._before(index))
        self._document.replace_weights(
            model,
            images,
            glide_ms=self._timeline.glide_ms,
            keeps_scales=not self._timeline.follows,
        )
        self._timeline.set_shown(moment.step)

    def _before(self, index: int) -> MadeMoment | None:
        """The moment before one, if it is ready."""
        return self._made.get(_key(self._timeline.moments[index - 1])) if index else None

    def _say_where_they_were(self, index: int) -> None:
        """The moment before the one that is shown may have become ready only now."""
        document, before = self._document, self._before(index)
        model, test = document.model, document.test
        if before is None or model is None or test is None or test.former is not None:
            return
        if document.glide is None:
            images = replace(test, former=before.means.astype(np.float64))
            document.replace_weights(model, images, document.training, keeps_scales=True)

    # Making

    def _take_images(self) -> None:
        """What was made of other images is of no use, nor what was made for another class."""
        test = self._document.test
        if test is not None and (test.images is not self._images or test.label != self._label):
            self._images, self._label = test.images, test.label
            self._made.clear()
            self._worker.cancel()
            self._under_way = None
        self._go_on()

    def _go_on(self) -> None:
        """Do what is most urgent, unless something is under way."""
        if self._under_way is None and self._document.test is not None:
            moment = self._next_to_make()
            if self._wants_reading() and (moment is None or not self._is_wanted(moment)):
                self._read_what_is_shown()
            elif moment is not None:
                self._make(moment)
        self._say_what_is_made()
        self._tell()

    def _next_to_make(self) -> Moment | None:
        """The most urgent of the moments that are not ready and should be."""
        moments, broken = self._timeline.moments, self._timeline.broken
        missing = [
            i
            for i, moment in enumerate(moments)
            if _key(moment) not in self._made and moment.step not in broken
        ]
        wanted = self._timeline.wanted
        if wanted in missing and self._is_wanted(moments[wanted]):
            return moments[wanted]
        if not missing or not self._made.has_room:
            return None
        return moments[next(i for i in coarse_to_fine(len(moments)) if i in missing)]

    def _is_wanted(self, moment: Moment) -> bool:
        """Whether a moment is the one to show, and is not shown yet."""
        wanted = self._timeline.wanted
        is_it = wanted is not None and self._timeline.moments[wanted] is moment
        return is_it and _key(moment) != self._put

    def _make(self, moment: Moment) -> None:
        model, test = self._document.model, self._document.test
        assert model is not None
        assert test is not None
        key, path = _key(moment), moment.path
        dimensions, images, label = model.latent_dim, test.images, test.label
        self._under_way = key

        def take(made: object) -> None:
            if isinstance(made, MadeMoment):
                self._keep(key, made)

        def give_up(error: Exception) -> None:
            self._under_way = None
            self._refuse(moment, error)

        self._worker.start(lambda: encode_snapshot(path, dimensions, images, label), take, give_up)

    def _keep(self, key: Key, made: MadeMoment) -> None:
        self._under_way = None
        self._made.keep(key, made)
        if made.label is None:  # each class has another one
            self._timeline.set_kl(key[0], made.kl)
        if "elbo" in made.train:
            self._timeline.set_train(key[0], made.train["elbo"])
        self._say_what_is_made()
        self._show_wanted()

    def _refuse(self, moment: Moment, error: Exception) -> None:
        from model.files.checkpoint_format import CheckpointError

        sentence = (
            str(error)
            if isinstance(error, CheckpointError)
            else f"{printable(moment.path.name)} cannot be shown: {error}."
        )
        is_first = not self._timeline.broken
        self._timeline.set_broken(moment.step, sentence)
        if is_first:
            self.failed.emit(sentence, error)
        self._go_on()

    def _wants_reading(self) -> bool:
        """Whether the hand rests on a moment of which nobody said yet that all of it is known."""
        model, put = self._document.model, self._put
        if model is None or put is None or self._rest.isActive():
            return False
        return put not in (self._unreadable, self._read)

    def _read_what_is_shown(self) -> None:
        """Read the checkpoint of the moment that is shown: panels describe it."""
        model, key = self._document.model, self._put
        assert model is not None
        self._under_way = key

        def job() -> Generator[object, None, None]:
            yield model.checkpoint

        def take(_: object) -> None:
            self._under_way = None
            if self._document.model is model:
                self._read = key
                self._document.know_all()
            self._go_on()

        def give_up(_: Exception) -> None:
            """Its file has gone: panels do without."""
            self._under_way, self._unreadable = None, key
            self._go_on()

        self._worker.start(job, take, give_up)

    # Inside

    def _say_what_is_made(self) -> None:
        moments = self._timeline.moments
        by_key = {_key(moment): moment.step for moment in moments}
        self._made.keep_only(by_key)  # others were written anew, or are gone
        self._timeline.set_made(
            (by_key[key] for key in self._made), is_all=self._next_to_make() is None
        )

    def _tell(self, _: bool = False) -> None:
        """Something is on its way that will be seen while what is wanted is not shown."""
        timeline = self._timeline
        waits = timeline.wanted != timeline.shown and self._worker.busy
        self._pending.set_working(self, waits)

    def _forget(self) -> None:
        """Another model is open."""
        self._worker.cancel()
        self._under_way = self._put = self._unreadable = self._read = None
        self._made.clear()
        self._rest.stop()
        self._timeline.clear()
        self._tell()


def coarse_to_fine(count: int) -> Iterator[int]:
    """The numbers below a count: the last, the first, then those halfway between known ones."""
    known: set[int] = set()
    last = count - 1
    if last < 0:
        return
    width = 1 << max(0, last.bit_length())
    while width >= 1:
        for index in (last, *range(0, count, width)):
            if index not in known:
                known.add(index)
                yield index
        width //= 2


def _key(moment: Moment) -> Key:
    return moment.step, moment.version

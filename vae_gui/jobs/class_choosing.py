"""Choosing the class of a model whose plane is shown: encodes the test images for it."""

from collections.abc import Generator

from PySide6.QtCore import QObject, Signal

from vae_gui.jobs.class_encoding import encode_for_class
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.glide import GLIDE_MS
from vae_gui.state.pending import Pending
from vae_gui.style.palette import CLASS_COUNT

Plane = tuple[OpenModel, EncodedImages]
"""The model with one class shown, and the test images as it encodes them for that class."""


class ClassChoosing(QObject):
    """Shows another class of a model with classes, as other weights of the same model.

    The planes of all classes are made ready in the background, the one that is wanted first, so
    that a key shows another class at once. They are kept until the model has other weights.

    Attributes:
        wanted: the class that is to be shown, or is; None without classes.

    Signals:
        changed: another class is wanted.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    changed = Signal()
    failed = Signal(str, Exception)

    def __init__(self, document: Document, pending: Pending, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._pending = pending
        self.wanted: int | None = None
        self._planes: dict[int, Plane] = {}
        self._digest = ""  # of the model that they are of
        self._broken: set[int] = set()
        self._worker: Worker | None = None
        document.opened.connect(self._forget)
        document.test_changed.connect(self._take)

    @property
    def is_there(self) -> bool:
        """Whether there is anything to choose."""
        model = self._document.model
        return model is not None and model.label is not None and self._document.test is not None

    @property
    def ready(self) -> frozenset[int]:
        """The classes that are shown at once when they are chosen."""
        return frozenset(self._planes)

    def choose(self, label: int) -> None:
        """Show the plane of a class, at once or as soon as the images are encoded for it."""
        if self.is_there and label != self.wanted:
            self.wanted = label
            self.changed.emit()
            self._show_wanted()

    def _forget(self) -> None:
        """Another model is open."""
        self._drop()
        model = self._document.model
        self._digest = ""
        self.wanted = None if model is None else model.label
        self.changed.emit()

    def _drop(self) -> None:
        self._planes.clear()
        self._broken.clear()
        if self._worker is not None:
            self._worker.cancel()
        self._pending.set_working(self, False)

    def _take(self) -> None:
        """The test images are encoded, or encoded anew: by other weights, or for another class."""
        model, test = self._document.model, self._document.test
        if model is None or test is None or model.label is None:
            return
        if model.digest != self._digest:
            self._drop()
            self._digest = model.digest
        self._planes[model.label] = model, test
        if self.wanted is None:
            self.wanted = model.label
            self.changed.emit()
        self._show_wanted()

    def _show_wanted(self) -> None:
        """Show the class that is wanted, or have it made; and then all others."""
        document, wanted = self._document, self.wanted
        assert document.model is not None
        assert wanted is not None
        if document.model.label != wanted and wanted in self._planes:
            model, test = self._planes[wanted]
            document.replace_weights(model, test, glide_ms=GLIDE_MS)  # it calls `_take` again
            return
        if wanted in self._broken:
            self.wanted = document.model.label
            self.changed.emit()
        self._make_next()

    def _make_next(self) -> None:
        assert self.wanted is not None
        order = (self.wanted, *range(CLASS_COUNT))
        missing = [k for k in order if k not in self._planes and k not in self._broken]
        waits = self._document.model is not None and self._document.model.label != self.wanted
        self._pending.set_working(self, waits)
        model, test = self._document.model, self._document.test
        if not missing or model is None or test is None:
            return
        if not model.is_read and not waits:
            return  # a snapshot under the hand: its file is read where the hand rests
        self._make(model, missing[0], test)

    def _make(self, model: OpenModel, label: int, test: EncodedImages) -> None:
        if self._worker is None:
            self._worker = Worker(self)

        def job() -> Generator[object, None, None]:
            yield from encode_for_class(model, label, test)

        def take(made: object) -> None:
            if isinstance(made, tuple):
                self._planes[label] = made
                self._show_wanted()

        def give_up(error: Exception) -> None:
            self._broken.add(label)
            if label == self.wanted:
                self.failed.emit(f"Class {label} could not be shown: {error}", error)
            self._show_wanted()

        self._worker.start(job, take, give_up)

"""Surveying: has the plane of a viewpoint surveyed while somebody needs it, and again when due."""

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.jobs.plane_survey import Fraction, Survey, survey, with_density
from vae_gui.jobs.worker import Job, Worker
from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.plane_decoder import PlaneDecoder
from vae_gui.state.viewpoint import Viewpoint

REST_MS = 300  # without other weights or another slice, until a plane is surveyed anew
PRIOR_REACH = 3.0  # the survey covers it, and all test images
MARGIN = 0.04


class Surveying(QObject):
    """The survey of a viewpoint's plane: never one of other weights or of another slice.

    Attributes:
        survey: the finest so far; None while there is none.
        done: how far the one under way is, from 0 to 1; None before it has begun.

    Signals:
        progressed: the one under way is farther.
        changed: there is a survey, or a better one.
        forgotten: what was known is of weights or of a slice that are gone.
        failed (Exception): the plane cannot be surveyed.
    """

    progressed = Signal()
    changed = Signal()
    forgotten = Signal()
    failed = Signal(Exception)

    def __init__(self, viewpoint: Viewpoint, parent: QObject) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = document = viewpoint.document
        self.survey: Survey | None = None
        self.done: float | None = None
        self._is_needed = False
        self._asked: tuple[PlaneDecoder, EncodedImages | None] | None = None
        self._worker: Worker | None = None
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._ask)
        for signal in (document.opened, document.weights_replaced, viewpoint.slice_changed):
            signal.connect(self._forget)
        for signal in (
            document.model_changed,
            document.test_changed,
            document.training_changed,
            viewpoint.slice_changed,
        ):
            signal.connect(self._ask_soon)

    def need(self, needed: bool) -> None:
        """Survey the plane now and whenever it changes, or no more; what is under way is ended."""
        self._is_needed = needed
        if needed:
            self._ask()
        else:
            self._rest.stop()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way."""
        return not self._rest.isActive() and not self._is_busy

    def close(self) -> None:
        """The plane goes."""
        self.need(False)
        if self._worker is not None:
            self._worker.close()

    @property
    def _is_busy(self) -> bool:
        return self._worker is not None and self._worker.busy

    def _forget(self) -> None:
        self.survey = self.done = self._asked = None
        if self._worker is not None:
            self._worker.cancel()
        self.forgotten.emit()

    def _ask_soon(self) -> None:
        if self._is_needed:
            self._rest.start()

    def _ask(self) -> None:
        """Have the plane surveyed, unless it is, or is about to be."""
        model, slice_ = self._document.model, self._viewpoint.slice
        if not self._is_needed or model is None or slice_.dimensions < 2:
            return
        asked = decoder, images = PlaneDecoder(model, slice_), self._images()
        if asked == self._asked and (self._is_busy or self.survey is not None):
            return
        job: Job
        if self.survey is not None and images is not None and not self._is_busy:
            job = partial(with_density, self.survey, images)
        else:
            job = partial(survey, decoder, *self._bounds(), images)
        self._asked = asked
        if self._worker is None:
            self._worker = Worker(self)
        self._worker.start(job, self._take, self.failed.emit)

    def _images(self) -> EncodedImages | None:
        """Those whose q(z|x) are summed: the training images, or while they are not there others.

        In a turned plane each q(z|x) has a correlation, and is not summed here.
        """
        document = self._document
        if self._viewpoint.slice.turn is not None:
            return None
        return document.test if document.training is None else document.training

    def _bounds(self) -> tuple[Array, Array]:
        """What is surveyed: the prior's middle and all test images."""
        low, high = np.full(2, -PRIOR_REACH), np.full(2, PRIOR_REACH)
        test = self._document.test
        if test is not None:
            places = self._viewpoint.slice.place(test.means, test.labels)
            low, high = np.minimum(low, places.min(0)), np.maximum(high, places.max(0))
        margin = MARGIN * (high - low)
        return low - margin, high + margin

    def _take(self, result: object) -> None:
        if isinstance(result, Fraction):
            self.done = result.done
            self.progressed.emit()
        elif isinstance(result, Survey):
            self.survey = result
            self.changed.emit()

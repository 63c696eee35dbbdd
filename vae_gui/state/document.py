"""A document: an open model, the images as it encodes them, and what is measured of them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from vae_gui.state.encoded import Array, EncodedImages, OpenModel
from vae_gui.state.glide import Glide
from vae_gui.state.measures import MEASURES, Measure, Measurements, Subject
from vae_gui.state.measures.label_accuracy import LabelAccuracy


class Document(QObject):
    """One model with its encoded images and their measures. Empty until a model is opened.

    Signals:
        opened: another model is open, or none any more: what one knew of the places and images of
            the old one means nothing now.
        weights_replaced: the model is about to have other weights: what follows is of these.
        model_changed: the model is another one, or has other weights.
        model_read: all of the model is known; before, that was perhaps only its preview.
        test_changed: the test images are encoded, or gone.
        training_changed: the training images are encoded, or gone.
        measures_changed: more is known of some images.
        glided: the test images are painted elsewhere, on their way to where other weights have
            them.
        label_accuracy_changed: the share of test images in the region of their label is known.
        neighbour_accuracy_changed: the share whose nearest training images have their label is.
    """

    opened = Signal()
    weights_replaced = Signal()
    model_changed = Signal()
    model_read = Signal()
    test_changed = Signal()
    training_changed = Signal()
    measures_changed = Signal()
    glided = Signal()
    label_accuracy_changed = Signal()
    neighbour_accuracy_changed = Signal()

    def __init__(
        self, measures: Mapping[str, Measure] = MEASURES, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.table = measures
        self.model: OpenModel | None = None
        self.test: EncodedImages | None = None
        self.training: EncodedImages | None = None
        self.measures: Measurements | None = None  # of the test images
        self.training_measures: Measurements | None = None
        self.label_accuracy: LabelAccuracy | None = None  # None: not measured
        self.neighbour_accuracy: LabelAccuracy | None = None  # likewise
        self.glide: Glide | None = None
        self.awaits_training = False  # the training images are being encoded, or will be
        self.training_can_come = True  # they can be encoded, if somebody wants to see them
        self.keeps_scales = False  # colours mean the same numbers as before the last weights

    @property
    def label(self) -> int | None:
        """The class that is shown, of a model with classes; None of any other, or without one."""
        return None if self.model is None else self.model.label

    @property
    def painted(self) -> EncodedImages | None:
        """The test images where they are painted: on their way during a glide."""
        return self.test if self.glide is None else self.glide.images

    def open(self, model: OpenModel) -> None:
        """Take another model in place of this one; its images are still to be encoded."""
        self._take(model, None, None)
        self.awaits_training = True
        self.opened.emit()
        self._tell()

    def close(self) -> None:
        """Have no model open any more."""
        self._take(None, None, None)
        self.opened.emit()
        self._tell()

    def replace_weights(
        self,
        model: OpenModel,
        test: EncodedImages,
        training: EncodedImages | None = None,
        *,
        glide_ms: float = 0.0,
        keeps_scales: bool = False,
    ) -> None:
        """Take other weights of the same model, as a run that is still learning writes them.

        Args:
            model: the model with its new weights.
            test: the same test images, encoded by it.
            training: the same training images, if they are encoded yet.
            glide_ms: for how long the points are painted on their way; 0: they jump.
            keeps_scales: whether colours go on to mean the same numbers.

        Raises:
            ValueError: the model has another number of latent dimensions, or other images.
        """
        same = self.model is not None and self.model.latent_dim == model.latent_dim
        if not same or self.test is None or not self.test.shows_the_same_as(test):
            raise ValueError("other weights need the model and the images that are open")
        before, has_other_weights = self.painted, model is not self.model
        self._take(model, test, training)
        if glide_ms and before is not None:
            self.glide = Glide(before.means, test, glide_ms)
        if has_other_weights or training is not None:
            self.awaits_training = False
        self.keeps_scales = keeps_scales
        if has_other_weights:
            self.weights_replaced.emit()
        self._tell()

    def glide_to(self, fraction: float) -> None:
        """Paint the points farther on their way; from 1 on, they have arrived."""
        if self.glide is not None:
            glide = replace(self.glide, fraction=fraction)
            self.glide = None if fraction >= 1.0 else glide
            self.glided.emit()

    def paint_on_the_way(self, before: Array, fraction: float) -> None:
        """Paint the points so far on their way from other places (N, D), and leave them there."""
        if self.test is not None:
            self.glide = Glide(before, self.test, fraction=fraction) if fraction < 1.0 else None
            self.glided.emit()

    def know_all(self) -> None:
        """Say that the open model, of which a preview was shown, has been read."""
        self.model_read.emit()

    def set_test(self, images: EncodedImages) -> None:
        """Take the encoded test images of the open model."""
        self.test, self.glide = images, None
        self.measures = self._measurements(images)
        self.test_changed.emit()
        self.measures_changed.emit()

    def set_training(self, images: EncodedImages) -> None:
        """Take the encoded training images of the open model."""
        self.training = images
        self.awaits_training = False
        self.training_measures = self._measurements(images, is_training=True)
        self.training_changed.emit()
        self.measures_changed.emit()

    def await_training(self, awaits: bool, *, can_come: bool = True) -> None:
        """Say whether the training images are on their way, and whether they ever can come."""
        if (awaits, can_come) != (self.awaits_training, self.training_can_come):
            self.awaits_training, self.training_can_come = awaits, can_come
            self.training_changed.emit()

    def measure(self, measures: Measurements, key: str, first: int, values: object) -> None:
        """Keep values of a measure, for the images from an index on."""
        measures.fill(key, first, np.asarray(values, dtype=np.float64))
        self.measures_changed.emit()

    def set_label_accuracy(self, accuracy: LabelAccuracy) -> None:
        """Keep the share of test images that lie where their own label is the likeliest."""
        self.label_accuracy = accuracy
        self.label_accuracy_changed.emit()

    def set_neighbour_accuracy(self, accuracy: LabelAccuracy) -> None:
        """Keep the share of test images whose nearest training images have their label."""
        self.neighbour_accuracy = accuracy
        self.neighbour_accuracy_changed.emit()

    def _take(
        self,
        model: OpenModel | None,
        test: EncodedImages | None,
        training: EncodedImages | None,
    ) -> None:
        self.model, self.test, self.training = model, test, training
        self.keeps_scales, self.training_can_come = False, True
        self.glide = None
        self.measures = None if test is None else self._measurements(test)
        self.training_measures = None
        if training is not None:
            self.training_measures = self._measurements(training, is_training=True)
        self.label_accuracy = self.neighbour_accuracy = None

    def _tell(self) -> None:
        self.model_changed.emit()
        self.test_changed.emit()
        self.training_changed.emit()
        self.measures_changed.emit()

    def _measurements(self, images: EncodedImages, *, is_training: bool = False) -> Measurements:
        assert self.model is not None
        return Measurements(self.table, Subject(self.model, images, is_training=is_training))

"""Encodes the training images with a snapshot's weights, where the hand rests on one."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.jobs.class_encoding import of_one_class, taken_for
from vae_gui.jobs.opening import encoded_images
from vae_gui.jobs.worker import Worker
from vae_gui.state.appearance import Appearance
from vae_gui.state.document import Document
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.pending import Pending

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

REST_MS = 400  # without other weights, until the training images are encoded with these
KEPT = 8  # snapshots, of which places and widths are kept: some 2 MB each
NEEDING = ("training", "regions", "difference")  # the layers that show the training images
_AT_ONCE = 500

Identity = tuple[str, int | None]
"""Of a model with its weights, as `OpenModel.identity`."""


@dataclass(frozen=True, eq=False)
class TrainingImages:
    """The training images of a data set, read and binarised once for all snapshots.

    Attributes:
        dataset: its name.
        pixels: (N, 784) uint8, zeros and ones.
        images: (N, 28, 28) uint8 grey values.
        labels: (N,).
    """

    dataset: str
    pixels: "Tensor"
    images: "NDArray[np.uint8]"
    labels: "NDArray[np.int64]"


class TrainingEncoding(QObject):
    """Waits until the hand rests on a snapshot while a layer needs the training images.

    What is under way is dropped as soon as the model has other weights. The places of the last few
    snapshots are kept.

    Signals:
        progressed (str): what is going on; empty when nothing is.
    """

    progressed = Signal(str)

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        pending: Pending,
        data_dir: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Encode for a document whose layers an appearance switches."""
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._pending = pending
        self._data_dir = data_dir
        self._images: TrainingImages | None = None
        self._kept: dict[Identity, EncodedImages] = {}  # by that of the snapshot, the oldest first
        self._given_up: set[Identity] = set()
        self._worker: Worker | None = None
        self._is_of_a_snapshot = False
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._begin)
        document.opened.connect(self._forget)
        document.weights_replaced.connect(self._wait_anew)
        appearance.layers_changed.connect(self._look)
        appearance.colouring_changed.connect(self._look)

    def close(self) -> None:
        """The window goes: encode nothing any more."""
        self._drop()
        if self._worker is not None:
            self._worker.close()

    @property
    def is_wanted(self) -> bool:
        """Whether something is shown that needs the training images, and they can still come."""
        document, appearance = self._document, self._appearance
        if document.model is None or document.training is not None or not self._is_of_a_snapshot:
            return False
        if document.model.identity in self._given_up:
            return False
        measure = document.table.get(appearance.colouring or "")
        is_coloured = measure is not None and measure.needs_training
        return is_coloured or any(map(appearance.is_shown, NEEDING))

    def _forget(self) -> None:
        """Another model is open, which encodes its training images itself."""
        self._is_of_a_snapshot = False
        self._drop()
        self._kept.clear()
        self._given_up.clear()

    def _wait_anew(self) -> None:
        """The model is about to have other weights: those of a snapshot."""
        self._drop()
        self._is_of_a_snapshot = True
        self._rest.start()
        self._tell()

    def _drop(self) -> None:
        self._rest.stop()
        if self._worker is not None:
            self._worker.cancel()
        self.progressed.emit("")
        self._tell()

    def _look(self) -> None:
        """Other layers are shown: perhaps the images are needed now, or not any more."""
        is_busy = self._worker is not None and self._worker.busy
        if not self.is_wanted:
            if is_busy:
                self._drop()
                self._document.await_training(False)
        elif not is_busy and not self._rest.isActive():
            self._begin()

    def _begin(self) -> None:
        model = self._document.model
        if model is not None and self.is_wanted:
            kept = self._kept.get(model.identity)
            if kept is not None:
                self._document.set_training(kept)
            else:
                self._start(model)
        self._tell()

    def _start(self, model: OpenModel) -> None:
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(self._tell)
        images, data_dir = self._images, self._data_dir

        def take(result: object) -> None:
            if isinstance(result, TrainingImages):
                self._images = result
            elif isinstance(result, EncodedImages):
                self._keep(model, result)
            else:
                self.progressed.emit(f"Encoding the training digits … {result} %")

        self._document.await_training(True)
        self._worker.start(
            lambda: _encode(model, images, data_dir), take, lambda error: self._give_up(model)
        )

    def _keep(self, model: OpenModel, images: EncodedImages) -> None:
        self.progressed.emit("")
        self._kept[model.identity] = images
        for identity in list(self._kept)[:-KEPT]:
            del self._kept[identity]
        if self._document.model is model:
            self._document.set_training(images)

    def _give_up(self, model: OpenModel) -> None:
        """Its file has gone, or the data have: the layers say that they have none."""
        self.progressed.emit("")
        self._given_up.add(model.identity)
        if self._document.model is model:
            self._document.await_training(False, can_come=False)

    def _tell(self, _: bool = False) -> None:
        is_busy = self._worker is not None and self._worker.busy
        waits = self._rest.isActive() and self.is_wanted
        self._pending.set_working(self, is_busy or waits)


def _encode(
    model: OpenModel, images: TrainingImages | None, data_dir: Path | None
) -> Generator[object, None, None]:
    """Read what is not read yet, then encode all: in a worker, on one thread."""
    import torch

    from model.latent.decoding import posteriors
    from model.latent.threads import use_threads

    use_threads(1)  # the hand goes first
    checkpoint = model.checkpoint
    yield 0
    dataset = checkpoint.training.dataset
    if images is None or images.dataset != dataset:
        images = _read(dataset, data_dir)
        yield images
    own = yield from _own(model, images.pixels)
    means, deviations, count = [], [], len(own)
    for some in torch.split(own, _AT_ONCE):
        posterior = posteriors(model.vae, images.pixels[some].float())
        means.append(posterior.mean)
        deviations.append(posterior.log_variance.div(2).exp())
        yield 100 * min(count, len(means) * _AT_ONCE) // count
    mean, deviation = (torch.cat(parts).double().numpy() for parts in (means, deviations))
    grey, labels = images.images, images.labels
    if model.label is not None:
        grey, labels = grey[own.numpy()], labels[own.numpy()]
    encoded = encoded_images(dataset, "training", mean, deviation, grey, labels)
    yield of_one_class(encoded, model.label)


def _own(model: OpenModel, pixels: "Tensor") -> Generator[object, None, "Tensor"]:
    """The indices of the images of the class that is shown; of all, where there are no classes."""
    import torch

    if model.label is None:
        return torch.arange(len(pixels))
    labelled, parts = model.labelled, []
    assert labelled is not None
    for batch in torch.split(pixels, _AT_ONCE):
        parts.append(taken_for(labelled, batch.float(), model.label))
        yield 0
    return torch.cat(parts).nonzero().squeeze(1)


def _read(dataset: str, data_dir: Path | None) -> TrainingImages:
    from model.data.binarise import binarise_once
    from model.data.datasets import load_training

    read = load_training(dataset, data_dir)
    pixels = binarise_once(read.images).flatten(1).byte()
    return TrainingImages(dataset, pixels, read.images.squeeze(1).numpy(), read.labels.numpy())

"""Opening a checkpoint: from a path to an open document, or to a sentence."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from model import assets
from model.printable import printable
from vae_gui.jobs.class_encoding import classify, of_one_class
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document
from vae_gui.state.encoded import Array, EncodedImages, OpenModel
from vae_gui.state.workspace import Workspace

if TYPE_CHECKING:
    from model.data.datasets import Images
    from model.files.preview import Preview


@dataclass(frozen=True)
class Encoding:
    """The progress of an encoding. A worker can also be cancelled at each of these."""

    what: str
    percent: int


@dataclass(frozen=True)
class EncodedTraining:
    """The encoded training images; a type of their own tells them from the test images."""

    images: EncodedImages


@dataclass(frozen=True)
class ModelRead:
    """The checkpoint has been read, and torch is there."""


Result = OpenModel | ModelRead | Encoding | EncodedImages | EncodedTraining


def open_checkpoint(
    path: Path, data_dir: Path | None, label: int = 0
) -> Generator[Result, None, None]:
    """Read a checkpoint and encode the data that it was trained on: the test set, then the rest.

    It yields the model as soon as it can decode, then the encoded test images, then the training
    images. torch is imported here, which takes a second or two: a worker iterates this. Of the
    bundled model, both come first as they are kept in its preview.

    Args:
        path: a checkpoint, or a run (its directory, or a file that only a run has), which means its
            best checkpoint.
        data_dir: where the data are cached, if not in the usual place.
        label: the class that is shown first of a model with classes.

    Raises:
        NoEpochYet: a run that has no checkpoint yet.
        CheckpointError: the file is not a sound checkpoint, or its encoder is broken.
        DataError: the data cannot be had; the model was yielded before.
    """
    from model.files.run import title_of
    from model.files.run_look import checkpoint_named_by

    path = checkpoint_named_by(path)
    preview = _preview_of(path)
    if preview is None:
        model = yield from _read(path, title_of(path), data_dir, label)
    else:
        model = OpenModel(path, title_of(path), preview=preview)
        yield model
        yield _previewed(preview, data_dir)
        _ = model.checkpoint
    yield ModelRead()

    from model.data.datasets import load_training

    training = load_training(model.checkpoint.training.dataset, data_dir)
    yield EncodedTraining((yield from _encode(model, training, "training")))


def _preview_of(path: Path) -> "Preview | None":
    if path != assets.PRETRAINED:
        return None
    from model.files.preview import read_preview

    return read_preview(assets.PREVIEW, path)


def _previewed(preview: "Preview", data_dir: Path | None) -> EncodedImages:
    """The test images as the preview has them."""
    from model.data.raw import TEST, raw_files

    files = raw_files("mnist", data_dir)
    images, labels = files.images(TEST), files.labels(TEST).astype(np.int64)
    places = (preview.means, preview.standard_deviations)
    return encoded_images("mnist", "test", *places, images, labels)


def _read(
    path: Path, title: str, data_dir: Path | None, label: int
) -> Generator[Result, None, OpenModel]:
    """Yield the model and its encoded test images."""
    from model.files.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(path)
    model = OpenModel(path, title, checkpoint, label=label if checkpoint.labelled else None)
    yield model
    yield Encoding("test", 0)

    from model.data.datasets import load_test
    from model.files.checkpoint_format import CheckpointError
    from model.latent.usable import why_unusable

    test = yield from _encode(model, load_test(checkpoint.training.dataset, data_dir), "test")
    if reason := why_unusable(model.vae, test.means, test.standard_deviations):
        raise CheckpointError(
            f"{printable(path.name)} cannot be shown: {reason}; train a model with train_cli.py."
        )
    yield test
    return model


def _encode(
    model: OpenModel, images: "Images", what: str
) -> Generator[Encoding, None, EncodedImages]:
    """Encode images; of a model with classes those of training that it takes for the one shown."""
    import torch

    from model.data.binarise import binarise_once
    from model.latent.decoding import BATCH, posteriors

    x, grey, labels = binarise_once(images.images).flatten(1), images.images, images.labels
    classified = None if model.labelled is None else classify(model.labelled, x)
    if classified is not None and what == "training":
        own = classified.argmax(1) == model.label
        x, grey, labels, classified = x[own], grey[own], labels[own], None
    parts = []
    for batch in torch.split(x, BATCH):
        parts.append(posteriors(model.vae, batch))
        yield Encoding(what, 100 * len(parts) * BATCH // len(x))
    encoded = encoded_images(
        model.checkpoint.training.dataset,
        what,
        torch.cat([part.mean for part in parts]).double().numpy(),
        torch.cat([part.log_variance for part in parts]).div(2).exp().double().numpy(),
        grey.squeeze(1).numpy(),
        labels.numpy(),
    )
    return of_one_class(encoded, model.label, classified)


def encoded_images(
    dataset: str,
    what: str,
    means: Array,
    standard_deviations: Array,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
) -> EncodedImages:
    """Encoded images, with their names and their source."""
    from model.data.catalogue import BINARISATION_SEED, DATASETS

    info = DATASETS[dataset]
    return EncodedImages(
        means,
        standard_deviations,
        images,
        labels,
        info.class_names,
        f"{info.title} {what} set, {len(images):,} posterior means "
        f"(pixels binarised once, seed {BINARISATION_SEED})",
    )


class Opening(QObject):
    """Opens checkpoints in a worker. A bad file leaves the document as it was.

    Signals:
        began (Path): somebody wants this opened.
        progressed (str): what is going on; empty when nothing is.
        opened (Path): a model is open.
        finished: its test images are encoded too.
        read: the checkpoint has been read, and torch is there.
        unready (Path, str): this run has finished no epoch yet; and a sentence that says so.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    began = Signal(Path)
    progressed = Signal(str)
    opened = Signal(Path)
    finished = Signal()
    read = Signal()
    unready = Signal(Path, str)
    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        data_dir: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._workspace = workspace
        self._pending = workspace.pending
        self._data_dir = data_dir
        self._worker = Worker(self)
        self._worker.busy_changed.connect(lambda busy: self._pending.set_working(self, busy))
        self._unfinished: Path | None = None  # what is being opened
        self._model: OpenModel | None = None  # what was opened last
        self._is_read = False
        document.model_changed.connect(self._leave_other_weights)
        self._interrupted: list[Path] = []  # what was, until newer requests came

    def open(self, path: Path) -> None:
        """Open a checkpoint or a run directory, in place of one that is still being opened.

        If the new one turns out to be bad, or is not ready, the other is taken up again.
        """
        if self._unfinished is not None:
            self._interrupted.append(self._unfinished)
        self.began.emit(path)
        self._start(path)

    def stop(self) -> None:
        """Open nothing any more: drop what is on its way."""
        self._unfinished = None
        self._interrupted.clear()
        self._worker.cancel()
        self.progressed.emit("")

    def _start(self, path: Path) -> None:
        self._unfinished = path
        self.progressed.emit(f"Opening {printable(path.name)} …")
        label = self._first_class()
        self._worker.start(
            lambda: open_checkpoint(path, self._data_dir, label), self._on_result, self._on_error
        )

    def _first_class(self) -> int:
        """The class that a model with classes shows first: that of the chosen digit."""
        viewpoint = self._workspace.viewpoint
        test, chosen = viewpoint.document.test, viewpoint.selected
        return 0 if test is None or chosen is None else int(test.labels[chosen])

    def _on_result(self, result: object) -> None:
        if isinstance(result, OpenModel):
            self._interrupted.clear()
            self._model, self._is_read = result, False
            self._document.open(result)
            self.opened.emit(result.path)
        elif isinstance(result, Encoding):
            self.progressed.emit(f"Encoding the {result.what} digits … {result.percent} %")
        elif isinstance(result, EncodedImages):
            self._unfinished = None
            self._document.set_test(result)
            self.progressed.emit("")
            self.finished.emit()
        elif isinstance(result, ModelRead):
            self._is_read = True
            self._document.know_all()
            self.read.emit()
            self._leave_other_weights()
        elif isinstance(result, EncodedTraining):
            self._document.set_training(result.images)
            self.progressed.emit("")

    def _leave_other_weights(self) -> None:
        """Where other weights are shown meanwhile, the training images of these are of no use."""
        is_open = self._document.model is self._model
        if not is_open and self._is_read and self._unfinished is None and self._worker.busy:
            self._worker.cancel()
            self.progressed.emit("")

    def _on_error(self, error: Exception) -> None:
        from model.data.cache import DataError
        from model.files.checkpoint_format import CheckpointError
        from model.files.run_look import NoEpochYet

        known = isinstance(error, (CheckpointError, DataError))
        sentence = str(error) if known else f"This could not be opened: {error}."
        self.progressed.emit("")
        self._unfinished = None
        if isinstance(error, NoEpochYet):
            self.unready.emit(error.folder, sentence)
        else:
            self.failed.emit(sentence, error)
        if self._interrupted:
            self._start(self._interrupted.pop())

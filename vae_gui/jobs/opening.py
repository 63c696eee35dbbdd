"""Opening a checkpoint: from a path to an open document, or to a sentence."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from model.printable import printable
from vae_gui.jobs.worker import Worker
from vae_gui.state.document import Document
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.workspace import Workspace

if TYPE_CHECKING:
    from model.data.datasets import Images
    from model.files.checkpoint import Checkpoint


@dataclass(frozen=True)
class Encoding:
    """The progress of an encoding. A worker can also be cancelled at each of these."""

    what: str
    percent: int


@dataclass(frozen=True)
class EncodedTraining:
    """The encoded training images; a type of their own tells them from the test images."""

    images: EncodedImages


Result = OpenModel | Encoding | EncodedImages | EncodedTraining


def open_checkpoint(path: Path, data_dir: Path | None) -> Generator[Result, None, None]:
    """Read a checkpoint and encode the data that it was trained on: the test set, then the rest.

    It yields the model as soon as it can decode, then the encoded test images, then the training
    images. torch is imported here, which takes a second or two: a worker iterates this.

    Args:
        path: a checkpoint, or a run (its directory, config.json or metrics.jsonl), which means its
            best checkpoint.
        data_dir: where the data are cached, if not in the usual place.

    Raises:
        NoEpochYet: a run that has no checkpoint yet.
        CheckpointError: the file is not a sound checkpoint, or its encoder is broken.
        DataError: the data cannot be had; the model was yielded before.
    """
    from model.files.checkpoint import CheckpointError, read_checkpoint
    from model.files.run import title_of
    from model.files.run_look import checkpoint_named_by

    path = checkpoint_named_by(path)
    checkpoint = read_checkpoint(path)
    yield OpenModel(path, title_of(path), checkpoint)
    yield Encoding("test", 0)

    from model.data.datasets import load_test, load_training
    from model.latent.usable import why_unusable

    dataset = checkpoint.training.dataset
    test = yield from _encode(checkpoint, load_test(dataset, data_dir), "test")
    vae, deviations = checkpoint.vae, test.standard_deviations
    if reason := why_unusable(vae, test.means, deviations):
        raise CheckpointError(
            f"{printable(path.name)} cannot be shown: {reason}; train a model with train_cli.py."
        )
    yield test
    training = load_training(dataset, data_dir)
    yield EncodedTraining((yield from _encode(checkpoint, training, "training")))


def _encode(
    checkpoint: "Checkpoint", images: "Images", what: str
) -> Generator[Encoding, None, EncodedImages]:
    import torch

    from model.data.binarise import BINARISATION_SEED, binarise_once
    from model.data.datasets import DATASETS
    from model.latent.decoding import BATCH, posteriors

    x = binarise_once(images.images).flatten(1)
    parts = []
    for batch in torch.split(x, BATCH):
        parts.append(posteriors(checkpoint.vae, batch))
        yield Encoding(what, 100 * len(parts) * BATCH // len(x))
    info = DATASETS[checkpoint.training.dataset]
    return EncodedImages(
        means=torch.cat([part.mean for part in parts]).double().numpy(),
        standard_deviations=torch.cat([part.log_variance for part in parts])
        .div(2)
        .exp()
        .double()
        .numpy(),
        images=images.images.squeeze(1).numpy(),
        labels=images.labels.numpy(),
        class_names=info.class_names,
        source=f"{info.title} {what} set, {len(images):,} posterior means "
        f"(pixels binarised once, seed {BINARISATION_SEED})",
    )


class Opening(QObject):
    """Opens checkpoints in a worker. A bad file leaves the document as it was.

    Signals:
        began (Path): somebody wants this opened.
        progressed (str): what is going on; empty when nothing is.
        opened (Path): a model is open.
        finished: its test images are encoded too.
        unready (Path, str): this run has finished no epoch yet; and a sentence that says so.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    began = Signal(Path)
    progressed = Signal(str)
    opened = Signal(Path)
    finished = Signal()
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
        self._pending = workspace.pending
        self._data_dir = data_dir
        self._worker = Worker(self)
        self._worker.busy_changed.connect(lambda busy: self._pending.set_working(self, busy))
        self._unfinished: Path | None = None  # what is being opened
        self._interrupted: list[Path] = []  # what was, until newer requests came

    def open(self, path: Path) -> None:
        """Open a checkpoint or a run directory, in place of one that is still being opened.

        If the new one turns out to be bad, or is not ready, the other is taken up again.
        """
        if self._unfinished is not None:
            self._interrupted.append(self._unfinished)
        self.began.emit(path)
        self._start(path)

    def _start(self, path: Path) -> None:
        self._unfinished = path
        self.progressed.emit(f"Opening {printable(path.name)} …")
        self._worker.start(
            lambda: open_checkpoint(path, self._data_dir), self._on_result, self._on_error
        )

    def _on_result(self, result: object) -> None:
        if isinstance(result, OpenModel):
            self._interrupted.clear()
            self._document.open(result)
            self.opened.emit(result.path)
        elif isinstance(result, Encoding):
            self.progressed.emit(f"Encoding the {result.what} digits … {result.percent} %")
        elif isinstance(result, EncodedImages):
            self._unfinished = None
            self._document.set_test(result)
            self.progressed.emit("")
            self.finished.emit()
        elif isinstance(result, EncodedTraining):
            self._document.set_training(result.images)
            self.progressed.emit("")

    def _on_error(self, error: Exception) -> None:
        from model.data.cache import DataError
        from model.files.checkpoint import CheckpointError
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

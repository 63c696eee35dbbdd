"""Computes the analogies of test digits while somebody looks."""

from collections.abc import Generator

import numpy as np
from PySide6.QtCore import QObject, Signal

from vae_gui.jobs.worker import Worker
from vae_gui.state.analogies import AnalogyChoice, AnalogyRows
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.pending import Pending
from vae_gui.state.viewpoint import Viewpoint


class Analogising(QObject):
    """Encodes the digits of the rows with their labels, and decodes their styles as all classes.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self, viewpoint: Viewpoint, choice: AnalogyChoice, pending: Pending, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document = document = viewpoint.document
        self._choice = choice
        self._pending = pending
        self._asked: tuple[str, tuple[int, ...]] | None = None
        self._worker: Worker | None = None
        for signal in (choice.changed, choice.wanted_changed, document.test_changed):
            signal.connect(self._follow)

    def close(self) -> None:
        """The window goes."""
        self._pending.set_working(self, False)

    def _follow(self) -> None:
        """Other digits are chosen, or by another model; or somebody looks."""
        model, test, choice = self._document.model, self._document.test, self._choice
        if not choice.is_wanted or test is None or model is None or model.label is None:
            return
        if (model.digest, choice.indices) != self._asked:
            self._asked = model.digest, choice.indices
            self._start(model, test, choice.indices)

    def _start(self, model: OpenModel, test: EncodedImages, indices: tuple[int, ...]) -> None:
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(lambda busy: self._pending.set_working(self, busy))

        def take(result: object) -> None:
            assert isinstance(result, AnalogyRows)
            self._choice.show(result)

        def give_up(error: Exception) -> None:
            self._choice.show(None)
            self.failed.emit(f"The analogies could not be computed: {error}.", error)

        self._worker.start(lambda: _yielded(model, test, indices), take, give_up)


def analogy_rows(model: OpenModel, test: EncodedImages, indices: tuple[int, ...]) -> AnalogyRows:
    """The rows of some test digits. In a worker.

    Raises:
        CheckpointError: the checkpoint is needed, and cannot be read.
    """
    import torch

    from model.data.binarise import binarise_once
    from model.latent.analogies import analogies
    from model.latent.threads import use_threads

    use_threads(1)
    network = model.checkpoint.labelled
    assert network is not None
    chosen = list(indices)
    before = torch.from_numpy(test.images[: max(chosen) + 1])  # an image's draws are of its place
    x = binarise_once(before)[chosen].flatten(1)
    found = analogies(network, x, torch.from_numpy(test.labels[chosen]))
    z = found.z.numpy().astype(np.float64)
    return AnalogyRows(indices, test.images[chosen], z, found.images.numpy())


def _yielded(
    model: OpenModel, test: EncodedImages, indices: tuple[int, ...]
) -> Generator[AnalogyRows, None, None]:
    yield analogy_rows(model, test, indices)

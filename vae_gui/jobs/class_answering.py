"""Computes exact p(y|x) of the chosen digit while somebody looks."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vae_gui.jobs.worker import Worker
from vae_gui.state.class_answer import ClassAnswer
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.pending import Pending
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import CLASS_COUNT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.latent.class_posterior import ClassPlane

NO_CLASSES = "This model has no classes."
NO_DIGIT = "No digit is chosen."
ABOVE_M1 = "Not above M1: its decoder leaves out the noise of z1."
DECODES = "Decoding the planes of all classes …"
INTEGRATES = "Integrating p(x|y) …"


class ClassAnswering(QObject):
    """Decodes the planes of all classes once, and then integrates over them for each digit.

    The planes take a quarter of a gigabyte. They go when nobody looks any more.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self, viewpoint: Viewpoint, answer: ClassAnswer, pending: Pending, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._answer = answer
        self._pending = pending
        self._planes: list[ClassPlane] | None = None
        self._digest = ""  # of the model that they are of
        self._asked: tuple[str, int] | None = None
        self._worker: Worker | None = None
        for signal in (
            viewpoint.selection_changed,
            self._document.test_changed,
            self._document.model_read,
            answer.wanted_changed,
        ):
            signal.connect(self._follow)

    def close(self) -> None:
        """The window goes."""
        self._pending.set_working(self, False)

    def _follow(self) -> None:
        """Another digit is chosen, or by another model; or somebody looks, or nobody any more."""
        model, test, index = self._document.model, self._document.test, self._viewpoint.selected
        if not self._answer.is_wanted or model is None or model.digest != self._digest:
            self._planes = None
        why_not = _why_not(model, index)
        if why_not or not self._answer.is_wanted or test is None:
            self._stop()
            self._answer.wait(index, why_not)
            return
        assert model is not None
        assert index is not None
        if (model.digest, index) != self._asked:
            self._asked = model.digest, index
            self._answer.wait(index, DECODES if self._planes is None else INTEGRATES)
            self._start(model, test, index)

    def _stop(self) -> None:
        self._asked = None
        if self._worker is not None:
            self._worker.cancel()

    def _start(self, model: OpenModel, test: EncodedImages, index: int) -> None:
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(lambda busy: self._pending.set_working(self, busy))
        planes, images = self._planes, test.images
        self._digest = model.digest

        def take(result: object) -> None:
            from model.latent.class_posterior import ClassPosterior

            if isinstance(result, list):
                self._planes = result
                self._answer.wait(index, INTEGRATES)
            elif isinstance(result, ClassPosterior):
                self._answer.show(index, result)

        def give_up(error: Exception) -> None:
            self._answer.wait(index, "p(y|x) could not be computed.")
            self.failed.emit(f"p(y|x) could not be computed: {error}.", error)

        self._worker.start(lambda: _answer(model, planes, images, index), take, give_up)


def _why_not(model: OpenModel | None, index: int | None) -> str:
    """Why there is no exact p(y|x); empty where there is."""
    if model is None or model.label is None:
        return NO_CLASSES
    if not model.has_likelihood:
        return ABOVE_M1
    if model.latent_dim != 2:
        return f"Only with two latent dimensions, not {model.latent_dim}."
    return NO_DIGIT if index is None else ""


def _answer(
    model: OpenModel, planes: "list[ClassPlane] | None", images: "NDArray[np.uint8]", index: int
) -> Generator[object, None, None]:
    """The planes, unless they are there, and then exact p(y|x): in a worker, on one thread."""
    import torch

    from model.data.binarise import binarise_once
    from model.latent.class_posterior import class_planes, class_posterior
    from model.latent.threads import use_threads

    use_threads(1)
    if planes is None:
        decoders = [model.given(label).decode_logits for label in range(CLASS_COUNT)]
        planes = yield from class_planes(decoders)
        yield planes
    pixels = binarise_once(torch.from_numpy(images))[index]  # its draws are those of its place
    yield (yield from class_posterior(planes, pixels.flatten().numpy()))

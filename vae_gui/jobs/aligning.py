"""The job that lays one model on another: do both show the same images, and how is it turned."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from vae_gui.jobs.worker import Worker
from vae_gui.state.comparison import Comparison
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.workspace import Workspace

if TYPE_CHECKING:
    from model.latent.procrustes import Alignment


@dataclass(frozen=True)
class Found:
    """Whether two sets are the same images, and how the second's means are turned onto the first's.

    Attributes:
        shows_same: whether they are.
        alignment: None where they are not, or have other dimensions.
    """

    shows_same: bool
    alignment: "Alignment | None"


def lay_on(first: EncodedImages, second: EncodedImages) -> Found:
    """Compare two encoded sets: a few milliseconds, more with hundreds of dimensions."""
    from model.latent.procrustes import align

    same = first.shows_the_same_as(second)
    fits = same and first.means.shape == second.means.shape
    return Found(same, align(second.means, first.means) if fits else None)


class Aligning(QObject):
    """Tells a comparison what is found whenever the test images of either model are encoded."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        """Work for the comparison of a workspace, which has both viewpoints."""
        super().__init__(parent)
        self._comparison: Comparison = workspace.comparison
        self._pending = workspace.pending
        self._worker = Worker(self)
        self._worker.busy_changed.connect(lambda busy: self._pending.set_working(self, busy))
        for viewpoint in workspace.viewpoints:
            viewpoint.document.test_changed.connect(self._begin)

    def _begin(self) -> None:
        assert self._comparison.second is not None
        first = self._comparison.first.document.test
        second = self._comparison.second.document.test
        if first is None or second is None:
            self._worker.cancel()
            return

        def job() -> Generator[object, None, None]:
            yield lay_on(first, second)

        self._worker.start(job, self._take, self._give_up)

    def _take(self, found: object) -> None:
        assert isinstance(found, Found)
        self._comparison.set_found(found.shows_same, found.alignment)

    def _give_up(self, error: Exception) -> None:
        """It raises nothing for two sets of finite means; what it raises is a defect."""
        raise error

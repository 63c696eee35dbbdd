"""What the layers of the aggregate posterior share: its cells, coarse first, for a view."""

from abc import abstractmethod
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from vae_gui.plane.layers.layer import NO_PLANE, Extent, Patch, PictureLayer
from vae_gui.plane.viewport import Bounds, View
from vae_gui.state.encoded import EncodedDigits
from vae_gui.state.session import Session
from vae_gui.style.theme import DARK, Theme

if TYPE_CHECKING:
    from model.latent.aggregate_posterior import AggregatePosterior

# The sides of a cell, in pixels, of the pictures that follow each other.
CELLS = (16.0, 4.0)
MARGIN = 0.15


@dataclass(frozen=True)
class Cells:
    """Square cells that cover a part of the plane.

    Attributes:
        bounds: what they cover.
        columns: along z1.
        rows: along z2.
    """

    bounds: Bounds
    columns: int
    rows: int

    def edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The edges along z1 and z2, both rising."""
        b = self.bounds
        return (
            np.linspace(b.left, b.right, self.columns + 1),
            np.linspace(b.low, b.high, self.rows + 1),
        )


@dataclass(frozen=True)
class _Request:
    view: View
    on_dark: bool
    base: tuple[float, ...]


class AggregateLayer(PictureLayer):
    """A picture of q(z, label) of the training digits, averaged over cells of some pixels."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._mixture: tuple[EncodedDigits, AggregatePosterior] | None = None
        session.training_changed.connect(self._forget)
        session.plane_changed.connect(self.renew)

    def source(self) -> str:
        """What the sum is taken over and where, or why there is none."""
        training, plane = self._session.training, self._session.plane
        if self._session.model is None:
            return ""
        if plane.dimensions < 2:
            return NO_PLANE
        if training is None:
            return "waits for the training digits"
        fixed = f"; {plane.fixed()}" if plane.dimensions > 2 else ""
        return self.statement(f"{len(training.labels):,} training images") + fixed

    @abstractmethod
    def statement(self, images: str) -> str:
        """What is shown of the images that the sum is taken over."""

    def request(self, view: View, theme: Theme) -> Hashable:
        """Another picture for each view: the finer, the closer one looks."""
        if self._session.training is None or self._session.plane.dimensions < 2:
            return None
        return _Request(view, theme is DARK, tuple(self._session.plane.base))

    def extent(self, request: Hashable) -> Extent:
        """Where the cells are, and how wide."""
        assert isinstance(request, _Request)
        view = request.view
        manner = (view.ratio, request.on_dark, request.base)
        return Extent(view.bounds.grown(MARGIN), view.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Sum all q(z|x) over the cells, then over smaller ones."""
        import torch

        assert isinstance(request, _Request)
        torch.set_num_threads(1)
        digits = self._session.training
        if digits is None:
            return
        mixture = self._mixture_of(digits)
        base = torch.tensor(request.base, dtype=torch.float32)
        for side in CELLS:
            cells = cells_for(request.view, side)
            edges = [torch.from_numpy(edge).float() for edge in cells.edges()]
            density = mixture.on_cells(edges[0], edges[1], base).numpy()
            picture = self.colour(density, cells, request.on_dark)
            # Row 0 of a picture is the highest z2.
            yield Patch(np.ascontiguousarray(picture.T[::-1]), cells.bounds)

    @abstractmethod
    def colour(
        self, density: NDArray[np.float32], cells: Cells, on_dark: bool
    ) -> NDArray[np.uint32]:
        """Colours, premultiplied, for q(z, label) in each cell: (K, A, B) -> (A, B)."""

    def _forget(self) -> None:
        self._mixture = None  # with all images of another model
        self.renew()

    def _mixture_of(self, digits: EncodedDigits) -> "AggregatePosterior":
        kept = self._mixture
        if kept is None or kept[0] is not digits:
            kept = self._mixture = (digits, digits.aggregate())
        return kept[1]


def cells_for(view: View, side: float) -> Cells:
    """Cells of about `side` pixels that cover what is seen, and some of what is around it."""
    seen = view.bounds.grown(MARGIN)
    width = side / view.per_unit
    return Cells(seen, max(1, round(seen.width / width)), max(1, round(seen.height / width)))

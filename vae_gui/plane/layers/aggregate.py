"""What the layers of the aggregate posterior share: its cells, coarse first, for a view."""

from abc import abstractmethod
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.layer import (
    NEEDS_A_PLANE,
    NEEDS_NO_TURN,
    NO_PLANE,
    NOT_TURNED,
    Extent,
    Patch,
    PictureLayer,
    why_no_training,
)
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.slice import Slice
from vae_gui.style.palette import Theme

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.viewpoint import Viewpoint

# The sides of a cell, in pixels, of the pictures that follow each other.
CELLS = (16.0, 4.0)
MARGIN = 0.15
DENSEST = 1e30  # no sum of such densities exceeds single precision


@dataclass(frozen=True)
class Cells:
    """Square cells that cover a part of the plane.

    Attributes:
        bounds: what they cover.
        columns: along the first axis.
        rows: along the second axis.
    """

    bounds: Bounds
    columns: int
    rows: int

    def edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The edges along both axes, rising."""
        b = self.bounds
        return (
            np.linspace(b.left, b.right, self.columns + 1),
            np.linspace(b.low, b.high, self.rows + 1),
        )


@dataclass(frozen=True)
class AggregateRequest:
    """The images whose q(z|x) are summed, the part of which slice that is shown, and how."""

    images: EncodedImages
    slice: Slice
    seen: Bounds
    per_unit: float
    ratio: float
    theme: Theme


class AggregateLayer(PictureLayer):
    """A picture of q(z, label) of the training images, averaged over cells of some pixels.

    Attributes:
        words: what it shows, in a few words.
    """

    words: ClassVar[str]

    def source(self, viewpoint: "Viewpoint") -> str:
        """What the sum is taken over and where, or why there is none."""
        document, slice_ = viewpoint.document, viewpoint.slice
        if document.model is None:
            return ""
        if slice_.dimensions < 2:
            return NO_PLANE
        if _cannot_turn(slice_):
            return NOT_TURNED
        if document.training is None:
            return why_no_training(document)
        fixed = f"; {slice_.fixed()}" if slice_.is_cut else ""
        images = f"{len(document.training):,} training images"
        return self.statement(viewpoint, images) + fixed

    def brief(self, viewpoint: "Viewpoint") -> str:
        """What is shown, or why nothing is, in a few words."""
        document = viewpoint.document
        if document.model is None:
            return ""
        if viewpoint.slice.dimensions < 2:
            return NEEDS_A_PLANE
        if _cannot_turn(viewpoint.slice):
            return NEEDS_NO_TURN
        return why_no_training(document) if document.training is None else self.words

    @abstractmethod
    def statement(self, viewpoint: "Viewpoint", images: str) -> str:
        """What is shown of the images that the sum is taken over."""

    def request(
        self, viewpoint: "Viewpoint", view: "View", theme: Theme
    ) -> AggregateRequest | None:
        """Another picture for each view: the finer, the closer one looks."""
        images, slice_ = viewpoint.document.training, viewpoint.slice
        if images is None or slice_.dimensions < 2 or _cannot_turn(slice_):
            return None
        return AggregateRequest(images, slice_, view.bounds, view.per_unit, view.ratio, theme)

    def extent(self, request: Hashable) -> Extent:
        """Where the cells are, and how wide."""
        assert isinstance(request, AggregateRequest)
        manner = (request.images, request.slice, request.ratio, request.theme)
        return Extent(request.seen.grown(MARGIN), request.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Sum all q(z|x) over the cells, then over smaller ones.

        In a turned plane each q(z|x) has a correlation. The cells are then those of the plane as it
        was before, where it has none, and their picture is turned.
        """
        import torch

        from model.latent.threads import use_threads

        assert isinstance(request, AggregateRequest)
        use_threads(1)
        mixture = request.images.aggregate
        base = torch.from_numpy(request.slice.base).float()
        turn = None if request.slice.turn is None else request.slice.directions
        seen = request.seen if turn is None else request.seen.turned_back(turn)
        axes = request.slice.axes if turn is None else (0, 1)
        for side in CELLS:
            cells = cells_for(seen, request.per_unit, side)
            edges = [torch.from_numpy(edge).float() for edge in cells.edges()]
            density = mixture.on_cells(edges[0], edges[1], base, axes).numpy()
            within = np.nan_to_num(density, nan=0.0, posinf=DENSEST).clip(max=DENSEST)
            picture = self.colour(within, cells, request)
            # Row 0 of a picture is the highest of the second axis.
            yield Patch(np.ascontiguousarray(picture.T[::-1]), cells.bounds, turn=turn)

    @abstractmethod
    def colour(
        self, density: NDArray[np.float32], cells: Cells, request: AggregateRequest
    ) -> NDArray[np.uint32]:
        """Colours, premultiplied, for q(z, label) in each cell: (K, A, B) -> (A, B)."""


def _cannot_turn(slice_: Slice) -> bool:
    """Whether a plane is turned through more than its own two dimensions.

    The q(z|x) there, given the other coordinates, have correlations of all kinds.
    """
    return slice_.turn is not None and slice_.is_cut


def cells_for(seen: Bounds, per_unit: float, side: float) -> Cells:
    """Cells of about `side` pixels that cover what is seen, and some of what is around it."""
    covered = seen.grown(MARGIN)
    width = side / per_unit
    columns, rows = round(covered.width / width), round(covered.height / width)
    return Cells(covered, max(1, columns), max(1, rows))

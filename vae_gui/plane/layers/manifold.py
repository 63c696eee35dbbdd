"""The decoded plane under the same axes: each cell is what the decoder draws at its own centre.

Cells fade as their centres become improbable under the prior: the eye stays where digits come from.
"""

import math
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.layer import NEEDS_A_PLANE, NO_PLANE, Patch, PictureLayer
from vae_gui.state.encoded import OpenModel
from vae_gui.state.slice import Slice
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.palette import Theme, rgb

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.viewpoint import Viewpoint

SIDE = 28
# A small cell is at least as wide as its picture has pixels, and less than twice that.
FINEST = 28.0
# Opacity falls as this power of p(z): by p(z) itself, what lies two standard deviations from the
# middle could not be read any more.
FADING = 1.0 / 3.0
OPACITIES = 256
COARSE_LEVELS = 2
MARGIN = 0.1
_CELLS_AT_ONCE = 64
REMEMBERED = 6000


Cell = tuple[int, int, int]
"""Level and place: the cell's width is 2^-level, and it begins at (i, j) widths from the origin."""


class DecodedCells:
    """The images of cells that a model has decoded on a slice: a memo, so that panning is cheap."""

    def __init__(self, model: OpenModel, slice_: Slice) -> None:
        self._model = model
        self._slice = slice_
        self._images: dict[Cell, NDArray[np.uint8]] = {}

    def is_of(self, model: OpenModel, slice_: Slice) -> bool:
        """Whether these are the cells of a model on a slice."""
        return self._model is model and self._slice is slice_

    def __getitem__(self, cell: Cell) -> NDArray[np.uint8]:
        """What a cell shows, (28, 28), once it is decoded."""
        return self._images[cell]

    def decode(self, cells: list[Cell]) -> Generator[None, None, None]:
        """Decode those of some cells that are missing, in steps."""
        missing = [cell for cell in cells if cell not in self._images]
        if len(self._images) + len(missing) > REMEMBERED:
            self._images = {cell: self._images[cell] for cell in cells if cell in self._images}
        for start in range(0, len(missing), _CELLS_AT_ONCE):
            self._decode_at_once(missing[start : start + _CELLS_AT_ONCE])
            yield

    def _decode_at_once(self, cells: list[Cell]) -> None:
        points = [self._slice.to_latent(np.array(centre_of(cell))) for cell in cells]
        means = self._model.decode(np.stack(points))
        images = np.round(255.0 * np.nan_to_num(means)).astype(np.uint8)
        self._images.update(zip(cells, images, strict=True))


@dataclass(frozen=True)
class ManifoldRequest:
    """The cells that cover a part of the plane.

    Attributes:
        cells: what is decoded already, of which model and slice.
        bounds: the part of the plane.
        level: of the finest cells.
        ink: the colour of a pixel whose mean is 1, 0xffRRGGBB.
        paper: that of one whose mean is 0.
    """

    cells: DecodedCells
    bounds: Bounds
    level: int
    ink: int
    paper: int


class ManifoldLayer(PictureLayer):
    """A lattice of decoded digits that becomes finer as one zooms in; coarse cells come first."""

    key = "manifold"
    title = "Manifold"
    tip = (
        "What the decoder draws at the middle of each cell, under the same axes: the mean of "
        "p(x|z), in grey as ink. The less probable a place is under the prior, the fainter its "
        "cell: its opacity is the cube root of p(z), where the largest p(z) counts as 1. Zoom in "
        "for finer cells."
    )
    shortcut = "G"
    starts_visible = False
    starts_opacity = 0.8
    has_sizes = True

    def __init__(self) -> None:
        self._cells: DecodedCells | None = None

    def source(self, viewpoint: "Viewpoint") -> str:
        """What the cells show, or why there are none."""
        if viewpoint.document.model is None:
            return ""
        slice_ = viewpoint.slice
        if slice_.dimensions < 2:
            return NO_PLANE
        fixed = f"; {slice_.fixed()}" if slice_.is_cut else ""
        return f"the mean of p(x|z) at the middle of each cell, grey as ink{fixed}"

    def brief(self, viewpoint: "Viewpoint") -> str:
        """Which ink it uses, in a few words."""
        if viewpoint.document.model is None:
            return ""
        return NEEDS_A_PLANE if viewpoint.slice.dimensions < 2 else "ink: mean p(x|z)"

    def request(self, viewpoint: "Viewpoint", view: "View", theme: Theme) -> ManifoldRequest | None:
        """The cells that cover the view; they lie still while one pans."""
        model, slice_ = viewpoint.document.model, viewpoint.slice
        if model is None or slice_.dimensions < 2:
            return None
        if self._cells is None or not self._cells.is_of(model, slice_):
            self._cells = DecodedCells(model, slice_)
        level = level_for(view) - viewpoint.appearance.size_of(self.key)
        width = 2.0**-level
        seen = view.bounds.grown(MARGIN)
        bounds = Bounds(
            np.floor(seen.left / width) * width,
            np.ceil(seen.right / width) * width,
            np.floor(seen.low / width) * width,
            np.ceil(seen.high / width) * width,
        )
        return ManifoldRequest(self._cells, bounds, level, rgb(theme.text), rgb(theme.surface))

    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Decode coarse cells, then finer ones; what is decoded already is not decoded again."""
        from model.latent.threads import use_threads

        assert isinstance(request, ManifoldRequest)
        use_threads(1)
        shades = _shades(request.paper, request.ink)
        for level in range(request.level - COARSE_LEVELS, request.level + 1):
            cells, bounds = cells_of(request.bounds, level)
            for _ in request.cells.decode([cell for row in cells for cell in row]):
                yield None
            mosaic = [[shades[_fading(cell)][request.cells[cell]] for cell in row] for row in cells]
            yield Patch(np.block(mosaic), bounds)


def level_for(view: "View") -> int:
    """The level of small cells: the finest at which one is at least as wide as its picture."""
    return int(np.floor(np.log2(view.per_unit * view.ratio / view.enlarged / FINEST)))


def centre_of(cell: Cell) -> tuple[float, float]:
    """The middle of a cell, in the plane."""
    level, i, j = cell
    width = 2.0**-level
    return (i + 0.5) * width, (j + 0.5) * width


def cells_of(bounds: Bounds, level: int) -> tuple[list[list[Cell]], Bounds]:
    """The cells of a level that cover a part of the plane, upper row first, and their bounds."""
    width = 2.0**-level
    left, right = int(np.floor(bounds.left / width)), int(np.ceil(bounds.right / width))
    low, high = int(np.floor(bounds.low / width)), int(np.ceil(bounds.high / width))
    cells = [[(level, i, j) for i in range(left, right)] for j in range(high - 1, low - 1, -1)]
    return cells, Bounds(left * width, right * width, low * width, high * width)


def _fading(cell: Cell) -> int:
    """How opaque a cell is, from 0 to 255: by p(z) at its centre, the largest being 1."""
    x, y = centre_of(cell)
    return round((OPACITIES - 1) * math.exp(-0.5 * FADING * (x**2 + y**2)))


def _shades(paper: int, ink: int) -> NDArray[np.uint32]:
    """From paper to ink in 256 even steps, for each opacity: (256, 256), premultiplied."""
    part = np.arange(256)[:, None] / 255.0
    ends = np.array([[(colour >> shift) & 0xFF for shift in (16, 8, 0)] for colour in (paper, ink)])
    red, green, blue = np.round(ends[0] + part * (ends[1] - ends[0])).astype(np.uint32).T
    opaque = np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue
    return with_alpha(opaque.astype(np.uint32), np.linspace(0.0, 1.0, OPACITIES)[:, None])

"""The decoded plane under the same axes: each cell is what the decoder draws at its own centre."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from vae_gui.plane.layers.layer import NO_PLANE, Patch, PictureLayer
from vae_gui.plane.viewport import Bounds, View
from vae_gui.state.encoded import OpenModel
from vae_gui.state.session import Session
from vae_gui.style.theme import Theme

SIDE = 28
# A cell is at least as wide as its picture has pixels, and less than twice that.
FINEST = 28.0
COARSE_LEVELS = 2
MARGIN = 0.1
_CELLS_AT_ONCE = 64
_REMEMBERED = 6000


@dataclass(frozen=True)
class _Request:
    bounds: Bounds
    level: int
    ink: int
    paper: int
    base: tuple[float, ...]


Base = tuple[float, ...]
"""The latent point that the plane goes through."""

Cell = tuple[int, int, int]
"""Level and place: the cell's width is 2^-level, and it begins at (i, j) widths from the origin."""


class ManifoldLayer(PictureLayer):
    """A lattice of decoded digits, finer as one zooms in, coarse cells first."""

    key = "manifold"
    title = "Manifold"
    tip = (
        "What the decoder draws at the middle of each cell, under the same axes. Zoom in for finer "
        "cells."
    )
    shortcut = "G"
    starts_visible = False
    starts_opacity = 0.6

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._memory = _Memory(session.model)
        session.model_changed.connect(self._forget)
        session.plane_changed.connect(self.renew)

    def source(self) -> str:
        """What the cells show, or why there are none."""
        if self._session.model is None:
            return ""
        plane = self._session.plane
        if plane.dimensions < 2:
            return NO_PLANE
        fixed = f"; {plane.fixed()}" if plane.dimensions > 2 else ""
        return f"decoder's means at the middle of each cell{fixed}"

    def request(self, view: View, theme: Theme) -> Hashable:
        """The cells that cover the view; they lie still while one pans."""
        if self._session.model is None or self._session.plane.dimensions < 2:
            return None
        level = level_for(view)
        width = 2.0**-level
        seen = view.bounds.grown(MARGIN)
        bounds = Bounds(
            np.floor(seen.left / width) * width,
            np.ceil(seen.right / width) * width,
            np.floor(seen.low / width) * width,
            np.ceil(seen.high / width) * width,
        )
        ink, paper = (QColor(colour).rgb() for colour in (theme.text, theme.surface))
        return _Request(bounds, level, ink, paper, tuple(self._session.plane.base))

    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Decode coarse cells, then finer ones; cells that are remembered are not decoded again."""
        import torch

        assert isinstance(request, _Request)
        torch.set_num_threads(1)
        palette = _shades(request.paper, request.ink)
        memory = self._memory  # with its model: another may be opened meanwhile
        for level in range(request.level - COARSE_LEVELS, request.level + 1):
            cells, bounds = cells_of(request.bounds, level)
            columns, rows = len(cells[0]), len(cells)
            mosaic = np.zeros((rows * SIDE, columns * SIDE), dtype=np.uint8)
            for _ in memory.decode([cell for row in cells for cell in row], request.base):
                yield None
            for j, row in enumerate(cells):
                for i, cell in enumerate(row):
                    picture = memory.picture_of(cell, request.base)
                    mosaic[j * SIDE : (j + 1) * SIDE, i * SIDE : (i + 1) * SIDE] = picture
            yield Patch(palette[mosaic], bounds)

    def _forget(self) -> None:
        self._memory = _Memory(self._session.model)
        self.renew()


class _Memory:
    """What a model has decoded: pictures of cells, so many that panning needs few new ones."""

    def __init__(self, model: OpenModel | None) -> None:
        self._model = model
        self._pictures: dict[tuple[Base, Cell], NDArray[np.uint8]] = {}

    def picture_of(self, cell: Cell, base: Base) -> NDArray[np.uint8]:
        """What a cell shows, (28, 28), once it is decoded."""
        return self._pictures[base, cell]

    def decode(self, cells: list[Cell], base: Base) -> Generator[None, None, None]:
        """Decode those of some cells that are missing, in steps."""
        missing = [cell for cell in cells if (base, cell) not in self._pictures]
        if len(self._pictures) + len(missing) > _REMEMBERED:
            kept = {(base, cell) for cell in cells}.intersection(self._pictures)
            self._pictures = {key: self._pictures[key] for key in kept}
        for start in range(0, len(missing), _CELLS_AT_ONCE):
            self._decode_at_once(missing[start : start + _CELLS_AT_ONCE], base)
            yield

    def _decode_at_once(self, cells: list[Cell], base: Base) -> None:
        import torch

        from model.latent.decoding import decode

        assert self._model is not None
        z = torch.tensor(base, dtype=torch.float32).repeat(len(cells), 1)
        z[:, :2] = torch.tensor([centre_of(cell) for cell in cells], dtype=torch.float32)
        images = decode(self._model.checkpoint.vae, z).mul(255.0).round().to(torch.uint8).numpy()
        for cell, image in zip(cells, images, strict=True):
            self._pictures[base, cell] = image


def level_for(view: View) -> int:
    """The finest level at which a cell is at least as wide as its picture."""
    return int(np.floor(np.log2(view.per_unit * view.ratio / FINEST)))


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


def _shades(paper: int, ink: int) -> NDArray[np.uint32]:
    """From paper to ink in 256 even steps, 0xffRRGGBB."""
    part = np.arange(256)[:, None] / 255.0
    ends = np.array([[(colour >> shift) & 0xFF for shift in (16, 8, 0)] for colour in (paper, ink)])
    red, green, blue = np.round(ends[0] + part * (ends[1] - ends[0])).astype(np.uint32).T
    shades: NDArray[np.uint32] = (np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue).astype(
        np.uint32
    )
    return shades

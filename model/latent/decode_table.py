"""The table of decodes: log p(pixel | z) at a grid of points of the plane, made once for a model.

At two latent dimensions every question about p(z | some pixels) is a sum over such a table. Its
cells are small squares over [-4.5, 4.5]^2, where nearly all of the prior's mass lies, and coarse
ones around them, out to 9, so that a mode beyond the edge is seen too.

It is pixel-major: the numbers of one pixel, at all points, lie side by side in memory, so that a
brush that changes nine pixels adds nine rows (`model.latent.running_score`).

Shapes: 784 pixels, M points, of which the first side^2 are the inner grid, in the order of
`numpy.meshgrid(axis, axis, indexing="ij")`: z1 by rows.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PIXELS = 784  # as in `model.network.blocks`, which imports torch
SIDE = 200
LIMIT = 4.5
OUTER_LIMIT = 9.0
OUTER_STEP = 0.3
_AT_ONCE = 500  # 20 to 50 ms a step: whoever waits for a worker to stop waits so long

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Decode = Callable[[Floats], Floats]
"""Points (B, 2) -> the logits of their pixels (B, 784)."""


@dataclass(frozen=True)
class Cells:
    """Squares that cover a part of the plane; their middles are the points.

    Attributes:
        z: the middles, (M, 2).
        width: the squares' sides, (M,).
    """

    z: Doubles
    width: Doubles

    def __len__(self) -> int:
        return len(self.z)

    @property
    def log_prior_mass(self) -> Doubles:
        """Log of N(z; 0, I) times the area, (M,): what a sum over points gives each of them."""
        log_density = -0.5 * np.square(self.z).sum(axis=1) - math.log(2.0 * math.pi)
        return np.asarray(log_density + self.log_area)

    @property
    def log_area(self) -> Doubles:
        """The logarithms of the squares' areas, (M,)."""
        return np.asarray(2.0 * np.log(self.width))


@dataclass(frozen=True)
class DecodeTable:
    """Log-probabilities of both values of each pixel at each point.

    Attributes:
        cells: the M points.
        side: points along an axis of the inner grid.
        ink: log p(pixel = 1 | z), (784, M) float32.
        blank: log p(pixel = 0 | z), (784, M) float32.
    """

    cells: Cells
    side: int
    ink: Floats
    blank: Floats

    @property
    def bytes(self) -> int:
        """What the log-probabilities take in memory: 268 MB with 200 points a side."""
        return self.ink.nbytes + self.blank.nbytes

    @property
    def axis(self) -> Doubles:
        """The coordinates of the inner grid along either axis, rising: (side,)."""
        return inner_axis(self.side)

    @property
    def step(self) -> float:
        """The width of the inner grid's cells."""
        return 2.0 * LIMIT / self.side


def inner_axis(side: int) -> Doubles:
    """The middles of `side` equal parts of [-4.5, 4.5], rising: (side,)."""
    return np.asarray((np.arange(side) + 0.5) * (2.0 * LIMIT / side) - LIMIT)


def plane_cells(side: int = SIDE) -> Cells:
    """The inner grid with `side` points along an axis, and then the coarse cells around it."""
    inner = _grid(inner_axis(side))
    middles = np.arange(-OUTER_LIMIT + OUTER_STEP / 2.0, OUTER_LIMIT, OUTER_STEP)
    outer = _grid(middles)
    outer = outer[np.abs(outer).max(axis=1) > LIMIT]
    width = np.concatenate(
        [np.full(len(inner), 2.0 * LIMIT / side), np.full(len(outer), OUTER_STEP)]
    )
    return Cells(np.concatenate([inner, outer]), width)


def tabulation(decode: Decode, side: int = SIDE) -> Generator[float, None, DecodeTable]:
    """Decode the plane, some hundred points a step: yields the fraction done, returns the table.

    With the bundled model, whose points take 0.05 to 0.1 ms each on one thread, 200 points a side
    take 2 to 4 seconds. Stopping is to stop iterating.
    """
    cells = plane_cells(side)
    ink = np.empty((PIXELS, len(cells)), dtype=np.float32)
    blank = np.empty_like(ink)
    for start in range(0, len(cells), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        on, off = log_probabilities(decode(cells.z[some].astype(np.float32)))
        ink[:, some], blank[:, some] = on.T, off.T
        yield min(1.0, some.stop / len(cells))
    return DecodeTable(cells, side, ink, blank)


def log_probabilities(logits: Floats) -> tuple[Floats, Floats]:
    """Log s(l) and log s(-l), with the logistic function s, of logits of any shape, float32.

    What is not a number becomes a very unlikely pixel: a broken place of a plane has no mass.
    """
    tail = np.log(1.0 + np.exp(-np.abs(logits)))  # log1p is slow, and adds nothing in float32
    ink, blank = np.minimum(logits, 0.0) - tail, np.minimum(-logits, 0.0) - tail
    return _finite(ink), _finite(blank)


def _finite(values: Floats) -> Floats:
    if not np.isfinite(values.sum()):
        np.nan_to_num(values, copy=False, nan=-1e4, neginf=-1e4)
    return values


def _grid(axis: Doubles) -> Doubles:
    return np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)

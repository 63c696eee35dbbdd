"""p(z | evidence) on cells as fine as it needs: where the table is too coarse, cells are divided.

With most pixels known, posteriors are narrower than the table's cells (the bundled model's
narrowest have a standard deviation of 0.005, a ninth of a step); with few known they are broad, and
the table is fine enough. So cells are divided where there is mass, or may be, and where the score
changes within a cell:

- `change` is the largest difference of score, in nats, to a neighbour: in the table along both
  axes, later among the nine parts of one cell;
- a cell that stays whole is integrated to second order: with slopes (a, b) and curvatures (c, d) of
  the score across it, its mean is exp(score) (1 + (a^2 + b^2 + c + d) / 24). Its error is put at
  exp(score) change^4 / 120 where `change` is small, sixteen times that of a constant slope, and at
  exp(score + change) / 5 where it is large: a narrow mode between the points shows as steepness;
- each time those cells are divided into 3 x 3 that together have nearly all of the error, until
  what is left is 0.002 of the whole. With the bundled model the sum is then wrong by 0.0007 nat
  at worst, and by 0.00005 on average.

What is not resolved is said: error that is left when cells become too small or too many, and mass
in the outermost cells. A mode that is narrower than the table's step and so far from all others
that the score does not rise towards it stays unseen; the bundled model has none.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Cells, Decode, Doubles, log_probabilities
from model.latent.evidence import Evidence, log_probability
from model.latent.plane_posterior import PlanePosterior, log_sum_exp
from model.latent.running_score import RunningScore

MOST_POINTS = 150_000
TOLERANCE = 2e-3  # the fraction of the mass that may be wrong

_SMALLEST = 2e-4
_MOST_LOG = 600.0  # whose exponential double precision holds
_SETTLED = 0.01
_RIM = 1e-4  # of the mass
_AT_ONCE = 500
_OFFSETS = np.array([-1.0, 0.0, 1.0])
_PARTS = np.stack(np.meshgrid(_OFFSETS, _OFFSETS, indexing="ij"), axis=-1).reshape(9, 2)


@dataclass(frozen=True)
class _Level:
    """Some cells, with what is known of their score.

    Attributes:
        cells: M of them.
        score: at their middles, log p(evidence, z) + log area, (M,).
        change: the largest difference to a neighbour, (M,).
        correction: log of the mean over the cell relative to its middle, (M,).
        tilt: (a^2 + b^2) / 24, by which the mean of log p exceeds the log of the mean of p, (M,).
        within: the table's cell around each, (M,).
    """

    cells: Cells
    score: Doubles
    change: Doubles
    correction: Doubles
    tilt: Doubles
    within: NDArray[np.intp]

    def of(self, some: NDArray[np.bool_]) -> "_Level":
        """Some of the cells."""
        return _Level(
            Cells(self.cells.z[some], self.cells.width[some]),
            self.score[some],
            self.change[some],
            self.correction[some],
            self.tilt[some],
            self.within[some],
        )

    @property
    def mass(self) -> Doubles:
        """Log of the integral over each cell, (M,)."""
        return np.asarray(self.score + self.correction)

    def error(self, total: float) -> Doubles:
        """An estimate of the error of each cell as a fraction of the whole, (M,)."""
        change = np.minimum(self.change, 30.0)
        rest = np.expm1(change) - change * (1.0 + change / 2.0 + np.square(change) / 6.0)
        log_rest = np.log(np.maximum(rest, 1e-300) / 5.0) + (self.change - change)
        return np.asarray(np.exp(np.minimum(self.score - total + log_rest, _MOST_LOG)))


def refinement(
    decode: Decode,
    running: RunningScore,
    *,
    most_points: int = MOST_POINTS,
    tolerance: float = TOLERANCE,
) -> Generator[float, None, PlanePosterior]:
    """The posterior of the evidence that `running` has now; nothing else of it is read later.

    With the bundled model it decodes 1,000 to 50,000 points: 0.1 to 5 seconds on one thread. Yields
    the fraction done, roughly; stopping is to stop iterating.

    Args:
        decode: the model's decoder.
        running: the scores of a table's points.
        most_points: to decode.
        tolerance: the fraction of the mass that may be wrong, by a cautious estimate.
    """
    evidence, level = running.evidence, _of_table(running)
    kept: list[_Level] = []
    decoded, reason = 0, None
    while True:
        total = log_sum_exp(np.concatenate([part.mass for part in (*kept, level)]))
        error = level.error(total)
        divided = _nearly_all(error, tolerance)
        if not divided.any():
            break
        narrow = float(level.cells.width[divided].min()) < _SMALLEST
        if narrow or decoded + 9 * divided.sum() > most_points:
            reason = _left_over(float(error.sum()), narrow)
            break
        kept.append(level.of(~divided))
        level = yield from _divided(decode, evidence, level.of(divided), decoded / most_points)
        decoded += len(level.cells)
    yield 1.0
    kept.append(level)
    return _joined(kept, reason or _of_rim(kept, total))


def _nearly_all(error: Doubles, tolerance: float) -> NDArray[np.bool_]:
    """The fewest cells such that the others' errors together are within the tolerance."""
    order = np.argsort(error)
    divided = np.zeros(len(error), dtype=bool)
    divided[order] = np.cumsum(error[order]) > tolerance
    return divided


def _of_table(running: RunningScore) -> _Level:
    """The table's own cells."""
    table, scores = running.table, running.scores
    inner = table.side**2
    shapes = np.empty((3, len(scores)))
    shapes[:, :inner] = _around(scores[:inner].reshape(table.side, table.side))
    z, width = table.cells.z[inner:], table.cells.width[-1]
    side = 2 * round(np.abs(z).max() / width + 0.5)
    first, second = np.floor(z / width).astype(int).T + side // 2
    lattice = np.full((side, side), np.nan)
    lattice[first, second] = scores[inner:]
    shapes[:, inner:] = _around(lattice).reshape(3, side, side)[:, first, second]
    change, correction, tilt = shapes
    return _Level(table.cells, scores.copy(), change, correction, tilt, np.arange(len(scores)))


def _around(score: Doubles) -> Doubles:
    """Change, correction and tilt of each cell of a square (S, S) with holes: (3, S^2)."""
    change, slopes, bends = (np.zeros_like(score) for _ in range(3))
    for axis in (0, 1):
        step = np.diff(score, axis=axis)
        ends = [(1, 0), (0, 1)]
        back, ahead = (
            np.pad(step, [end if a == axis else (0, 0) for a in (0, 1)], constant_values=np.nan)
            for end in ends
        )
        change = np.fmax(change, np.fmax(np.abs(back), np.abs(ahead)))
        slopes += np.nan_to_num(np.square((ahead + back) / 2.0))
        bends += np.nan_to_num(ahead - back)
    return _shape(change, slopes, bends)


def _shape(change: Doubles, slopes: Doubles, bends: Doubles) -> Doubles:
    """Change, correction and tilt, (3, M), from the sums of a^2 + b^2 and of c + d."""
    correction = np.log1p(np.clip((slopes + bends) / 24.0, -0.5, 0.5))
    return np.stack([part.ravel() for part in (change, correction, np.minimum(slopes / 24.0, 0.5))])


def _divided(
    decode: Decode, evidence: Evidence, parents: _Level, done: float
) -> Generator[float, None, _Level]:
    """Each cell in 3 x 3 parts."""
    width = np.repeat(parents.cells.width / 3.0, 9)
    z = (parents.cells.z[:, None] + (parents.cells.width / 3.0)[:, None, None] * _PARTS).reshape(
        -1, 2
    )
    cells = Cells(z, width)
    score = cells.log_prior_mass
    for start in range(0, len(z), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        ink, blank = log_probabilities(decode(z[some].astype(np.float32)))
        score[some] += log_probability(ink, blank, evidence)
        yield done
    change, correction, tilt = _within(score.reshape(-1, 3, 3))
    return _Level(cells, score, change, correction, tilt, np.repeat(parents.within, 9))


def _within(square: Doubles) -> Doubles:
    """Change, correction and tilt of 3 x 3 neighbours, (M, 3, 3), by parabolas: (3, 9 M)."""
    change = np.zeros((len(square), 1, 1))
    slopes, bends = np.zeros_like(square), np.zeros_like(square)
    for axis, offset in ((1, _OFFSETS[:, None]), (2, _OFFSETS)):
        low, middle, high = np.split(square, 3, axis=axis)
        step = np.maximum(np.abs(middle - low), np.abs(high - middle))
        change = np.maximum(change, step.max(axis=(1, 2), keepdims=True))
        bend = high - 2.0 * middle + low
        slopes += np.square((high - low) / 2.0 + offset * bend)
        bends += bend
    return _shape(np.broadcast_to(change, square.shape), slopes, bends)


def _left_over(error: float, narrow: bool) -> str | None:
    """Why the division ends too early; None if what is left would not be seen in print."""
    if error < _SETTLED:
        return None
    if narrow:
        return "part of the posterior is narrower than 0.0002 and cannot be resolved"
    return "the posterior is steep in too many places to be resolved everywhere"


def _of_rim(levels: list[_Level], total: float) -> str | None:
    edge = max(float(np.abs(level.cells.z).max() + level.cells.width.max()) for level in levels)
    on_rim = [part.mass[np.abs(part.cells.z).max(axis=1) > edge - 0.5] for part in levels]
    rim = np.concatenate(on_rim)
    if len(rim) and log_sum_exp(rim) > total + np.log(_RIM):
        return "part of the posterior may lie farther out than the plane is searched"
    return None


def _joined(levels: list[_Level], unresolved: str | None) -> PlanePosterior:
    cells = Cells(
        np.concatenate([part.cells.z for part in levels]),
        np.concatenate([part.cells.width for part in levels]),
    )
    mass, tilt, within = (
        np.concatenate([getattr(part, name) for part in levels])
        for name in ("mass", "tilt", "within")
    )
    return PlanePosterior(cells, mass, within, unresolved, tilt)

"""How much a look at each pixel would tell about z, summed over all cells of the plane.

    I(x_i; z | evidence) = H(mean_i) - sum over cells of w H(p(pixel i is ink | z))

as in `model.latent.pixel_information`, whose few cells that stand for all are 3 % off, and often
name another pixel as the most telling one. On a table of 200 x 200 points the sums are 0.001 nat
off with few pixels known, and 0.02 with a hundred; on the cells of `model.latent.refinement` they
are right to 0.002 nat.

Shapes: 784 pixels, M cells.
"""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Decode, DecodeTable, Doubles, Floats, log_probabilities
from model.latent.evidence import Evidence, seen_as
from model.latent.pixel_information import ask_table, coin_entropy
from model.latent.plane_posterior import PlanePosterior

MOST_DECODED = 20_000

_NO_MASS = 1e-9  # of a cell: together they have less than 0.0001
_LEFT_OUT = 5e-4  # of the mass, in cells that are not decoded again
_NEAR = 0.75  # of the largest rough information: a pixel that may have the largest exact one
_ROWS = 50  # of the table: 10 to 20 ms
_POINTS = 250  # to decode: 10 to 20 ms


def information(
    table: DecodeTable,
    weights: NDArray[np.floating],
    evidence: Evidence,
    pixels: NDArray[np.intp] | None = None,
) -> Generator[None, None, Floats]:
    """The information of each pixel, or of some, from all cells of a table: (784,), in nats.

    It is 0 where a pixel is known or not asked for. `weights` (M,) are the masses of the table's
    cells. All pixels take 0.1 to 0.3 seconds; yields now and then.
    """
    asked = np.flatnonzero(~evidence.known) if pixels is None else pixels[~evidence.known[pixels]]
    mean, kept = yield from _on_table(table, weights, evidence, asked)
    return _gains(mean, kept, evidence)


def finer_information(
    decode: Decode, table: DecodeTable, posterior: PlanePosterior, evidence: Evidence
) -> Generator[None, None, Floats]:
    """The same from the cells of a refined posterior: (784,), in nats.

    Cells of the table that stayed whole are read there, and the others decoded again, but for the
    lightest. That takes 0.1 to 2 seconds; yields now and then.
    """
    whole = posterior.cells.width > 0.9 * table.cells.width[posterior.within]
    weights = np.zeros(len(table.cells))
    weights[posterior.within[whole]] = posterior.weights[whole]
    unknown = np.flatnonzero(~evidence.known)
    mean, kept = yield from _on_table(table, weights, evidence, unknown)
    finer = _heaviest(np.where(whole, 0.0, posterior.weights))
    for start in range(0, len(finer), _POINTS):
        some = finer[start : start + _POINTS]
        z, w = posterior.cells.z[some].astype(np.float32), posterior.weights[some]
        ink, blank = (seen_as(one, evidence.flip) for one in log_probabilities(decode(z)))
        p = np.exp(ink)
        mean += w @ p
        kept -= w @ (p * (ink - blank) + blank)
        yield
    used = weights.sum() + posterior.weights[finer].sum()
    return _gains(mean / used, kept / used, evidence)


def most_telling(
    table: DecodeTable, posterior: PlanePosterior, evidence: Evidence
) -> Generator[None, None, tuple[int, float]]:
    """The pixel with the most `information`, and how much that is, in nats; yields now and then.

    A tenth of the work of all pixels: those are summed that a rough answer puts near the top. With
    every pixel known it is -1, and 0.
    """
    if evidence.known.all():
        return -1, 0.0
    rough = ask_table(table, posterior, evidence).information
    near = np.flatnonzero((rough >= _NEAR * rough.max()) & ~evidence.known)
    exact = yield from information(table, posterior.weights, evidence, near)
    best = int(near[exact[near].argmax()])
    return best, float(exact[best])


def _on_table(
    table: DecodeTable,
    weights: NDArray[np.floating],
    evidence: Evidence,
    pixels: NDArray[np.intp],
) -> Generator[None, None, tuple[Doubles, Doubles]]:
    """Of some pixels, the sums over cells of w p(seen as ink | z) and of w H: each (784,)."""
    mean, kept = np.zeros(len(evidence.pixels)), np.zeros(len(evidence.pixels))
    some = np.flatnonzero(weights > _NO_MASS)
    is_broad = 2 * len(some) > len(weights)  # then it is quicker not to pick
    w = np.asarray(weights if is_broad else weights[some], dtype=np.float32)
    for count, pixel in enumerate(pixels.tolist()):
        ink, blank = (
            seen_as(rows[pixel] if is_broad else rows[pixel, some], evidence.flip)
            for rows in (table.ink, table.blank)
        )
        p = np.exp(ink)
        mean[pixel] = p @ w
        p *= ink - blank
        p += blank  # minus the entropy in each cell
        kept[pixel] = -(p @ w)
        if count % _ROWS == 0:
            yield
    return mean, kept


def _gains(mean: Doubles, kept: Doubles, evidence: Evidence) -> Floats:
    gains = np.maximum(coin_entropy(np.clip(mean, 0.0, 1.0).astype(np.float32)) - kept, 0.0)
    return np.where(evidence.known, 0.0, gains).astype(np.float32)


def _heaviest(weights: Doubles) -> NDArray[np.intp]:
    """The fewest cells that leave little out, but not too many: their indices, in order."""
    order = np.argsort(-weights)[:MOST_DECODED]
    left = weights.sum() - np.cumsum(weights[order])
    count = int(np.searchsorted(-left, -_LEFT_OUT)) + 1
    return np.sort(order[:count][weights[order[:count]] > 0.0])

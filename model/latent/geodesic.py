"""Geodesics: a path between two points, drawn taut in a metric that is known on a grid.

A curve c of K segments has the energy K sum (c_k+1 - c_k)^T G (c_k+1 - c_k), with G at the middle
of each. Its least value with fixed ends is the square of the length, and is reached at constant
speed. It is found by L-BFGS, preconditioned by the inverse of the energy's own matrix in a flat
plane, so that a change at one place moves the whole path at once.

Source: Nocedal and Wright 2006, "Numerical Optimization", algorithm 7.4.
"""

from functools import lru_cache

import numpy as np

from model.latent.geometry import Doubles, MetricGrid

LEAST, MOST = 16, 128  # segments
_MEMORY = 8
_ENOUGH = 1e-4  # of the energy: less is won by no step from here on
_HALVINGS = 8


def relaxed(grid: MetricGrid, path: Doubles, steps: int) -> Doubles:
    """The path (N, 2) with its ends fixed, drawn taut in at most so many steps: (K + 1, 2).

    Its segments are about a cell long, and their Fisher lengths about equal. The energy never
    rises; the length may, by as much as the speed along the path evens out.
    """
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    count = int(np.clip(np.ceil(length / grid.step), LEAST, MOST))
    return _descended(grid, evenly_spaced(grid, path, count), steps)


def smoothed(grid: MetricGrid, path: Doubles, count: int) -> Doubles:
    """The path (N, 2) as so many segments without the corners of a grid: (count + 1, 2).

    Each point goes to the mean of itself and its neighbours, thrice: a fraction of a millisecond.
    """
    points = evenly_spaced(grid, path, count)
    for _ in range(3):
        points[1:-1] = 0.25 * (points[:-2] + points[2:]) + 0.5 * points[1:-1]
    return points


def evenly_spaced(grid: MetricGrid, path: Doubles, count: int) -> Doubles:
    """The path (N, 2) as so many segments of equal Fisher length: (count + 1, 2)."""
    fine = subdivided(path, grid.step)
    return at_shares(fine, grid.lengths(fine), np.linspace(0.0, 1.0, count + 1))


def at_shares(path: Doubles, lengths: Doubles, shares: Doubles) -> Doubles:
    """The points of a path (N + 1, 2), with lengths (N,), after shares (M,) of the whole: (M, 2).

    A path without any length is taken as a straight line.
    """
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    if not reached[-1] > 0.0:
        reached = np.arange(len(path), dtype=np.float64)
    wanted = shares * reached[-1]
    return np.stack([np.interp(wanted, reached, column) for column in path.T], axis=1)


def subdivided(path: Doubles, longest: float) -> Doubles:
    """The path (N, 2) with points added, so that no segment is longer than `longest` in z."""
    sides = np.linalg.norm(np.diff(path, axis=0), axis=1)
    counts = np.maximum(1, np.ceil(sides / longest - 1e-9)).astype(int)
    starts = np.repeat(np.arange(len(counts)), counts)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    shares = (np.arange(len(starts)) - first[starts]) / counts[starts]
    inner = path[starts] + shares[:, None] * (path[starts + 1] - path[starts])
    return np.concatenate([inner, path[-1:]])


def energy(grid: MetricGrid, path: Doubles) -> tuple[float, Doubles]:
    """The energy of a path (K + 1, 2), and its gradient by the inner points: (K - 1, 2)."""
    metric, along_x, along_y = grid.with_slopes(0.5 * (path[:-1] + path[1:]))
    step = np.diff(path, axis=0)
    squares = np.stack([step[:, 0] ** 2, 2.0 * step[:, 0] * step[:, 1], step[:, 1] ** 2], axis=1)
    pulled = np.stack(
        [
            metric[:, 0] * step[:, 0] + metric[:, 1] * step[:, 1],
            metric[:, 1] * step[:, 0] + metric[:, 2] * step[:, 1],
        ],
        axis=1,
    )
    slope = 0.5 * np.stack([(squares * along_x).sum(axis=1), (squares * along_y).sum(axis=1)], 1)
    gradient = 2.0 * (pulled[:-1] - pulled[1:]) + slope[:-1] + slope[1:]
    count = len(step)
    return count * float((squares * metric).sum()), count * gradient


def _descended(grid: MetricGrid, path: Doubles, steps: int) -> Doubles:
    flat = _flat(len(path) - 1)
    value, slope = energy(grid, path)
    pairs: list[tuple[Doubles, Doubles, float]] = []
    for _ in range(steps):
        direction = -_inverse_times(slope, pairs, flat)
        if not pairs:  # nothing is known of the scale yet: move by no more than a cell
            direction *= grid.step / max(float(np.abs(direction).max()), 1e-300)
        found = _line_search(grid, path, value, slope, direction)
        if found is None:
            break
        moved, lower, after = found
        s, y = (moved - path)[1:-1], after - slope
        if (curvature := float((s * y).sum())) > 0.0:
            pairs = [*pairs[1 - _MEMORY :], (s, y, curvature)]
        is_enough = value - lower < _ENOUGH * value
        path, value, slope = moved, lower, after
        if is_enough:
            break
    return path


def _line_search(
    grid: MetricGrid, path: Doubles, value: float, slope: Doubles, direction: Doubles
) -> tuple[Doubles, float, Doubles] | None:
    """The first of ever shorter steps that wins enough; None if none does."""
    falls = float((slope * direction).sum())
    share = 1.0
    for _ in range(_HALVINGS if falls < 0.0 else 0):
        moved = path.copy()
        moved[1:-1] = grid.inside(path[1:-1] + share * direction)
        lower, after = energy(grid, moved)
        if lower <= value + 1e-4 * share * falls:
            return moved, lower, after
        share *= 0.5
    return None


def _inverse_times(
    slope: Doubles, pairs: list[tuple[Doubles, Doubles, float]], flat: Doubles
) -> Doubles:
    """What L-BFGS takes for the inverse of the Hessian, times a gradient."""
    found, shares = slope.copy(), []
    for s, y, curvature in reversed(pairs):
        share = float((s * found).sum()) / curvature
        shares.append(share)
        found -= share * y
    found = flat @ found
    if pairs:
        _, y, curvature = pairs[-1]
        found *= curvature / float((y * (flat @ y)).sum())
    for (s, y, curvature), share in zip(pairs, reversed(shares), strict=True):
        found += (share - float((y * found).sum()) / curvature) * s
    return found


@lru_cache(maxsize=16)
def _flat(count: int) -> Doubles:
    """The inverse of the matrix of second differences with fixed ends: (count - 1, count - 1)."""
    at = np.arange(1, count, dtype=np.float64)
    return np.minimum.outer(at, at) - np.multiply.outer(at, at) / count

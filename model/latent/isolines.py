"""Lines of equal value through a grid, by marching squares."""

import numpy as np

from model.latent.geometry import Doubles

# The edges of a cell, from corner to corner; corners are counted (0, 0), (1, 0), (1, 1), (0, 1).
_CORNERS = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])


def isoline(values: Doubles, level: float, low: Doubles, step: float) -> Doubles:
    """The line through values (A, B) at nodes low + step (a, b): segments, from and to, (M, 2, 2).

    Cells with a corner that is not finite have none. Where a cell is crossed twice, the crossings
    are joined in the order of its edges.
    """
    corners = np.stack([_corner(values, a, b) for a, b in _CORNERS], axis=-1)
    above = corners >= level
    ends = np.roll(above, -1, axis=-1)
    crosses = (above != ends) & np.isfinite(corners).all(axis=-1, keepdims=True)
    a, b, edge = np.nonzero(crosses)
    if len(a) == 0:
        return np.empty((0, 2, 2))
    here, there = corners[a, b, edge], corners[a, b, (edge + 1) % 4]
    share = ((level - here) / (there - here))[:, None]
    first, second = _CORNERS[edge], _CORNERS[(edge + 1) % 4]
    places = np.stack([a, b], axis=1) + first + share * (second - first)
    # Each crossed cell has two crossings, or four; they follow each other.
    return np.asarray((low + step * places).reshape(-1, 2, 2))


def _corner(values: Doubles, a: int, b: int) -> Doubles:
    rows, columns = values.shape
    return np.asarray(values[a : rows - 1 + a, b : columns - 1 + b], dtype=np.float64)

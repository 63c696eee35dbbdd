"""Fisher distances from one point to all nodes of a grid, and shortest paths along its edges.

Each node has an edge to 32 others around it, so that a path along edges is at most 1.3 % longer
than one that may turn freely; 4.6 % where a step one way is twice as long as a step across.
Distances are found by sweeps: each edge in turn, at all nodes at once, offers the shorter way,
until no sweep changes anything. The result is Dijkstra's, in some 15 ms on 121 x 121 nodes, without
scipy. While the front of what is known grows, only the rows near it are swept.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.latent.geometry import Doubles, Floats, MetricGrid, squared_lengths

# Half of the edges of a node; the others are theirs, backwards.
OFFSETS = (
    *((1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2)),
    *((3, 1), (1, 3), (3, -1), (1, -3), (3, 2), (2, 3), (3, -2), (2, -3)),
)
REACH = 3  # nodes that an edge may span, and the width of the margin around the grid
_AROUND = np.stack(np.divmod(np.arange(16), 4), axis=-1) - 1
_PARTS = 5  # of a way from a point to a node near it, whose lengths are added
_PER_STEP = 2  # intervals per node spanned, of the sum along an edge


class EdgeNetwork:
    """The edges of a grid with their Fisher lengths, made once for a metric.

    Nodes are counted row by row, with a margin of `REACH` empty ones around the grid: so an edge is
    one shift of a flat array.
    """

    def __init__(self, grid: MetricGrid) -> None:
        self.grid = grid
        self.counts = grid.metric.shape[0], grid.metric.shape[1]
        self.width = self.counts[1] + 2 * REACH
        self.size = (self.counts[0] + 2 * REACH) * self.width
        self._edges = [(a * self.width + b, self._lengths(a, b)) for a, b in OFFSETS]

    def from_point(self, start: Doubles) -> "Distances":
        """The Fisher distances from a point (2,) in the grid to all nodes."""
        found = np.full(self.size, np.inf, dtype=np.float32)
        near = self.nodes_around(start)
        found[self.places(near)] = self.straight(start, near)
        self._sweep(found)
        return Distances(self, start, found)

    def nodes_around(self, point: Doubles) -> NDArray[np.intp]:
        """The nodes within two cells of a point (2,): (N, 2) whole numbers."""
        corner = np.floor((point - self.grid.low) / self.grid.step).astype(np.intp)
        near = np.clip(corner + _AROUND, 0, np.array(self.counts) - 1)
        return np.unique(near, axis=0)

    def places(self, nodes: NDArray[np.intp]) -> NDArray[np.intp]:
        """Where nodes (N, 2) are counted: (N,)."""
        return np.asarray((nodes[:, 0] + REACH) * self.width + nodes[:, 1] + REACH)

    def point_of(self, places: NDArray[np.intp]) -> Doubles:
        """The points (N, 2) of nodes that are counted at (N,)."""
        nodes = np.stack(np.divmod(places, self.width), axis=-1) - REACH
        return np.asarray(self.grid.low + self.grid.step * nodes)

    def straight(self, point: Doubles, nodes: NDArray[np.intp]) -> Doubles:
        """The Fisher lengths of the straight ways from a point (2,) to nodes (N, 2): (N,)."""
        ends = self.grid.low + self.grid.step * nodes
        shares = (np.arange(_PARTS) + 0.5)[:, None] / _PARTS
        points = point + shares * (ends - point)[:, None]
        metric = self.grid.at(points.reshape(-1, 2)).reshape(len(nodes), _PARTS, 3)
        speeds = np.sqrt(squared_lengths(metric, (ends - point)[:, None]))
        return np.asarray(speeds.mean(axis=1))

    def parents(self, found: Floats) -> NDArray[np.intp]:
        """The node before each on its shortest way: (size,); its own place where there is none."""
        own = np.arange(self.size)
        before = own.copy()
        for shift, lengths in self._edges:
            forth, back = slice(shift, None), slice(None, -shift)
            for to, of in ((forth, back), (back, forth)):
                is_way = (found[of] + lengths[:-shift] == found[to]) & (found[of] < found[to])
                before[to][is_way] = own[of][is_way]
        return before

    def _lengths(self, a: int, b: int) -> Floats:
        """The length of the edge from each place to the one that is (a, b) farther; inf: none."""
        rows, columns = self.counts
        whole = np.full((rows + 2 * REACH, columns + 2 * REACH), np.inf, dtype=np.float32)
        if rows > a and columns > abs(b):
            below = max(0, -b)
            inner = whole[REACH : REACH + rows - a, REACH + below : REACH + columns - max(0, b)]
            inner[:] = self._along(a, b, below)
        return whole.ravel()

    def _along(self, a: int, b: int, below: int) -> Doubles:
        """The lengths of all edges of one kind, summed by the trapezium rule."""
        count = _PER_STEP * max(a, abs(b))
        step = self.grid.step * np.array([a, b])
        total = np.zeros(())
        for part in range(count + 1):
            metric = self._shifted(a, b, below, part / count)
            share = 0.5 if part in (0, count) else 1.0
            total = total + share * np.sqrt(squared_lengths(metric, step))
        return np.asarray(total / count)

    def _shifted(self, a: int, b: int, below: int, share: float) -> Doubles:
        """The metric so far along each edge of a kind, between the four nodes around it."""
        rows, columns = self.counts[0] - a, self.counts[1] - abs(b)
        x, y = share * a, below + share * b
        i, j = min(int(x), a), int(np.floor(y + 1e-9))
        u, v = x - i, y - j
        total = np.zeros((rows, columns, 3))
        for di, of_x in ((0, 1.0 - u), (1, u)):
            for dj, of_y in ((0, 1.0 - v), (1, v)):
                if of_x * of_y > 1e-9:
                    some = self.grid.metric[i + di : i + di + rows, j + dj : j + dj + columns]
                    total += of_x * of_y * some
        return total

    def _sweep(self, found: Floats) -> None:
        before, offered = np.empty_like(found), np.empty_like(found)
        rows = np.flatnonzero(np.isfinite(found).reshape(-1, self.width).any(axis=1))
        while len(rows):
            first = max(0, int(rows[0]) - REACH) * self.width
            last = min(self.size, (int(rows[-1]) + REACH + 1) * self.width)
            before[first:last] = found[first:last]
            for shift, lengths in self._edges:
                here, there = found[first : last - shift], found[first + shift : last]
                along, offer = lengths[first : last - shift], offered[: last - shift - first]
                np.minimum(there, np.add(here, along, out=offer), out=there)
                np.minimum(here, np.add(there, along, out=offer), out=here)
            changed = (before[first:last] != found[first:last]).reshape(-1, self.width)
            rows = first // self.width + np.flatnonzero(changed.any(axis=1))


@dataclass(frozen=True, eq=False)
class Distances:
    """Fisher distances from a point.

    Attributes:
        network: of nodes and edges.
        start: the point, (2,).
        found: by the nodes' places, (size,); infinite in the margin.
    """

    network: EdgeNetwork
    start: Doubles
    found: Floats

    @property
    def at_nodes(self) -> Floats:
        """The distances by nodes: (A, B)."""
        inner = slice(REACH, -REACH)
        return self.found.reshape(-1, self.network.width)[inner, inner]

    @cached_property
    def _before(self) -> list[int]:
        return [int(place) for place in self.network.parents(self.found)]

    def prepare(self) -> "Distances":
        """Know the ways, too: some milliseconds, better spent in a worker than in `path_to`."""
        assert self._before
        return self

    def path_to(self, end: Doubles) -> Doubles:
        """The shortest way along edges to a point (2,) of the grid: (N, 2), from start to end.

        The point is joined to the best of the nodes near it. Within two cells of the start, that is
        a straight line if it is shorter.
        """
        network = self.network
        near = network.nodes_around(end)
        places = network.places(near)
        totals = self.found[places] + network.straight(end, near)
        nearest = int(np.argmin(totals))
        if np.abs(end - self.start).max() <= 2.0 * network.grid.step:
            line = self.start + np.linspace(0.0, 1.0, 5)[:, None] * (end - self.start)
            if network.grid.lengths(line).sum() <= totals[nearest]:
                return line
        return self._way_to(int(places[nearest]), end)

    def _way_to(self, place: int, end: Doubles) -> Doubles:
        way, before = [place], self._before
        while before[way[-1]] != way[-1]:
            way.append(before[way[-1]])
        nodes = self.network.point_of(np.array(way[::-1]))
        return np.concatenate([self.start[None], nodes, end[None]])

"""The Fisher metric at the nodes of lattices, measured where it is first wanted.

The nodes of level k lie 2^-k apart, at whole multiples of that, so those of a coarse level are
nodes of all finer ones, and they lie still while one pans.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from vae_gui.plane.canvas import Array, Bounds
from vae_gui.state.plane_decoder import PlaneDecoder

REMEMBERED = 40_000  # nodes: 24 bytes each, and their places
_AT_ONCE = 150  # 30 to 90 ms: whoever waits for a worker to stop waits so long


@dataclass(frozen=True)
class Lattice:
    """The nodes of a level in a part of the plane.

    Attributes:
        level: they lie 2^-level apart.
        first: the column and the row of the lower left one, counted from the origin.
        columns: how many lie beside each other.
        rows: how many lie above each other.
    """

    level: int
    first: tuple[int, int]
    columns: int
    rows: int

    @property
    def step(self) -> float:
        """How far they lie apart."""
        return float(2.0**-self.level)

    @property
    def nodes(self) -> Array:
        """Their places, (columns * rows, 2), column by column from below."""
        counts = np.indices((self.columns, self.rows)).reshape(2, -1).T
        return np.asarray((counts + self.first) * self.step)

    @property
    def bounds(self) -> Bounds:
        """The squares around all nodes."""
        (left, low), step = self.first, self.step
        right, high = left + self.columns, low + self.rows
        edges = ((edge - 0.5) * step for edge in (left, right, low, high))
        return Bounds(*edges)


def lattice_over(bounds: Bounds, level: int) -> Lattice:
    """The nodes of a level in a part of the plane, and those just outside of it."""
    step = 2.0**-level
    left, low = int(np.floor(bounds.left / step)), int(np.floor(bounds.low / step))
    right, high = int(np.ceil(bounds.right / step)), int(np.ceil(bounds.high / step))
    return Lattice(level, (left, low), right - left + 1, high - low + 1)


class MeasuredNodes:
    """The metric at nodes, by their places. It belongs to one model and slice."""

    def __init__(self, decoder: PlaneDecoder) -> None:
        self._decoder = decoder
        self._metric: dict[tuple[float, float], Array] = {}

    def is_of(self, decoder: PlaneDecoder) -> bool:
        """Whether the metric is that of this model and slice."""
        return self._decoder == decoder

    def at(self, lattice: Lattice) -> Array:
        """The metric at all nodes of a lattice that was measured: (columns, rows, 3)."""
        found = [self._metric[x, y] for x, y in lattice.nodes.tolist()]
        return np.array(found).reshape(lattice.columns, lattice.rows, 3)

    def measure(self, lattice: Lattice) -> Generator[None, None, None]:
        """Measure it at the nodes where it is not known, some at a time."""
        from model.latent.geometry import metric_at

        nodes = [(x, y) for x, y in lattice.nodes.tolist()]
        missing = [node for node in nodes if node not in self._metric]
        if len(self._metric) + len(missing) > REMEMBERED:
            self._metric = {node: self._metric[node] for node in nodes if node in self._metric}
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            self._metric.update(zip(some, metric_at(self._decoder, np.array(some)), strict=True))
            yield

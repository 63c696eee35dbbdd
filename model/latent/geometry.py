"""The geometry of the plane as the decoder sees it: the Fisher-Rao metric, pulled back to z.

The decoder gives each pixel i a probability p_i(z) to be on. With phi_i = 2 arcsin sqrt(p_i), which
is 2 arctan exp(l_i / 2) for a logit l_i, the Fisher-Rao distance of two products of Bernoulli
distributions is the plain Euclidean distance of their phi. So the metric at z is

    G(z) = sum over pixels of grad phi_i grad phi_i^T,

2 x 2 in a plane, and the Fisher length of a curve is the length of phi along it: differences of phi
between points, without a Jacobian. To second order ds^2 = dz^T G dz is twice the KL divergence from
p(x|z) to p(x|z + dz), so one unit of length is a change that one drawn image tells by one standard
deviation. About G + I is the precision of p(z|x) for an image drawn at z.

A metric is kept as three numbers, G11, G12 and G22, in the last axis of an array.

Source: Arvanitidis, Gonzalez-Duque, Pouplin, Kalatzis and Hauberg 2021, "Pulling back information
geometry" (arXiv 2106.05367); that phi makes it Euclidean is the usual variance-stabilising map.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Decode = Callable[[Doubles], Floats]
"""Points of the plane (B, 2) -> the logits of their pixels (B, 784)."""

STEP = 2e-3  # of z: far below 0.1, over which G changes, and far above what float32 can tell
_AT_ONCE = 100  # nodes: whoever waits for a worker to stop waits for so many
_CENTRED = np.array([[-1.0, -1.0], [2.0, -1.0], [-1.0, 2.0]]) / 3.0


def angles(logits: NDArray[np.floating]) -> Floats:
    """Phi = 2 arcsin sqrt(p) of Bernoulli logits, of any shape: between 0 and pi, float32.

    What is not a number counts as a pixel that is off.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        phi = 2.0 * np.arctan(np.exp(0.5 * np.asarray(logits, dtype=np.float32)))
    return np.asarray(np.nan_to_num(phi), dtype=np.float32)


def metric_at(decode: Decode, points: Doubles, step: float = STEP) -> Doubles:
    """The metric at points (N, 2) of the plane: (N, 3), G11, G12 and G22, per unit of z squared.

    Three decodes a point, at the corners of a small triangle around it, give both derivatives.
    """
    corners = (points[:, None] + step * _CENTRED).reshape(-1, 2)
    phi = angles(decode(corners)).reshape(len(points), 3, -1)
    first, second = (phi[:, corner] - phi[:, 0] for corner in (1, 2))
    products = [(first, first), (first, second), (second, second)]
    sums = [np.einsum("np,np->n", a, b, dtype=np.float64) for a, b in products]
    return np.asarray(np.stack(sums, axis=1) / step**2)


def log10_magnification(metric: Doubles) -> Doubles:
    """Log10 of sqrt(det G) of metrics (..., 3): Fisher area per area of z, (...); -inf where 0.

    Its integral over a region, without the logarithm, over 2 pi is roughly the number of digits
    that can be told apart there.
    """
    determinant = metric[..., 0] * metric[..., 2] - metric[..., 1] ** 2
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log10(np.maximum(determinant, 0.0)))


def unit_circles(metric: Doubles) -> Doubles:
    """The maps F = G^(-1/2) of metrics (N, 3): (N, 2, 2), symmetric.

    F times the unit circle is the ellipse of all steps of Fisher length 1: Tissot's ellipse. Where
    G is singular it is longer than any plane.
    """
    a, b, c = metric.T
    values, vectors = np.linalg.eigh(np.stack([a, b, b, c], axis=-1).reshape(-1, 2, 2))
    lengths = 1.0 / np.sqrt(np.maximum(values, 1e-12))
    return np.asarray(np.einsum("nik,nk,njk->nij", vectors, lengths, vectors))


def squared_lengths(metric: Doubles, steps: Doubles) -> Doubles:
    """The squared Fisher lengths of small steps (..., 2) under metrics (..., 3): (...)."""
    x, y = steps[..., 0], steps[..., 1]
    found = metric[..., 0] * x * x + 2.0 * metric[..., 1] * x * y + metric[..., 2] * y * y
    return np.asarray(np.maximum(found, 0.0))


@dataclass(frozen=True, eq=False)
class MetricGrid:
    """The metric at the nodes of a square grid, and between them by bilinear interpolation.

    Attributes:
        low: (2,), the node with the smallest coordinates.
        step: between neighbouring nodes, along both axes.
        metric: (A, B, 3), at nodes low + step (a, b).
    """

    low: Doubles
    step: float
    metric: Doubles

    @property
    def high(self) -> Doubles:
        """The node with the largest coordinates: (2,)."""
        return np.asarray(self.low + self.step * (np.array(self.metric.shape[:2]) - 1))

    def inside(self, points: Doubles) -> Doubles:
        """The nearest points (..., 2) that the grid covers."""
        return np.clip(points, self.low, self.high)

    def at(self, points: Doubles) -> Doubles:
        """The metric at points (N, 2): (N, 3); beyond the edge it is that of the edge."""
        return self.with_slopes(points)[0]

    def with_slopes(self, points: Doubles) -> tuple[Doubles, Doubles, Doubles]:
        """`at`, and its derivatives along both axes, each (N, 3)."""
        rows, columns, parts = self.metric.shape
        place = (self.inside(points) - self.low) / self.step
        corner = np.minimum(place.astype(np.intp), np.array([rows, columns]) - 2)
        x, y = (place - corner).T[:, :, None]
        flat = self.metric.reshape(-1, parts)
        first = corner[:, 0] * columns + corner[:, 1]
        g00, g01 = flat[first], flat[first + 1]
        g10, g11 = flat[first + columns], flat[first + columns + 1]
        lower, upper = g00 + x * (g10 - g00), g01 + x * (g11 - g01)
        along_x = (g10 - g00) + y * (g11 - g01 - g10 + g00)
        return lower + y * (upper - lower), along_x / self.step, (upper - lower) / self.step

    def lengths(self, path: Doubles) -> Doubles:
        """The Fisher lengths of the segments of a path (N + 1, 2), (N,), by Simpson's rule.

        Segments are to be no longer than a cell or so.
        """
        count, steps = len(path) - 1, np.diff(path, axis=0)
        metric = self.at(np.concatenate([path, 0.5 * (path[:-1] + path[1:])]))
        first, last, middle = metric[:count], metric[1 : count + 1], metric[count + 1 :]
        speeds = [np.sqrt(squared_lengths(some, steps)) for some in (first, middle, last)]
        return np.asarray((speeds[0] + 4.0 * speeds[1] + speeds[2]) / 6.0)

    def weighted(self, factors: Doubles) -> "MetricGrid":
        """The metric by which each length is `factors` (A, B) times as long."""
        return replace(self, metric=self.metric * np.square(factors)[..., None])


def metric_grid(
    decode: Decode, low: Doubles, high: Doubles, side: int
) -> Generator[float, None, MetricGrid]:
    """Measure the metric at the nodes of a grid: yields the fraction done, returns the grid.

    Args:
        decode: of points of the plane.
        low: (2,), the lower left corner.
        high: (2,), the upper right corner; the grid may reach a little farther.
        side: nodes along the longer axis.
    """
    step = float((high - low).max()) / (side - 1)
    counts = np.maximum(np.ceil((high - low) / step - 1e-9).astype(int) + 1, 2)
    places = np.stack(np.meshgrid(*(np.arange(n) for n in counts), indexing="ij"), axis=-1)
    nodes = low + step * places.reshape(-1, 2)
    found = np.empty((len(nodes), 3))
    for start in range(0, len(nodes), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        found[some] = metric_at(decode, nodes[some])
        yield min(1.0, some.stop / len(nodes))
    return MetricGrid(low, step, found.reshape(*counts, 3))

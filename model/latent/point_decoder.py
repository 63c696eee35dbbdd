"""The decoder for one point at a time, in numpy: it sets the delay between hand and image.

torch is made for batches. For a single point the products of the bundled decoder take 0.1 ms, but
torch's calls around them, and its matrix product of one row, take 1 to 2 ms. Here the same layers
share the weights with torch's and write into the same memory each time. This file does not import
torch either, which takes a second: the window decodes the bundled model before that.

Between two moves of the hand the weights leave the processor's caches, and fetching them again
takes most of the time. BLAS's product with one vector reads several rows at once, which halves the
memory's speed. So each matrix is first read through in order: 0.76 ms in the window rather than
1.03 (median of 2000, AMD EPYC). With weights in the cache this costs 0.1 ms.

Shapes: D latent dimensions, H units of a layer, 784 pixels.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SIDE = 28  # as in `model.network.blocks`, which imports torch

Array = NDArray[np.float32]
Step = Callable[[Array], Array]
"""A layer: inputs (H,) -> outputs, which its next call overwrites."""


@dataclass(frozen=True)
class Layer:
    """A layer of a decoder in plain values, as a file can hold it.

    Attributes:
        kind: a key of `LAYERS`.
        weights: the names of its weights, in the order in which the layer takes them.
        settings: its numbers, likewise: how many Fourier features, the epsilon of a norm.
    """

    kind: str
    weights: tuple[str, ...] = ()
    settings: tuple[float, ...] = ()

    def step(self, weights: Mapping[str, Array]) -> Step:
        """The layer, which shares its weights, float32. Raises KeyError if one is missing."""
        return LAYERS[self.kind](*(weights[name] for name in self.weights), *self.settings)


class PointDecoder:
    """`model.latent.decoding.decode` for one point, to about 1e-6. For one thread at a time."""

    def __init__(self, steps: Iterable[Step], *, uses_torch: bool = False) -> None:
        """Decode by these steps, from z (D,) to logits (784,)."""
        self.uses_torch = uses_torch
        """Whether some steps are torch's, which should use one thread."""
        self._steps = list(steps)
        self._half = np.empty(_SIDE * _SIDE, dtype=np.float32)

    def decode(self, z: NDArray[np.floating]) -> Array:
        """The pixels' Bernoulli means at a point z (D,): (28, 28) in [0, 1], row 0 at the top."""
        h = np.asarray(z, dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):  # silent, as torch is
            for step in self._steps:
                h = step(h)
        # sigmoid(y) = (1 + tanh(y / 2)) / 2 never overflows
        np.multiply(h, 0.5, out=self._half)
        np.tanh(self._half, out=self._half)
        return (0.5 + 0.5 * self._half).reshape(_SIDE, _SIDE)


def _linear(weight: Array, bias: Array) -> Step:
    in_order = weight.reshape(-1)
    outputs = np.empty(len(bias), dtype=np.float32)

    def step(h: Array) -> Array:
        np.dot(in_order, in_order)  # reads the matrix in order; the result is not needed
        np.dot(weight, h, out=outputs)
        return np.add(outputs, bias, out=outputs)

    return step


def _layer_norm(weight: Array, bias: Array, eps: float) -> Step:
    outputs = np.empty(len(bias), dtype=np.float32)
    count = len(bias)

    def step(h: Array) -> Array:
        np.subtract(h, np.add.reduce(h) / count, out=outputs)
        standard_deviation = (float(np.dot(outputs, outputs)) / count + eps) ** 0.5
        np.multiply(outputs, np.float32(1.0 / standard_deviation), out=outputs)
        np.multiply(outputs, weight, out=outputs)
        return np.add(outputs, bias, out=outputs)

    return step


def _residual(gain: Array, shift: Array, weight: Array, bias: Array, eps: float) -> Step:
    norm, linear = _layer_norm(gain, shift, eps), _linear(weight, bias)
    outputs = np.empty(len(bias), dtype=np.float32)
    sigmoid = np.empty_like(outputs)

    def step(h: Array) -> Array:
        # silu(y) = y sigmoid(y) = u + u tanh(u) with u = y / 2
        u = linear(norm(h))
        np.multiply(u, 0.5, out=u)
        np.tanh(u, out=sigmoid)
        np.multiply(u, sigmoid, out=sigmoid)
        np.add(u, sigmoid, out=sigmoid)
        return np.add(h, sigmoid, out=outputs)

    return step


def _fourier_features(count: float) -> Step:
    k = np.arange(1, int(count) + 1, dtype=np.float32)

    def step(z: Array) -> Array:
        phases = np.multiply.outer(z, k).ravel()
        return np.concatenate([z, np.sin(phases), np.cos(phases)])

    return step


def _tanh() -> Step:
    return lambda h: np.tanh(h, out=h)


def _relu() -> Step:
    return lambda h: np.maximum(h, 0.0, out=h)


LAYERS: dict[str, Callable[..., Step]] = {
    "linear": _linear,
    "layer norm": _layer_norm,
    "residual": _residual,
    "Fourier features": _fourier_features,
    "tanh": _tanh,
    "relu": _relu,
}
"""What makes the step of a layer, by kind, from its weights and its settings."""

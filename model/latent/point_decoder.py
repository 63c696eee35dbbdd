"""The decoder for one point at a time, in numpy: it sets the delay between hand and image.

torch is made for batches. For a single point the products of the bundled decoder take 0.1 ms, but
torch's calls around them, and its matrix product of one row, take 1 to 2 ms. Here the same layers
share the weights with torch's and write into the same memory each time.

Between two moves of the hand the weights leave the processor's caches, and fetching them again
takes most of the time. BLAS's product with one vector reads several rows at once, which halves the
memory's speed. So each matrix is first read through in order: 0.76 ms in the window rather than
1.03 (median of 2000, AMD EPYC). With weights in the cache this costs 0.1 ms.

Shapes: D latent dimensions, H units of a layer, 784 pixels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.network.blocks import PIXELS, SIDE, FourierFeatures, ResidualBlock
from model.network.vae import Decoder

Array = NDArray[np.float32]
Step = Callable[[Array], Array]
"""A layer: inputs (H,) -> outputs, which its next call overwrites."""


class PointDecoder:
    """`model.latent.decoding.decode` for one point, to about 1e-6. For one thread at a time."""

    def __init__(self, decoder: Decoder) -> None:
        """Prepare the layers of a decoder on the CPU, whose weights are shared."""
        self._steps = [*_steps(decoder.body), *_steps(decoder.logits)]
        self._half = np.empty(PIXELS, dtype=np.float32)

    def decode(self, z: NDArray[np.floating]) -> Array:
        """The pixels' Bernoulli means at a point z (D,): (28, 28) in [0, 1], row 0 at the top."""
        h = np.asarray(z, dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):  # silent, as torch is
            for step in self._steps:
                h = step(h)
        # sigmoid(y) = (1 + tanh(y / 2)) / 2 never overflows
        np.multiply(h, 0.5, out=self._half)
        np.tanh(self._half, out=self._half)
        return (0.5 + 0.5 * self._half).reshape(SIDE, SIDE)


def _steps(module: nn.Module) -> list[Step]:
    """A module as steps; a layer without a faster way is called in torch."""
    if isinstance(module, nn.Sequential):
        return [step for child in module for step in _steps(child)]
    for kind, make in _FASTER.items():
        if isinstance(module, kind):
            return [make(module)]
    return [_in_torch(module)]


def _linear(layer: nn.Linear) -> Step:
    weight, bias = _values(layer.weight), _values(layer.bias)
    in_order = weight.reshape(-1)
    outputs = np.empty(len(bias), dtype=np.float32)

    def step(h: Array) -> Array:
        np.dot(in_order, in_order)  # reads the matrix in order; the result is not needed
        np.dot(weight, h, out=outputs)
        return np.add(outputs, bias, out=outputs)

    return step


def _layer_norm(layer: nn.LayerNorm) -> Step:
    weight, bias = _values(layer.weight), _values(layer.bias)
    outputs = np.empty(len(bias), dtype=np.float32)
    count, eps = len(bias), layer.eps

    def step(h: Array) -> Array:
        np.subtract(h, np.add.reduce(h) / count, out=outputs)
        standard_deviation = (float(np.dot(outputs, outputs)) / count + eps) ** 0.5
        np.multiply(outputs, np.float32(1.0 / standard_deviation), out=outputs)
        np.multiply(outputs, weight, out=outputs)
        return np.add(outputs, bias, out=outputs)

    return step


def _residual(block: ResidualBlock) -> Step:
    norm, linear = _layer_norm(block.norm), _linear(block.linear)
    outputs = np.empty(len(block.linear.bias), dtype=np.float32)
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


def _fourier_features(layer: FourierFeatures) -> Step:
    k = np.arange(1, layer.count + 1, dtype=np.float32)

    def step(z: Array) -> Array:
        phases = np.multiply.outer(z, k).ravel()
        return np.concatenate([z, np.sin(phases), np.cos(phases)])

    return step


def _tanh(layer: nn.Module) -> Step:
    return lambda h: np.tanh(h, out=h)


def _relu(layer: nn.Module) -> Step:
    return lambda h: np.maximum(h, 0.0, out=h)


def _in_torch(module: nn.Module) -> Step:
    """Any module that takes a batch; consecutive ones hand their tensors on through numpy."""

    def step(h: Array) -> Array:
        with torch.inference_mode():
            outputs: Array = module(torch.from_numpy(h).unsqueeze(0))[0].numpy()
        return outputs

    return step


def _values(weight: Tensor) -> Array:
    """A weight's own memory as an array."""
    values: Array = weight.detach().numpy()
    return values


_FASTER: dict[type[nn.Module], Callable[[Any], Step]] = {
    nn.Linear: _linear,
    nn.LayerNorm: _layer_norm,
    nn.Tanh: _tanh,
    nn.ReLU: _relu,
    ResidualBlock: _residual,
    FourierFeatures: _fourier_features,
}

"""The decoder for one point under all ten classes at once, in numpy: ten digits follow the hand.

Of all its layers only the first linear one differs between classes, and there only the bias. So the
ten go through the others as ten columns, and each matrix is fetched from the memory once, which is
most of the time that a single point takes. The weights are shared with torch's layers.

Shapes: D latent dimensions, H units of a layer, 784 pixels, 10 classes.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from model.latent.plain_layers import parts_of
from model.latent.point_decoder import Array, Layer, Step
from model.network.blocks import SIDE
from model.network.class_conditional import CLASSES
from model.network.families import Labelled
from model.network.m1_m2 import M1M2


class ClassDecoder:
    """`model.latent.class_decoding.decode_all_classes` for one point. For one thread at a time."""

    def __init__(self, network: Labelled) -> None:
        """Decode by a model on the CPU."""
        decoder = network.given(0).decoder
        weights = {name: weight.detach().numpy() for name, weight in decoder.named_parameters()}
        parts = list(parts_of(decoder))
        place = next(i for i, part in enumerate(parts) if _kind(part) == "linear")
        first = parts[place]
        assert isinstance(first, Layer)
        self._before = [_of_the_point(part, weights) for part in parts[:place]]
        self._first = weights[first.weights[0]]
        self._biases = _biases(network)
        self._steps = [_of_columns(part, weights) for part in parts[place + 1 :]]

    def decode(self, z: NDArray[np.floating]) -> Array:
        """The pixels' Bernoulli means at a point z (D,): (10, 28, 28) in [0, 1], row 0 at the top.

        The numbers are those of a new array.
        """
        h = np.asarray(z, dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):  # silent, as torch is
            for step in self._before:
                h = step(h)
            h = (self._first @ h)[:, None] + self._biases
            for step in self._steps:
                h = step(h)
            # sigmoid(y) = (1 + tanh(y / 2)) / 2 never overflows
            np.multiply(h, 0.5, out=h)
            np.tanh(h, out=h)
            means = 0.5 + 0.5 * h.T
        return np.ascontiguousarray(means).reshape(CLASSES, SIDE, SIDE)


def _biases(network: Labelled) -> Array:
    """What each class adds to the first linear layer's outputs, its bias included: (H, 10)."""
    conditional = (network.above.m2 if isinstance(network, M1M2) else network).decoder.body
    first = next(layer for layer in conditional.body if isinstance(layer, nn.Linear))
    biases: Array = (conditional.classes.weight + first.bias[:, None]).detach().numpy()
    return np.ascontiguousarray(biases)


def _kind(part: Layer | nn.Module) -> str:
    return part.kind if isinstance(part, Layer) else ""


def _of_the_point(part: Layer | nn.Module, weights: Mapping[str, Array]) -> Step:
    assert isinstance(part, Layer)  # no layer that needs torch comes before the first linear one
    return part.step(weights)


def _of_columns(part: Layer | nn.Module, weights: Mapping[str, Array]) -> Step:
    """A layer for ten columns (H, 10) at once."""
    if not isinstance(part, Layer):
        return _in_torch(part)
    arrays = (weights[name] for name in part.weights)
    return _COLUMNS[part.kind](*arrays, *part.settings)


def _in_torch(module: nn.Module) -> Step:
    def step(h: Array) -> Array:
        with torch.inference_mode():
            outputs: Array = module(torch.from_numpy(np.ascontiguousarray(h.T))).numpy()
        return np.ascontiguousarray(outputs.T)

    return step


def _linear(weight: Array, bias: Array) -> Step:
    column = bias[:, None]
    outputs = np.empty((len(bias), CLASSES), dtype=np.float32)

    def step(h: Array) -> Array:
        np.dot(weight, h, out=outputs)
        return np.add(outputs, column, out=outputs)

    return step


def _layer_norm(weight: Array, bias: Array, eps: float) -> Step:
    gain, shift, count = weight[:, None], bias[:, None], len(bias)
    outputs = np.empty((count, CLASSES), dtype=np.float32)

    def step(h: Array) -> Array:
        np.subtract(h, np.add.reduce(h) / count, out=outputs)
        variance = np.einsum("hk,hk->k", outputs, outputs) / count
        np.multiply(outputs, 1.0 / np.sqrt(variance + np.float32(eps)), out=outputs)
        np.multiply(outputs, gain, out=outputs)
        return np.add(outputs, shift, out=outputs)

    return step


def _residual(gain: Array, shift: Array, weight: Array, bias: Array, eps: float) -> Step:
    norm, linear = _layer_norm(gain, shift, eps), _linear(weight, bias)
    outputs = np.empty((len(bias), CLASSES), dtype=np.float32)

    def step(h: Array) -> Array:
        # silu(y) = y sigmoid(y) = u + u tanh(u) with u = y / 2
        u = linear(norm(h))
        np.multiply(u, 0.5, out=u)
        np.add(u, u * np.tanh(u), out=u)
        return np.add(h, u, out=outputs)

    return step


_COLUMNS: dict[str, Callable[..., Step]] = {
    "linear": _linear,
    "layer norm": _layer_norm,
    "residual": _residual,
    "tanh": lambda: lambda h: np.tanh(h, out=h),
    "relu": lambda: lambda h: np.maximum(h, 0.0, out=h),
}

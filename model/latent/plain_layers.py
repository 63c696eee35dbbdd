"""A decoder of torch's as plain layers, for `model.latent.point_decoder`."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from model.latent.point_decoder import Array, Layer, PointDecoder, Step
from model.network.blocks import FourierFeatures, ResidualBlock
from model.network.vae import Decoder


def point_decoder(decoder: Decoder) -> PointDecoder:
    """The decoder for one point at a time, of a decoder on the CPU, whose weights it shares."""
    parts = list(parts_of(decoder))
    weights = {name: weight.detach().numpy() for name, weight in decoder.named_parameters()}
    steps = [p.step(weights) if isinstance(p, Layer) else _in_torch(p) for p in parts]
    return PointDecoder(steps, uses_torch=not all(isinstance(part, Layer) for part in parts))


def plain_layers(decoder: Decoder) -> list[Layer]:
    """The layers of a decoder in plain values. Raises ValueError if it has convolutions."""
    layers = []
    for part in parts_of(decoder):
        if not isinstance(part, Layer):
            raise ValueError(f"{type(part).__name__} is no plain layer")
        layers.append(part)
    return layers


def parts_of(decoder: Decoder) -> Iterator[Layer | nn.Module]:
    """The layers of a decoder in order: in plain values, or as they are where they have none."""
    yield from _flattened(decoder.body, "body")
    yield from _flattened(decoder.logits, "logits")


def _flattened(module: nn.Module, name: str) -> Iterator[Layer | nn.Module]:
    """A module's layers one after the other; one that has no plain kind as it is."""
    if isinstance(module, nn.Sequential):
        for place, child in module.named_children():
            yield from _flattened(child, f"{name}.{place}")
        return
    describe = _PLAIN.get(type(module))
    yield module if describe is None else describe(module, name)


def _linear(layer: nn.Linear, name: str) -> Layer:
    return Layer("linear", (f"{name}.weight", f"{name}.bias"))


def _layer_norm(layer: nn.LayerNorm, name: str) -> Layer:
    return Layer("layer norm", (f"{name}.weight", f"{name}.bias"), (layer.eps,))


def _residual(block: ResidualBlock, name: str) -> Layer:
    weights = (
        *_layer_norm(block.norm, f"{name}.norm").weights,
        *_linear(block.linear, f"{name}.linear").weights,
    )
    return Layer("residual", weights, (block.norm.eps,))


def _in_torch(module: nn.Module) -> Step:
    """Any module that takes a batch; consecutive ones hand their tensors on through numpy."""

    def step(h: Array) -> Array:
        with torch.inference_mode():
            outputs: Array = module(torch.from_numpy(h).unsqueeze(0))[0].numpy()
        return outputs

    return step


_PLAIN: dict[type[nn.Module], Callable[[Any, str], Layer]] = {
    nn.Linear: _linear,
    nn.LayerNorm: _layer_norm,
    ResidualBlock: _residual,
    FourierFeatures: lambda layer, _: Layer("Fourier features", settings=(layer.count,)),
    nn.Tanh: lambda *_: Layer("tanh"),
    nn.ReLU: lambda *_: Layer("relu"),
}

"""A decoder that waits in memory, in half precision, until one looks at it.

A timeline keeps the decoders of a hundred snapshots. Snapshots are written in half precision, so
that nothing is lost: the point decoder that is unpacked is that of the file, to the last bit. torch
widens the numbers in a millisecond or two; numpy would take thirty times as long.
"""

import copy

import torch
from torch import Tensor

from model.latent import plain_layers
from model.latent.point_decoder import Layer, PointDecoder
from model.network.vae import Decoder


class PackedDecoder:
    """A decoder whose weights take two bytes each, if that is exact, and four otherwise.

    Attributes:
        bytes: what they take.
    """

    def __init__(self, decoder: Decoder) -> None:
        """Pack a decoder on the CPU; it shares nothing with it."""
        self._weights = {name: _packed(weight) for name, weight in decoder.named_parameters()}
        self.bytes = sum(weight.nbytes for weight in self._weights.values())
        self._layers = _plain_layers(decoder)
        with torch.no_grad():
            self._module = copy.deepcopy(decoder)
        for parameter in self._module.parameters():
            parameter.data = torch.empty(0)

    def unpack(self) -> PointDecoder:
        """The decoder for one point at a time."""
        if self._layers is None:  # with convolutions it stays torch's
            return plain_layers.point_decoder(self.unpack_for_batches())
        weights = {name: weight.float().numpy() for name, weight in self._weights.items()}
        return PointDecoder([layer.step(weights) for layer in self._layers])

    def unpack_for_batches(self) -> Decoder:
        """The decoder for many points at once."""
        module = copy.deepcopy(self._module)
        for name, parameter in module.named_parameters():
            parameter.data = self._weights[name].float()
        return module


def _plain_layers(decoder: Decoder) -> list[Layer] | None:
    try:
        return plain_layers.plain_layers(decoder)
    except ValueError:
        return None


def _packed(weight: Tensor) -> Tensor:
    values = weight.detach()
    half = values.half()
    return half if torch.equal(half.float(), values) else values.clone()

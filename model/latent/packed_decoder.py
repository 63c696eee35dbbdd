"""A decoder that waits in memory, in half precision, until one looks at it.

A timeline keeps the decoders of a hundred snapshots. Snapshots are written in half precision, so
that nothing is lost: the point decoder that is unpacked is that of the file, to the last bit. torch
widens the numbers in a millisecond or two; numpy would take thirty times as long.
"""

import copy

import torch
from torch import Tensor

from model.latent import plain_layers
from model.latent.point_decoder import PointDecoder
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
        try:
            self._layers = plain_layers.plain_layers(decoder)
            self._module = None
        except ValueError:  # with convolutions it stays torch's
            self._layers = []
            self._module = copy.deepcopy(decoder)
            for parameter in self._module.parameters():
                parameter.data = torch.empty(0)

    def unpack(self) -> PointDecoder:
        """The decoder for one point at a time."""
        wide = {name: weight.float() for name, weight in self._weights.items()}
        if self._module is None:
            arrays = {name: weight.numpy() for name, weight in wide.items()}
            return PointDecoder([layer.step(arrays) for layer in self._layers])
        module = copy.deepcopy(self._module)
        for name, parameter in module.named_parameters():
            parameter.data = wide[name]
        return plain_layers.point_decoder(module)


def _packed(weight: Tensor) -> Tensor:
    values = weight.detach()
    half = values.half()
    return half if torch.equal(half.float(), values) else values.clone()

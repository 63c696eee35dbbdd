"""The atlas: the decoder's logits at a grid of places, in which the encoder looks an image up.

Without an atlas, an encoder misplaces about one image in ten, by 10 nats and more: posteriors in a
plane have several modes, and the gradient of the ELBO does not lead from one to another. With the
plane decoded at a grid of places, one matrix product gives log p(x, z) of an image at all of them,
as in the generative topographic mapping (Bishop et al. 1998), and the network refines the best
place. q(z|x) remains a diagonal Gaussian.

Shapes: B images in a batch, A places a side, A^2 in all, 784 pixels. Distances in units of z.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from model.network.blocks import PIXELS, FourierFeatures
from model.network.densities import log_normaliser, log_prior

# The places are quantiles of a normal distribution that is wider than the prior and cut off in its
# tails: they are dense near the origin, where most images lie, and nowhere far apart.
_DEVIATION = 2.0
_LIMIT = 3.3

_FREQUENCIES = 4
_AROUND = 9
# Inputs of the network: differences in nats from the best place, on two bounded scales.
_COARSE, _FINE, _FLOOR = 10.0, 4.0, -40.0


class Found(NamedTuple):
    """The result of looking a batch of images up in an atlas.

    Attributes:
        place: where log p(x, z) is highest, (B, 2).
        spacing: how far apart places lie there, along each axis, (B, 2).
        features: log p(x, z) at that place and the eight around it, relative to the first, on two
            scales, and the place with Fourier features of it: (B, FEATURES).
    """

    place: Tensor
    spacing: Tensor
    features: Tensor


class Atlas(nn.Module):
    """The logits of a decoder at a grid of places.

    Before it is first filled it is empty: every image is found at the origin, with a spacing of one
    and the same features, so that the network works as if it had no atlas.

    It is saved with the weights, since a model's measured numbers depend on it.
    """

    FEATURES = 2 * _AROUND + 2 * (1 + 2 * _FREQUENCIES)

    logits: Tensor
    places: Tensor
    spacings: Tensor
    log_joint_of_blank: Tensor

    def __init__(self, side: int) -> None:
        """Make an empty atlas of `side` places a side."""
        super().__init__()
        self.side = side
        self.register_buffer("logits", torch.zeros(side * side, PIXELS))
        self.register_buffer("places", torch.zeros(2, side))
        self.register_buffer("spacings", torch.ones(2, side))
        # log p(x, z) of an image x without any ink: log p(z) minus the log-normaliser.
        self.register_buffer("log_joint_of_blank", torch.zeros(side * side), persistent=False)
        self.fourier = FourierFeatures(_FREQUENCIES)
        self.register_load_state_dict_post_hook(_complete)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def fill(
        self, decoder: Callable[[Tensor], Tensor], shift: tuple[float, float] = (0.5, 0.5)
    ) -> None:
        """Decode the grid again.

        Args:
            decoder: points (A^2, 2) -> logits (A^2, 784).
            shift: the position of each place in its cell, along each axis, between 0 and 1. It
                varies in training, so that the decoder is as good between places as at them.
        """
        for axis, fraction in enumerate(shift):
            places = _quantiles(self.side, fraction)
            self.places[axis] = places
            self.spacings[axis] = torch.gradient(places)[0]
        self.logits.copy_(decoder(self._points()))
        self._complete()

    def forward(self, x: Tensor) -> Found:
        """Look images (B, 784) in [0, 1] up. No gradient: the best place changes in jumps."""
        with torch.no_grad(), torch.autocast(x.device.type, enabled=False):
            joint = torch.addmm(self.log_joint_of_blank, x, self.logits.T)
            best, index = joint.max(dim=1)
            row, column = index // self.side, index % self.side
            place = torch.stack([self.places[0, row], self.places[1, column]], dim=1)
            spacing = torch.stack([self.spacings[0, row], self.spacings[1, column]], dim=1)
            around = self._around(joint, row, column) - best.unsqueeze(1)
            nats = [around.clamp_min(_FLOOR) / _COARSE, torch.exp(around / _FINE)]
            return Found(place, spacing, torch.cat([*nats, self.fourier(place)], dim=1))

    def _around(self, joint: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """The entries of a table (B, A^2) at 3 x 3 places around one for each image: (B, 9)."""
        wide = self.side + 2
        table = F.pad(joint.view(-1, self.side, self.side), (1, 1, 1, 1), value=-math.inf)
        step = torch.arange(3, device=joint.device)
        offsets = (step.unsqueeze(1) * wide + step).flatten()
        return table.flatten(1).gather(1, (row * wide + column).unsqueeze(1) + offsets)

    def _points(self) -> Tensor:
        """The places in the order of `logits`: (A^2, 2), z1 by rows."""
        first, second = self.places
        points: Tensor = torch.cartesian_prod(first, second)
        return points

    def _complete(self) -> None:
        constant = log_prior(self._points()) - log_normaliser(self.logits)
        if self.log_joint_of_blank.is_meta:
            self.log_joint_of_blank = constant
        else:
            self.log_joint_of_blank.copy_(constant)


def _complete(atlas: nn.Module, keys: object) -> None:
    """Recompute the joint after weights were loaded; a function, since copies share the hook."""
    assert isinstance(atlas, Atlas)
    if not atlas.logits.is_meta:
        atlas._complete()


def _quantiles(count: int, shift: float) -> Tensor:
    """`count` places along an axis, (count,), rising."""
    outside = 0.5 * math.erfc(_LIMIT / (_DEVIATION * math.sqrt(2.0)))
    masses = (torch.arange(count, dtype=torch.float64) + shift) / count
    quantiles = torch.special.ndtri(outside + masses * (1.0 - 2.0 * outside))
    places: Tensor = (_DEVIATION * quantiles).float()
    return places

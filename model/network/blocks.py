"""The layers between images and latent points: plain, residual, convolutional.

Shapes: B images in a batch, D latent dimensions, 784 pixels, H hidden units.
"""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

SIDE = 28
PIXELS = SIDE * SIDE

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
}


class Widths(NamedTuple):
    """Widths and depths: `layers` of plain networks, the others of residual ones."""

    layers: tuple[int, ...]
    hidden: int
    blocks: int
    encoder_hidden: int
    encoder_blocks: int
    channels: int


class ResidualBlock(nn.Module):
    """h + silu(W layer_norm(h) + b), H hidden units."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.linear = nn.Linear(hidden, hidden)

    def forward(self, h: Tensor) -> Tensor:
        """(B, H) -> (B, H)."""
        return h + F.silu(self.linear(self.norm(h)))


class FourierFeatures(nn.Module):
    """z (B, D) -> z, sin(k z) and cos(k z) for k = 1 .. count: (B, D (1 + 2 count)).

    A network with few inputs learns low frequencies first and high ones hardly; with Fourier
    features of its inputs it learns both (Tancik et al. 2020, section 5).
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, z: Tensor) -> Tensor:
        """(B, D) -> (B, D (1 + 2 count))."""
        k = torch.arange(1, self.count + 1, device=z.device, dtype=z.dtype)
        phases = (z.unsqueeze(-1) * k).flatten(-2)
        return torch.cat([z, phases.sin(), phases.cos()], dim=-1)


def encoder_body(
    architecture: str, activation: str, widths: Widths, inputs: int = PIXELS
) -> tuple[nn.Sequential, int]:
    """Images (B, 784) -> hidden units (B, H); returns the network and H.

    Except with convolutions, there may be another number of `inputs` than an image has pixels.
    """
    if architecture == "mlp":
        return _plain((inputs, *widths.layers), activation), widths.layers[-1]
    hidden, blocks = widths.encoder_hidden, widths.encoder_blocks
    if architecture == "residual":
        return _residual([nn.Linear(inputs, hidden)], hidden, blocks), hidden
    c = widths.channels
    convolutions = [
        nn.Unflatten(1, (1, SIDE, SIDE)),
        nn.Conv2d(1, c, 4, stride=2, padding=1),  # 14 x 14
        nn.SiLU(),
        nn.Conv2d(c, 2 * c, 4, stride=2, padding=1),  # 7 x 7
        nn.SiLU(),
        nn.Flatten(),
        nn.Linear(2 * c * 49, hidden),
    ]
    return _residual(convolutions, hidden, blocks), hidden


def decoder_body(
    architecture: str,
    activation: str,
    widths: Widths,
    latent_dim: int,
    frequencies: int,
    outputs: int = PIXELS,
) -> tuple[nn.Sequential, nn.Module]:
    """Latent points (B, D) -> hidden units -> logits (B, 784); returns both networks.

    The second is a single linear layer unless the architecture is convolutional. Except with
    convolutions, there may be another number of `outputs` than an image has pixels.
    """
    first = [FourierFeatures(frequencies)] if frequencies else []
    inputs = latent_dim * (1 + 2 * frequencies)
    if architecture == "mlp":
        layers = (inputs, *reversed(widths.layers))
        body = _plain(layers, activation)
        return nn.Sequential(*first, *body), nn.Linear(layers[-1], outputs)
    hidden = widths.hidden
    body = _residual([*first, nn.Linear(inputs, hidden)], hidden, widths.blocks)
    if architecture == "residual":
        return body, nn.Linear(hidden, outputs)
    c = widths.channels
    logits = nn.Sequential(
        nn.Linear(hidden, 2 * c * 49),
        nn.Unflatten(1, (2 * c, 7, 7)),
        nn.SiLU(),
        nn.ConvTranspose2d(2 * c, c, 4, stride=2, padding=1),  # 14 x 14
        nn.SiLU(),
        nn.ConvTranspose2d(c, 1, 4, stride=2, padding=1),  # 28 x 28
        nn.Flatten(),
        PixelBias(),
    )
    return body, logits


class PixelBias(nn.Module):
    """A separate bias for each pixel, which convolutions do not have: (B, 784) -> (B, 784)."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(PIXELS))

    def forward(self, logits: Tensor) -> Tensor:
        """(B, 784) -> (B, 784)."""
        return logits + self.bias


def _plain(widths: tuple[int, ...], activation: str) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers)


def _residual(first: list[nn.Module], hidden: int, blocks: int) -> nn.Sequential:
    stack = (ResidualBlock(hidden) for _ in range(blocks))
    return nn.Sequential(*first, *stack, nn.LayerNorm(hidden))

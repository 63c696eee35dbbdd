"""A VAE with weights that a checkpoint can hold, and one mode that is as narrow as one likes."""

import math

import numpy as np
import torch

from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


def tent(centre: tuple[float, float], width: float) -> tuple[VAE, torch.Tensor]:
    """A VAE of plain layers that makes its only image within `width` of a centre, and grey else."""
    vae = build(
        VAEConfig(2, "mlp", layers="1-4", activation="relu", fourier_features=0), seed=0
    ).requires_grad_(False)
    for parameter in vae.parameters():
        parameter.zero_()
    first, second = vae.decoder.body[0], vae.decoder.body[2]
    directions = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    first.weight.copy_(directions / width)
    first.bias.copy_(-directions @ torch.tensor(centre) / width)
    second.weight.fill_(-1.0)
    second.bias.fill_(6.0)
    x = (torch.arange(PIXELS) % 3 == 0).float()
    sign = 2.0 * x - 1.0
    vae.decoder.logits.weight.copy_(1.5 * sign.unsqueeze(1))
    vae.decoder.logits.bias.copy_(sign)
    vae.encoder.mean.bias.copy_(torch.tensor(centre))
    vae.encoder.log_variance.bias.fill_(2.0 * math.log(width))
    return vae, x.unsqueeze(0)


def dense(vae: VAE, x: torch.Tensor, centre: tuple[float, float], width: float) -> float:
    """The integral over the tent and the plateau around it, in float64 on 800 x 800 points."""
    offsets = (np.arange(800) + 0.5) / 800 * 16.0 - 8.0
    at = [c + width * offsets for c in centre]
    z = np.stack(np.meshgrid(*at, indexing="ij"), -1).reshape(-1, 2)
    heights = np.maximum(6.0 - np.abs((z - np.array(centre)) / width).sum(1), 0.0)
    likelihood = -PIXELS * np.logaddexp(0.0, -(1.0 + 1.5 * heights))
    joint = likelihood - 0.5 * (z**2).sum(1) - math.log(2.0 * math.pi)
    inside = np.logaddexp.reduce(joint) + 2.0 * math.log(width * 0.02)
    plateau = -PIXELS * math.log1p(math.exp(-1.0))
    return float(np.logaddexp(inside, plateau))

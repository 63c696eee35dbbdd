"""Batched questions to a trained VAE: encode, decode, sample, the manifold."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.latent.decode_table import Decode
from model.network.blocks import SIDE
from model.network.densities import Posterior
from model.network.vae import VAE, Decoder

BATCH = 1000


@torch.inference_mode()
def posteriors(vae: VAE, x: Tensor) -> Posterior:
    """q(z|x) of images x (N, 784) in [0, 1]; N may be large."""
    parts = [vae.posterior(batch) for batch in torch.split(x, BATCH)]
    return Posterior(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))


def posterior_means(vae: VAE, x: Tensor) -> Tensor:
    """The means of q(z|x) of images x (N, 784) in [0, 1]: (N, D) float32."""
    return posteriors(vae, x).mean


@torch.inference_mode()
def decode(vae: VAE, z: Tensor) -> Tensor:
    """The pixels' Bernoulli means at latent points z (B, D): (B, 28, 28) in [0, 1].

    Row 0 is the top of the image.
    """
    return decode_by(vae.decoder, z)


@torch.inference_mode()
def decode_by(decoder: Decoder, z: Tensor) -> Tensor:
    """`decode` by a decoder alone."""
    return torch.sigmoid(decoder(z)).view(-1, SIDE, SIDE)


def sample(vae: VAE, count: int, seed: int) -> Tensor:
    """Decode `count` draws of z from the prior: means (count, 28, 28) in [0, 1], on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, vae.config.latent_dim, generator=generator)
    return decode(vae, z.to(next(vae.parameters()).device)).cpu()


def equal_mass_midpoints(count: int) -> Tensor:
    """The points that halve each of `count` intervals of equal mass of N(0, 1): (count,), rising.

    Source: Kingma and Welling 2014, figure 4: "linearly spaced coordinates on the unit square ...
    transformed through the inverse CDF of the Gaussian"; the midpoints are those of their code.
    """
    masses = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    points: Tensor = torch.special.ndtri(masses).float()
    return points


def manifold(vae: VAE, count: int) -> Tensor:
    """Decode the midpoints of count x count cells of equal prior mass, at two latent dimensions.

    Returns the means (count, count, 28, 28) in [0, 1], on the CPU: row 0 has the largest z2, and
    column 0 the smallest z1, as the plane is drawn.
    """
    midpoints = equal_mass_midpoints(count)
    z1, z2 = torch.meshgrid(midpoints, midpoints.flip(0), indexing="xy")
    z = torch.stack([z1, z2], dim=-1).view(-1, 2).to(next(vae.parameters()).device)
    return decode(vae, z).cpu().view(count, count, SIDE, SIDE)


def plain_decode(vae: VAE) -> Decode:
    """The decoder from numpy to numpy: points (B, 2) float32 -> logits (B, 784) float32."""
    return plain_decode_by(vae.decoder)


def plain_decode_by(decoder: Decoder) -> Decode:
    """`plain_decode` by a decoder alone."""
    device = next(decoder.parameters()).device

    def decode_points(z: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            logits: NDArray[np.float32] = decoder(torch.from_numpy(z).to(device)).cpu().numpy()
        return logits

    return decode_points

"""What one asks a trained VAE: encode, decode, sample, nearest neighbours."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.vae import SIDE, VAE

Array = NDArray[np.float64]
BATCH = 1000


@torch.inference_mode()
def posterior_means(vae: VAE, x: Tensor) -> Tensor:
    """The means of q(z|x) of images x (N, 784) in [0, 1]: (N, D) float32."""
    return torch.cat([vae.posterior(batch).mean for batch in torch.split(x, BATCH)])


@torch.inference_mode()
def decode(vae: VAE, z: Tensor) -> Tensor:
    """The pixels' Bernoulli means at latent points z (B, D): (B, 28, 28) in [0, 1].

    Row 0 is the top of the image.
    """
    return torch.sigmoid(vae.decoder(z)).view(-1, SIDE, SIDE)


def decode_point(vae: VAE, z: Array) -> NDArray[np.float32]:
    """`decode` for one point z (D,): (28, 28) float32 in [0, 1]."""
    point = torch.from_numpy(np.asarray(z, dtype=np.float32)).unsqueeze(0)
    image: NDArray[np.float32] = decode(vae, point)[0].numpy()
    return image


def sample(vae: VAE, count: int, seed: int) -> Tensor:
    """Decode `count` draws of z from the prior: means (count, 28, 28) in [0, 1], on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, vae.config.latent_dim, generator=generator)
    return decode(vae, z.to(next(vae.parameters()).device)).cpu()


class Neighbours:
    """Finds the nearest of many points, at each move of a hand: 0.03 ms among 10,000 in a plane."""

    def __init__(self, points: Array) -> None:
        """Keep points (N, D), each coordinate in memory of its own."""
        self._columns = [np.ascontiguousarray(column) for column in points.T]

    def nearest(self, z: Array) -> int:
        """The index of the point nearest to z (D,) in Euclidean distance; the first of equals."""
        total = np.square(self._columns[0] - z[0])
        for column, value in zip(self._columns[1:], z[1:], strict=True):
            total += np.square(column - value)
        return int(np.argmin(total))

"""What one asks a trained VAE: encode, decode, sample, the manifold, nearest neighbours."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.network.blocks import SIDE
from model.network.densities import Posterior
from model.network.vae import VAE

Array = NDArray[np.float64]
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


class Neighbours:
    """Finds the nearest of many points at each move of a hand: 0.03 ms among 70,000 in a plane.

    The points are kept in the order of their first coordinate: the nearest of some around z bounds
    how far the nearest of all can lie along that axis. Single precision, as encoders give it, and
    no memory of its own per search: fresh arrays can cost more than the arithmetic.
    """

    _AROUND = 128

    def __init__(self, points: Array) -> None:
        """Keep points (N, D), each coordinate in memory of its own; N > 0."""
        self._order = np.argsort(points[:, 0].astype(np.float32), kind="stable")
        columns = points[self._order].T
        self._columns = [np.ascontiguousarray(column, dtype=np.float32) for column in columns]
        self._total = np.empty(len(points), dtype=np.float32)
        self._term = np.empty_like(self._total)

    def nearest(self, z: Array) -> int:
        """The index of the point nearest to z (D,) in Euclidean distance; the first of equals."""
        return int(self.nearest_few(z, 1)[0])

    def nearest_few(self, z: Array, count: int) -> NDArray[np.intp]:
        """The indices of the points nearest to z (D,), the nearest first: (count,), or all."""
        point = z.astype(np.float32)
        first = self._columns[0]
        count = min(count, len(first))
        place, around = int(first.searchsorted(point[0])), self._AROUND + count
        start, stop = max(0, place - around), min(len(first), place + around)
        squares = self._squares(point, start, stop)
        # the nearest of all are as near
        bound = squares.min() if count == 1 else np.partition(squares, count - 1)[count - 1]
        reach = 1.0001 * math.sqrt(bound)  # rounding must not lose one
        low = int(first.searchsorted(np.float32(point[0] - reach)))
        high = int(first.searchsorted(np.float32(point[0] + reach), "right"))
        if low < start or high > stop:
            start, stop = low, high
            squares = self._squares(point, start, stop)
        near = np.flatnonzero(squares <= bound)
        found = self._order[start + near]
        if len(found) == 1:
            return found
        nearest: NDArray[np.intp] = found[np.lexsort((found, squares[near]))][:count]
        return nearest

    def _squares(self, z: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
        """The squared distances from z (D,) of the points from `start` to `stop` in order."""
        total = self._total[start:stop]
        term = self._term[start:stop]
        total.fill(0.0)
        for column, value in zip(self._columns, z, strict=True):
            np.subtract(column[start:stop], value, out=term)
            np.square(term, out=term)
            np.add(total, term, out=total)
        return total

"""What the program computes quickly, computed plainly: what tests compare with."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from model.latent.decoding import decode
from model.likelihood.elbo import cross_log_likelihood
from model.likelihood.grid import Grid
from model.network.densities import log_prior
from model.network.vae import VAE

_ROWS_AT_ONCE = 4


def decode_point(vae: VAE, z: ArrayLike) -> NDArray[np.float32]:
    """`decode` by torch for one point z (D,): (28, 28) in [0, 1]."""
    point = torch.from_numpy(np.asarray(z, dtype=np.float32)).unsqueeze(0)
    image: NDArray[np.float32] = decode(vae, point)[0].numpy()
    return image


@torch.inference_mode()
def log_joint_on_grid(vae: VAE, x: Tensor, grid: Grid) -> Tensor:
    """Log p(x, z) of a few images x (B, 784) at every point of a grid: (B, side, side) float32.

    Entry [b, i, j] belongs to z1 = axis[i], z2 = axis[j].
    """
    axis = grid.axis()
    joint = x.new_empty(len(x), grid.side, grid.side)
    for start in range(0, grid.side, _ROWS_AT_ONCE):
        z = torch.cartesian_prod(axis[start : start + _ROWS_AT_ONCE], axis)
        rows = cross_log_likelihood(vae.decoder(z), x) + log_prior(z)
        joint[:, start : start + _ROWS_AT_ONCE] = rows.view(len(x), -1, grid.side)
    return joint

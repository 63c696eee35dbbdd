"""Pictures of a VAE as PNG files: samples, and the decoded plane."""

from typing import IO

import torch
from torch import Tensor

from model.latent import decoding as latent
from model.network.vae import VAE

SAMPLES = 10
MANIFOLD = 20


def write_row_of_samples(vae: VAE, seed: int, file: IO[bytes]) -> None:
    """Ten samples in a row, enlarged: the same ten z for the same seed."""
    images = latent.sample(vae, SAMPLES, seed)
    enlarged = torch.nn.functional.interpolate(images[:, None], scale_factor=4.0)
    _save(enlarged, file, nrow=SAMPLES, padding=8, pad_value=0.5)


def write_samples(vae: VAE, seed: int, file: IO[bytes]) -> None:
    """Ten rows of ten samples, side by side (Kingma and Welling 2014, figure 5)."""
    _save(latent.sample(vae, SAMPLES**2, seed)[:, None], file, nrow=SAMPLES, padding=0)


def write_manifold(vae: VAE, file: IO[bytes]) -> None:
    """The plane in 20 x 20 cells of equal prior mass (Kingma and Welling 2014, figure 4)."""
    cells = latent.manifold(vae, MANIFOLD).flatten(0, 1)
    _save(cells[:, None], file, nrow=MANIFOLD, padding=0)


def _save(images: Tensor, file: IO[bytes], **layout: float) -> None:
    from torchvision.utils import save_image  # takes 1.1 s to import

    save_image(images, file, format="png", **layout)

"""Pictures of a VAE as PNG files: samples, the decoded plane, images that were filled in."""

from typing import IO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.latent import decoding as latent
from model.latent.class_decoding import manifolds, sample_all_classes
from model.network.blocks import SIDE
from model.network.families import Network
from model.network.vae import VAE

SAMPLES = 10
MANIFOLD = 20
MANIFOLD_OF_CLASS = 10

Floats = NDArray[np.float32]

_UNSEEN = (0.25, 0.4, 0.65)


def write_row_of_samples(network: Network, seed: int, file: IO[bytes]) -> None:
    """Ten samples in a row, enlarged: the same ten z for the same seed.

    Of a model with classes: one z, under each class.
    """
    enlarged = torch.nn.functional.interpolate(
        ten_samples(network, seed)[:, None], scale_factor=4.0
    )
    _save(enlarged, file, columns=SAMPLES, padding=8, pad_value=0.5)


def ten_samples(network: Network, seed: int) -> Tensor:
    """The images of `write_row_of_samples`: (10, 28, 28) in [0, 1]."""
    if isinstance(network, VAE):
        return latent.sample(network, SAMPLES, seed)
    return sample_all_classes(network, 1, seed)[0]


def write_samples(network: Network, seed: int, file: IO[bytes]) -> None:
    """Ten rows of ten samples, side by side (Kingma and Welling 2014, figure 5).

    Of a model with classes: a row for each z, a column for each class (Kingma et al. 2014, figure
    1b).
    """
    if isinstance(network, VAE):
        images = latent.sample(network, SAMPLES**2, seed)
    else:
        images = sample_all_classes(network, SAMPLES, seed).flatten(0, 1)
    _save(images[:, None], file, columns=SAMPLES)


def write_manifold(network: Network, file: IO[bytes]) -> None:
    """The plane in 20 x 20 cells of equal prior mass (Kingma and Welling 2014, figure 4).

    Of a model with classes: the planes of 0 to 4 above those of 5 to 9, each in 10 x 10 cells.
    """
    if isinstance(network, VAE):
        cells, columns = latent.manifold(network, MANIFOLD).flatten(0, 1), MANIFOLD
    else:
        cells = manifolds(network, MANIFOLD_OF_CLASS).flatten(0, 3)
        columns = 5 * MANIFOLD_OF_CLASS
    _save(cells[:, None], file, columns=columns)


def _save(
    images: Tensor, file: IO[bytes], *, columns: int, padding: int = 0, pad_value: float = 0.0
) -> None:
    """Write images (N, C, H, W) in [0, 1] in rows of `columns`, grey (C = 1) or coloured (C = 3).

    N is a multiple of `columns`. Padding stands round each image. What torchvision's save_image
    draws, but a grey picture has one channel, not three alike: it is made in a quarter of the time,
    and half as large.
    """
    from PIL import Image

    padded = torch.nn.functional.pad(images, (0, padding, 0, padding), value=pad_value)
    count, channels, height, width = padded.shape
    rows = padded.reshape(count // columns, columns, channels, height, width)
    joined = rows.permute(0, 3, 1, 4, 2).reshape(-1, columns * width, channels)
    whole = torch.nn.functional.pad(joined, (0, 0, padding, 0, padding, 0), value=pad_value)
    pixels = whole.mul(255.0).add_(0.5).clamp_(0.0, 255.0).to(torch.uint8).cpu().numpy()
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(file, format="png")


def write_inpainting(
    original: Floats, seen: NDArray[np.bool_], mean: Floats, draws: Floats, file: IO[bytes]
) -> None:
    """A row for each of P images: the image, what is seen of it, the mean, and its draws.

    Pixels that are not seen are blue. Images (P, 784), the draws (P, K, 784).
    """
    grey = np.concatenate([original[:, None], original[:, None], mean[:, None], draws], axis=1)
    columns = grey.shape[1]
    coloured = torch.from_numpy(grey).reshape(-1, 1, SIDE, SIDE).repeat(1, 3, 1, 1)
    hidden = torch.zeros(len(original), columns, SIDE * SIDE, dtype=torch.bool)
    hidden[:, 1] = torch.from_numpy(~seen)
    unseen = torch.tensor(_UNSEEN).view(1, 3, 1, 1)
    coloured = torch.where(hidden.view(-1, 1, SIDE, SIDE), unseen, coloured)
    enlarged = torch.nn.functional.interpolate(coloured, scale_factor=2.0)
    _save(enlarged, file, columns=columns, padding=4, pad_value=0.5)

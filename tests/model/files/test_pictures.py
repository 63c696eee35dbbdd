import io
from collections.abc import Callable
from statistics import NormalDist
from typing import IO

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision.utils import save_image

from model.files import pictures
from model.latent import decoding as latent
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

Array = NDArray[np.float64]


def network(latent_dim: int) -> VAE:
    """Of large weights: its pictures differ from place to place."""
    vae = build(
        VAEConfig(latent_dim, hidden=16, blocks=1, fourier_features=1), seed=0
    ).requires_grad_(False)
    vae.decoder.logits.weight *= 6.0
    return vae


def drawn(write: Callable[[IO[bytes]], None]) -> Array:
    file = io.BytesIO()
    write(file)
    with Image.open(file) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image, dtype=float)


def test_the_plane_shows_what_the_decoder_says() -> None:
    vae = network(2)
    picture = drawn(lambda file: pictures.write_manifold(vae, file))
    assert picture.shape == (20 * 28, 20 * 28)
    quantile = NormalDist().inv_cdf
    for row in range(20):
        for column in range(20):
            # As a plane is drawn: z1 to the right, z2 upwards.
            z = [quantile((column + 0.5) / 20), quantile((19.5 - row) / 20)]
            expected = 255 / (1 + np.exp(-vae.decoder(torch.tensor([z])).numpy()))
            cell = picture[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
            np.testing.assert_allclose(cell, expected.reshape(28, 28), atol=1.0)
    assert abs(picture[:28, :28] - picture[-28:, -28:]).max() > 50


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_a_hundred_samples_lie_side_by_side(latent_dim: int) -> None:
    vae = network(latent_dim)
    picture = drawn(lambda file: pictures.write_samples(vae, 3, file))
    assert picture.shape == (280, 280)
    samples = latent.sample(vae, 100, seed=3).numpy()
    for index, sample in enumerate(samples):
        row, column = divmod(index, 10)
        cell = picture[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        np.testing.assert_allclose(cell, 255 * sample, atol=1.0)
    assert abs(samples[0] - samples[1]).max() > 0.1


def test_ten_samples_lie_in_a_row_enlarged() -> None:
    vae = network(2)
    row = drawn(lambda file: pictures.write_row_of_samples(vae, 3, file))
    assert row.shape == (8 + 112 + 8, 8 + 10 * 120)
    for index, sample in enumerate(latent.sample(vae, 10, seed=3).numpy()):
        cell = row[8:120, 8 + 120 * index : 120 + 120 * index]
        np.testing.assert_allclose(cell, np.kron(255 * sample, np.ones((4, 4))), atol=1.0)


def test_another_seed_draws_other_samples() -> None:
    vae = network(2)
    one, other = (
        drawn(lambda file, seed=seed: pictures.write_samples(vae, seed, file)) for seed in (0, 1)
    )
    assert abs(one - other).max() > 20


@pytest.mark.parametrize("columns", [2, 3])
def test_they_are_laid_out_as_torchvision_lays_them_out(columns: int) -> None:
    """To the pixel, colours and frames included."""
    random = np.random.default_rng(0)
    original, mean = random.random((2, 4, 784), dtype=np.float32)
    draws = random.random((4, columns, 784), dtype=np.float32)
    seen = random.random((4, 784)) < 0.5
    ours, theirs = io.BytesIO(), io.BytesIO()
    pictures.write_inpainting(original, seen, mean, draws, ours)
    rows = np.concatenate([original[:, None], original[:, None], mean[:, None], draws], axis=1)
    coloured = np.repeat(rows.reshape(-1, 1, 28, 28), 3, axis=1)
    half_seen = coloured[1 :: columns + 3]
    unseen = np.array([0.25, 0.4, 0.65], np.float32)[:, None, None]
    half_seen[:] = np.where(seen.reshape(4, 1, 28, 28), half_seen, unseen)
    enlarged = torch.from_numpy(np.kron(coloured, np.ones((2, 2), np.float32)))
    save_image(enlarged, theirs, format="png", nrow=columns + 3, padding=4, pad_value=0.5)
    with Image.open(ours) as image, Image.open(theirs) as other:
        assert image.mode == other.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(image), np.asarray(other))

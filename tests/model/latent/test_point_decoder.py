import numpy as np
import pytest
import torch
from plainly import decode_point

from model import assets
from model.files.checkpoint import read_checkpoint
from model.latent.plain_layers import point_decoder
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

CONFIGS = {
    "plain, tanh": VAEConfig(3, "mlp", layers="50-20", activation="tanh"),
    "plain, relu": VAEConfig(1, "mlp", layers="50", activation="relu"),
    "plain, silu": VAEConfig(2, "mlp", layers="50-20-30", activation="silu"),
    "plain, Fourier features": VAEConfig(2, "mlp", layers="50", fourier_features=3),
    "residual": VAEConfig(5, hidden=40, blocks=3),
    "residual, Fourier features": VAEConfig(2, hidden=40, blocks=2, fourier_features=4),
    "residual, atlas": VAEConfig(2, hidden=40, blocks=2, fourier_features=2, atlas=4),
    "convolutions": VAEConfig(2, "conv", hidden=40, blocks=2, channels=3),
    "convolutions, Fourier features": VAEConfig(
        4, "conv", hidden=40, blocks=1, channels=4, fourier_features=1
    ),
}


def disturbed(config: VAEConfig) -> VAE:
    """A network none of whose biases and gains is 0 or 1, with logits from -20 to 20 or so."""
    vae = build(config, seed=0).eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for weight in vae.decoder.parameters():
        if weight.ndim == 1:
            weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
        else:
            weight.mul_(2.0)
    return vae


def points(config: VAEConfig) -> np.ndarray:
    near = np.random.default_rng(0).normal(size=(20, config.latent_dim))
    return np.concatenate([near, 4.0 * near, 30.0 * near[:2], np.zeros_like(near[:1])])


@pytest.mark.parametrize("name", CONFIGS)
def test_a_point_is_decoded_as_torch_decodes_it(name: str) -> None:
    vae = disturbed(CONFIGS[name])
    decoder = point_decoder(vae.decoder)
    pictures = []
    for z in points(vae.config):
        image = decoder.decode(z)
        assert image.shape == (28, 28)
        assert image.dtype == np.float32
        np.testing.assert_allclose(image, decode_point(vae, z), atol=1e-5, rtol=0)
        pictures.append(image)
    assert np.ptp(pictures, axis=0).max() > 0.1  # or there was nothing to compare


def test_the_bundled_model_is_decoded_as_torch_decodes_it() -> None:
    vae = read_checkpoint(assets.PRETRAINED).vae
    decoder = point_decoder(vae.decoder)
    for z in points(vae.config)[:40]:
        np.testing.assert_allclose(decoder.decode(z), decode_point(vae, z), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_decoded_point_is_kept_and_the_point_itself_too(name: str) -> None:
    vae = disturbed(CONFIGS[name])
    decoder = point_decoder(vae.decoder)
    z = np.full(vae.config.latent_dim, 0.5, dtype=np.float32)
    one = decoder.decode(z)
    before = one.copy()
    other = decoder.decode(-z)
    np.testing.assert_array_equal(one, before)
    assert (other != one).any()
    np.testing.assert_array_equal(z, 0.5)


def test_weights_that_change_are_seen() -> None:
    vae = disturbed(CONFIGS["residual"])
    decoder = point_decoder(vae.decoder)
    z = np.ones(5)
    before = decoder.decode(z)
    for weight in vae.decoder.parameters():
        weight.mul_(0.5)
    assert (decoder.decode(z) != before).any()
    np.testing.assert_allclose(decoder.decode(z), decode_point(vae, z), atol=1e-5, rtol=0)


def test_numbers_that_overflow_say_nothing() -> None:
    """Warnings are errors here; in the window they would fill a terminal at every move."""
    vae = disturbed(CONFIGS["residual"])
    for weight in vae.decoder.parameters():
        weight.mul_(1e15)
    assert point_decoder(vae.decoder).decode(np.ones(5)).shape == (28, 28)

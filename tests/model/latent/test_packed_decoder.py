import numpy as np
import pytest
import torch
from plainly import decode_point

from model.latent.packed_decoder import PackedDecoder
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


def vae_of(architecture: str = "residual", *, half: bool = True) -> VAE:
    config = VAEConfig(2, architecture, hidden=16, blocks=2, channels=4)
    vae = build(config, 3).eval().requires_grad_(False)
    if half:
        for weight in vae.parameters():
            weight.copy_(weight.half().float())
    return vae


@pytest.mark.parametrize("architecture", ["residual", "conv"])
def test_it_decodes_as_the_decoder_that_was_packed(architecture: str) -> None:
    vae = vae_of(architecture)
    decoder = PackedDecoder(vae.decoder).unpack()
    for z in np.random.default_rng(0).normal(size=(5, 2)):
        np.testing.assert_allclose(decoder.decode(z), decode_point(vae, z), atol=1e-6)


@pytest.mark.parametrize("architecture", ["residual", "conv"])
def test_its_weights_take_two_bytes_each_and_are_its_own(architecture: str) -> None:
    vae = vae_of(architecture)
    count = sum(weight.numel() for weight in vae.decoder.parameters())
    packed = PackedDecoder(vae.decoder)
    assert packed.bytes == 2 * count
    z = np.array([0.3, -0.5])
    before = packed.unpack().decode(z)
    for weight in vae.decoder.parameters():
        weight.zero_()
    np.testing.assert_array_equal(packed.unpack().decode(z), before)


def test_weights_that_half_precision_cannot_hold_are_kept_as_they_are() -> None:
    vae = vae_of(half=False)
    vae.decoder.logits.bias[0] = 1e6
    packed = PackedDecoder(vae.decoder)
    z = np.array([0.3, -0.5])
    np.testing.assert_allclose(packed.unpack().decode(z), decode_point(vae, z), atol=1e-6)
    assert torch.equal(vae.decoder.logits.bias[0], torch.tensor(1e6))

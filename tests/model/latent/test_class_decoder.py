"""Ten digits of one z, decoded at once in numpy, are those of torch, one class at a time."""

import numpy as np
import pytest
import torch

from model.latent.class_decoder import ClassDecoder
from model.latent.class_decoding import decode_all_classes
from model.network.initialisation import build
from model.network.vae import VAEConfig

RESIDUAL = VAEConfig(2, "residual", hidden=24, blocks=2, fourier_features=3, family="m2")
CONFIGS = {
    "mlp": VAEConfig(2, "mlp", layers="20-30", family="m2"),
    "tanh": VAEConfig(2, "mlp", layers="20", activation="tanh", family="m2"),
    "residual": RESIDUAL,
    "convolutions": VAEConfig(3, "conv", channels=4, hidden=8, family="m2"),
    "m1+m2": VAEConfig(3, "mlp", layers="10", family="m1+m2", m1_network="5:12-9:tanh"),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_all_ten_are_those_of_the_network(name):
    network = build(CONFIGS[name], 0).eval().requires_grad_(False)
    decoder = ClassDecoder(network)
    for seed in range(3):  # it writes into the same memory each time
        z = torch.randn(1, CONFIGS[name].latent_dim, generator=torch.Generator().manual_seed(seed))
        images = decoder.decode(z[0].numpy())
        assert images.shape == (10, 28, 28)
        np.testing.assert_allclose(images, decode_all_classes(network, z)[0].numpy(), atol=2e-6)


def test_an_answer_stays_when_the_next_one_comes():
    decoder = ClassDecoder(build(RESIDUAL, 0).requires_grad_(False))
    first = decoder.decode(np.array([0.1, 0.2]))
    kept = first.copy()
    decoder.decode(np.array([-2.0, 3.0]))
    np.testing.assert_array_equal(first, kept)


def test_a_place_far_away_gives_numbers_within_bounds():
    images = ClassDecoder(build(RESIDUAL, 0).requires_grad_(False)).decode(np.array([1e30, -1e30]))
    assert images.min() >= 0.0
    assert images.max() <= 1.0

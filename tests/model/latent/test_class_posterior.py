"""Exact p(y|x) of one image, against a plain sum over a fine grid."""

import numpy as np
import pytest
import torch

from model.latent.class_posterior import class_planes, class_posterior
from model.latent.decoding import plain_decode
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.progress import finish


@pytest.fixture(scope="module")
def network():
    made = build(VAEConfig(2, "mlp", layers="16", family="m2"), 0).eval().requires_grad_(False)
    made.decoder.logits.weight *= 2.0
    made.decoder.body.classes.weight *= 0.5  # so that no class is certain
    return made


@pytest.fixture(scope="module")
def planes(network):
    decoders = [plain_decode(network.given(label)) for label in range(10)]
    return finish(class_planes(decoders, side=30))


@pytest.fixture(scope="module")
def images(network):
    """Images that the model itself makes, of the classes 0, 4 and 8."""
    generator = torch.Generator().manual_seed(1)
    z = torch.randn(3, 2, generator=generator)
    logits = network.decoder(z, torch.tensor([0, 4, 8]))
    return torch.bernoulli(torch.sigmoid(logits), generator=generator)


@pytest.fixture(scope="module")
def sums(network, images):
    """log p(x|y) by a plain sum over all cells, without anything left out: (3, 10)."""
    step = 0.1
    axis = torch.arange(-6.0 + step / 2, 6.0, step, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    log_prior = -0.5 * (z**2).sum(1, keepdim=True) - np.log(2.0 * np.pi) + 2.0 * np.log(step)
    found = []
    for label in range(10):
        labels = torch.full((len(z),), label)
        logits = network.decoder(z.float(), labels)
        rest = torch.nn.functional.softplus(logits).sum(1, keepdim=True)
        found.append(torch.logsumexp((logits @ images.T - rest).double() + log_prior, 0))
    return torch.stack(found, dim=1).numpy()


@pytest.mark.slow
def test_it_is_that_of_a_plain_sum(planes, images, sums):
    for image, expected in zip(images, sums, strict=True):
        found = finish(class_posterior(planes, image.numpy()))
        assert found.unresolved is None
        np.testing.assert_allclose(found.log_p_x_given_y, expected, atol=5e-3)
        p = np.exp(expected - expected.max())
        np.testing.assert_allclose(found.probabilities, p / p.sum(), atol=2e-3)
        assert found.probabilities.sum() == pytest.approx(1.0)
        log_p = np.logaddexp.reduce(expected) - np.log(10.0)
        assert found.log_likelihood == pytest.approx(log_p, abs=5e-3)

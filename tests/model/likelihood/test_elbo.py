import json

import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.likelihood.elbo import BATCH, ELBO, estimate_elbo
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


@pytest.fixture(scope="module")
def vae() -> VAE:
    """Untrained, with weights large enough that q(z|x) differs from image to image."""
    vae = build(VAEConfig(latent_dim=3, hidden=16, blocks=1), seed=0)
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.mul_(1.5)
    return vae


def test_it_is_the_average_of_the_terms(vae: VAE, small: Splits) -> None:
    x = binarise_once(small.test.images).flatten(1)
    estimate = estimate_elbo(vae, x, seed=4)
    posterior = vae.posterior(x)
    q = Independent(Normal(posterior.mean, posterior.log_variance.div(2).exp()), 1)
    prior = Independent(Normal(torch.zeros(len(x), 3), torch.ones(len(x), 3)), 1)
    z = posterior.sample(torch.Generator().manual_seed(4))
    p = Independent(Bernoulli(logits=vae.decoder(z)), 1)
    assert estimate.reconstruction == pytest.approx(p.log_prob(x).mean().item(), rel=1e-5)
    assert estimate.kl == pytest.approx(kl.kl_divergence(q, prior).mean().item(), rel=1e-5)
    assert estimate.elbo == estimate.reconstruction - estimate.kl


def test_images_beyond_a_batch_count_as_much_as_the_others(vae: VAE, mnist: Splits) -> None:
    x = binarise_once(mnist.test.images[: 2 * BATCH + 7]).flatten(1)
    with torch.no_grad():
        direct = vae.posterior(x)
    q = Independent(Normal(direct.mean, direct.log_variance.div(2).exp()), 1)
    prior = Independent(Normal(torch.zeros_like(direct.mean), torch.ones_like(direct.mean)), 1)
    expected = kl.kl_divergence(q, prior).mean().item()
    assert estimate_elbo(vae, x).kl == pytest.approx(expected, rel=1e-5)


def test_the_same_seed_gives_the_same_number_and_another_seed_another(
    vae: VAE, small: Splits
) -> None:
    x = binarise_once(small.test.images).flatten(1)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    assert estimate_elbo(vae, x, seed=1) == estimate_elbo(vae, x, seed=1)
    assert estimate_elbo(vae, x, seed=1) != estimate_elbo(vae, x, seed=2)
    assert estimate_elbo(vae, x, seed=1).kl == estimate_elbo(vae, x, seed=2).kl  # it is exact
    assert torch.equal(torch.get_rng_state(), state)


def test_more_draws_give_the_same_mean_with_less_noise(vae: VAE, small: Splits) -> None:
    x = binarise_once(small.test.images[:100]).flatten(1)
    one = torch.tensor([estimate_elbo(vae, x, seed=seed).elbo for seed in range(40)])
    many = torch.tensor([estimate_elbo(vae, x, samples=16, seed=seed).elbo for seed in range(20)])
    standard_error = (one.var() / 40 + many.var() / 20).sqrt()
    assert (one.mean() - many.mean()).abs() < 4 * standard_error
    assert 2.0 < one.std() / many.std() < 8.0  # 4 in theory


def test_gradients_are_not_kept(vae: VAE) -> None:
    estimate_elbo(vae, torch.rand(3, PIXELS).round())
    assert all(parameter.grad is None for parameter in vae.parameters())


def test_the_three_numbers_can_be_stored() -> None:
    assert json.loads(json.dumps(ELBO(-130.5, 6.5).as_dict())) == {
        "elbo": -137.0,
        "reconstruction": -130.5,
        "kl": 6.5,
    }

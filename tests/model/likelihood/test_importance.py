import math

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, log_likelihood, toy

from model.likelihood.exact import Exact
from model.likelihood.importance import importance_weighted_bound, log_weights
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


@pytest.fixture(scope="module")
def vae() -> VAE:
    """Untrained, with weights large enough that q(z|x) differs from image to image."""
    vae = build(VAEConfig(latent_dim=3, hidden=16, blocks=1), seed=0).requires_grad_(False)
    for parameter in vae.parameters():
        parameter.mul_(1.5)
    return vae


@pytest.mark.parametrize("k", [7, 1500])  # all at once, and not
def test_the_weights_are_those_of_the_definition(vae: VAE, digits: torch.Tensor, k: int) -> None:
    """Log p(x, z) - log q(z|x), by torch.distributions, for the same noise."""
    x = digits[:4]
    draws = log_weights(vae, x, k, torch.Generator().manual_seed(5))
    generator = torch.Generator().manual_seed(5)
    noise = torch.stack([torch.randn(k, 3, generator=generator) for _ in range(4)])
    posterior = vae.posterior(x)
    spread = posterior.log_variance.div(2).exp()[:, None]
    q = torch.distributions.Normal(posterior.mean[:, None], spread)
    z = posterior.mean[:, None] + spread * noise
    p = torch.distributions.Bernoulli(logits=vae.decoder(z.view(-1, 3)).view(4, k, -1))
    log_likelihood = p.log_prob(x[:, None]).sum(-1)
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    expected = log_likelihood + prior - q.log_prob(z).sum(-1)
    assert torch.allclose(draws.log_likelihood, log_likelihood, atol=1e-3)
    assert torch.allclose(draws.log_weight, expected, atol=1e-3)


def test_with_the_true_posterior_one_draw_is_enough() -> None:
    """Then each weight is p(x), whatever the draw: no noise is left."""
    bumps = [Bump(np.array(centre), np.diag([400.0, 90.0, 9.0])) for centre in np.eye(3)]
    moments = [bump.posterior() for bump in bumps]
    spreads = [np.sqrt(covariance.diagonal()) for _, covariance in moments]
    vae, x = toy([[bump] for bump in bumps], [mean for mean, _ in moments], spreads)
    expected = [bump.log_likelihood() for bump in bumps]
    for k in (1, 2, 50):
        found = importance_weighted_bound(vae, x, k)
        assert found.k == k
        assert found.bound.tolist() == pytest.approx(expected, abs=1e-4)


def test_it_comes_near_the_known_integral_where_q_is_wrong() -> None:
    bumps = [Bump.round((0.5, -1.0), 0.3)]
    vae, x = toy([bumps], mean=[(0.3, -0.7)], spread=[(0.4, 0.5)])
    found = importance_weighted_bound(vae, x, 20_000).bound.item()
    assert found == pytest.approx(log_likelihood(bumps), abs=0.03)


def test_it_rises_from_the_elbo_to_the_exact_number_with_real_weights(
    bundled: VAE, near: torch.Tensor, integrated_near: Exact
) -> None:
    x, integrated = near, integrated_near
    bounds = {k: importance_weighted_bound(bundled, x, k).bound for k in (1, 5, 300)}
    # One draw is the ELBO but for noise; the others differ by far more than theirs.
    noise = (bounds[1] - integrated.elbo).std() / len(x) ** 0.5
    assert (bounds[1] - integrated.elbo).mean().abs() < 4 * noise
    assert bounds[1].mean() + 0.5 < bounds[5].mean()
    assert bounds[5].mean() + 0.5 < bounds[300].mean() < integrated.log_likelihood.mean()
    # Of single images only: the bound cannot be far above the number that it bounds.
    assert (bounds[300] - integrated.log_likelihood).max() < 1.0


def test_the_terms_of_the_elbo_come_with_it(vae: VAE, digits: torch.Tensor) -> None:
    found = importance_weighted_bound(vae, digits, 64)
    posterior = vae.posterior(digits)
    q = torch.distributions.Normal(posterior.mean, posterior.log_variance.div(2).exp())
    prior = torch.distributions.Normal(torch.zeros(3), torch.ones(3))
    kl = torch.distributions.kl_divergence(q, prior).sum(1).double()
    assert torch.allclose(found.kl, kl, atol=1e-4)
    once = importance_weighted_bound(vae, digits, 1, seed=9)
    assert torch.allclose(once.reconstruction.mean(), found.reconstruction.mean(), rtol=0.01)


def test_the_number_of_images_at_once_does_not_matter(vae: VAE, digits: torch.Tensor) -> None:
    whole = importance_weighted_bound(vae, digits, 30, seed=2)  # more than are done at once
    draws = log_weights(vae, digits, 30, torch.Generator().manual_seed(2))
    bound = torch.logsumexp(draws.log_weight.double(), dim=1) - math.log(30)
    assert torch.allclose(whole.bound, bound, atol=1e-4)
    few = importance_weighted_bound(vae, digits[:10], 30, seed=2)
    assert torch.allclose(few.bound, whole.bound[:10], atol=1e-4)
    assert torch.allclose(few.reconstruction, whole.reconstruction[:10], atol=1e-4)


def test_five_thousand_draws_of_one_image_fit(vae: VAE, digits: torch.Tensor) -> None:
    draws = log_weights(vae, digits[:2], 5000, torch.Generator().manual_seed(0))
    assert draws.log_weight.shape == (2, 5000)
    assert torch.isfinite(draws.log_weight).all()


def test_the_seed_decides(vae: VAE, digits: torch.Tensor) -> None:
    state = torch.get_rng_state()
    first = importance_weighted_bound(vae, digits, 3, seed=1).bound
    assert torch.equal(first, importance_weighted_bound(vae, digits, 3, seed=1).bound)
    assert not torch.equal(first, importance_weighted_bound(vae, digits, 3, seed=2).bound)
    assert torch.equal(torch.get_rng_state(), state)


def test_images_far_from_the_model_have_finite_bounds(vae: VAE) -> None:
    x = torch.stack([torch.zeros(PIXELS), torch.ones(PIXELS)])
    assert torch.isfinite(importance_weighted_bound(vae, x, 10).bound).all()


def test_it_says_how_far_it_is_and_refuses_no_draws(vae: VAE, digits: torch.Tensor) -> None:
    seen: list[float] = []
    importance_weighted_bound(vae, digits, 100, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with pytest.raises(ValueError, match="k must be at least 1"):
        importance_weighted_bound(vae, digits, 0)

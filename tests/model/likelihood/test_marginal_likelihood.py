import math

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, toy

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.likelihood.exact import Exact
from model.likelihood.hmc import sample_posterior
from model.likelihood.marginal_likelihood import posterior_density_estimate
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

TILTED = np.array([[60.0, 25.0], [25.0, 30.0]])


def images(dimensions: int, count: int = 40) -> tuple[VAE, torch.Tensor, list[Bump]]:
    """Tilted bumps of several widths, with q near, but neither quite there nor as wide."""
    rng = np.random.default_rng(0)
    bumps = []
    for _ in range(count):
        root = rng.normal(size=(dimensions, dimensions)) * 4 + 8 * np.eye(dimensions)
        bumps.append(Bump(rng.normal(size=dimensions), root @ root.T))
    moments = [bump.posterior() for bump in bumps]
    spread = [0.7 * np.sqrt(covariance.diagonal()) for _, covariance in moments]
    mean = [mean + 0.5 * width for (mean, _), width in zip(moments, spread, strict=True)]
    vae, x = toy([[bump] for bump in bumps], mean, spread)
    return vae, x, bumps


def test_the_chains_draw_from_the_posterior() -> None:
    bump = Bump(np.array([0.4, -1.0]), TILTED)
    mean, covariance = bump.posterior()
    # Many chains of one image: pixels of equal bumps.
    vae, x = toy([[bump]] * 80, [mean] * 80, [np.sqrt(covariance.diagonal())] * 80)
    draws = sample_posterior(vae, x, 60, seed=1)
    z = draws.z.double().flatten(0, 1).numpy()
    assert np.allclose(z.mean(0), mean, atol=0.016)  # five standard errors
    assert np.allclose(np.cov(z.T), covariance, atol=0.1 * covariance.max())
    assert draws.acceptance.mean().item() == pytest.approx(0.9, abs=0.05)


def test_the_log_joint_of_each_draw_is_kept() -> None:
    vae, x, bumps = images(2, 3)
    draws = sample_posterior(vae, x, 5)
    for image, bump in enumerate(bumps):
        offset = draws.z[image].double().numpy() - bump.centre
        likelihood = -30.0 - 0.5 * ((offset @ bump.precision) * offset).sum(1)
        prior = -0.5 * draws.z[image].double().square().sum(1).numpy() - math.log(2 * math.pi)
        assert np.allclose(draws.log_joint[image].numpy(), likelihood + prior, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 2, 4])
def test_the_estimate_is_near_the_known_integral(dimensions: int) -> None:
    vae, x, bumps = images(dimensions)
    error = posterior_density_estimate(vae, x).numpy() - [bump.log_likelihood() for bump in bumps]
    assert abs(error.mean()) < 0.1
    assert np.median(np.abs(error)) < 0.06 * dimensions


@pytest.mark.slow
def test_it_is_near_the_grid_with_real_weights_where_there_is_one_mode(
    bundled: VAE, digits: torch.Tensor, integrated: Exact
) -> None:
    # Where q comes near, there is no second mode.
    single = (integrated.posterior_gap[:40] < 1.0).nonzero().squeeze(1)
    estimate = posterior_density_estimate(bundled, digits[single])
    error = (estimate - integrated.log_likelihood[single]).numpy()
    assert len(error) > 10
    assert abs(np.median(error)) < 0.1
    assert np.mean(np.abs(error) < 0.5) > 0.8


def test_the_seed_decides_and_progress_is_told() -> None:
    vae, x, _ = images(2, 5)
    seen: list[float] = []
    first = posterior_density_estimate(vae, x, 10, warm_up=5, seed=1, on_progress=seen.append)
    assert torch.equal(first, posterior_density_estimate(vae, x, 10, warm_up=5, seed=1))
    assert not torch.equal(first, posterior_density_estimate(vae, x, 10, warm_up=5, seed=2))
    assert len(seen) == 25
    assert seen[-1] == 1.0


def test_a_chain_that_cannot_move_gives_a_number_too() -> None:
    """A posterior much narrower than q: at first no proposal is accepted."""
    vae, x = toy([[Bump.round((0.0, 0.0), 1e-4)]], spread=[(1.0, 1.0)])
    assert torch.isfinite(posterior_density_estimate(vae, x, 6, warm_up=0)).all()


def test_too_few_samples_are_refused() -> None:
    vae, x, _ = images(4, 2)
    with pytest.raises(ValueError, match="do not determine a covariance"):
        posterior_density_estimate(vae, x, 9)


def test_no_weight_gets_a_gradient(mnist: Splits) -> None:
    vae = build(VAEConfig(latent_dim=2, hidden=8, blocks=1), seed=0)
    sample_posterior(vae, binarise_once(mnist.test.images[:2]).flatten(1), 2, warm_up=1)
    assert all(parameter.grad is None for parameter in vae.parameters())

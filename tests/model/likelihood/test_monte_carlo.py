import numpy as np
import pytest
import torch
from gaussian_toy import Bump, log_likelihood, toy

from model.likelihood.exact import integrate
from model.likelihood.monte_carlo import prior_monte_carlo
from model.network.vae import VAE


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_it_comes_near_the_known_integral(dimensions: int) -> None:
    images = [
        [Bump.round([0.3] * dimensions, 0.5)],
        [Bump.round([-1.0] * dimensions, 0.4), Bump.round([1.0] * dimensions, 0.6)],
    ]
    vae, x = toy(images)
    found = prior_monte_carlo(vae, x, 200_000)
    assert found.tolist() == pytest.approx([log_likelihood(bumps) for bumps in images], abs=0.03)


def test_neither_images_at_once_nor_company_matter() -> None:
    vae, x = toy([[Bump.round((0.1 * i, 0.0), 0.5)] for i in range(9)])
    whole = prior_monte_carlo(vae, x, 5000)
    order = torch.arange(8, -1, -1)
    assert torch.allclose(prior_monte_carlo(vae, x[order], 5000), whole[order], atol=1e-5)
    many = x.repeat(600, 1)  # more than are done at once
    assert torch.allclose(prior_monte_carlo(vae, many, 5000), whole.repeat(600), atol=1e-5)


def test_it_is_the_mean_over_exactly_the_draws_asked_for() -> None:
    """More draws begin with the same ones: the sum over the last can be told."""
    vae, x = toy([[Bump.round((0.0, 0.0), 0.5)]])
    few, more = (prior_monte_carlo(vae, x, n).exp() * n for n in (3000, 3001))
    z = torch.randn(4096, 2, generator=torch.Generator().manual_seed(0))
    assert more > few
    one = prior_monte_carlo(vae, x, 1).item()
    assert one == pytest.approx(vae.decoder(z[:1])[0, 0].item(), abs=1e-4)


def test_the_seed_decides_and_progress_is_told() -> None:
    vae, x = toy([[Bump.round((0.0, 0.0), 0.5)]])
    seen: list[float] = []
    first = prior_monte_carlo(vae, x, 5000, seed=1, on_progress=seen.append)
    assert torch.equal(first, prior_monte_carlo(vae, x, 5000, seed=1))
    assert not torch.equal(first, prior_monte_carlo(vae, x, 5000, seed=2))
    assert seen == pytest.approx([2048 / 5000, 4096 / 5000, 1.0])
    with pytest.raises(ValueError, match="at least one draw"):
        prior_monte_carlo(vae, x, 0)


@pytest.mark.slow
def test_it_agrees_with_the_grid_with_real_weights(bundled: VAE, digits: torch.Tensor) -> None:
    """It shares nothing with the grid but p(x|z): no grid, no q, no pruning."""
    x = digits[:200]
    difference = prior_monte_carlo(bundled, x, 1_000_000) - integrate(bundled, x).log_likelihood
    assert np.abs(difference.mean().item()) < 0.05
    assert difference.abs().median() < 0.1

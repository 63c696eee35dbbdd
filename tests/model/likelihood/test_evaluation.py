import numpy as np
import pytest
import torch
from gaussian_toy import Bump, kl_between, log_likelihood, toy

from model.data.binarise import PROTOCOLS, binarise_once
from model.data.datasets import Splits
from model.likelihood import estimators
from model.likelihood.estimators import compare
from model.likelihood.evaluation import PLANE_K, K, evaluate
from model.likelihood.grid import Grid


def some_bumps(dimensions: int) -> list[list[Bump]]:
    return [[Bump.round([0.2 * i - 1.0] * dimensions, 0.3 + 0.05 * i)] for i in range(6)]


def test_in_the_plane_everything_is_integrated() -> None:
    images = some_bumps(2)
    spread = np.full((6, 2), 0.3)
    vae, x = toy(images, spread=spread)
    found = evaluate(vae, x, k=4)
    exact = np.mean([log_likelihood(bumps) for bumps in images])
    gaps = [kl_between((0, 0), spread[0], *bumps[0].posterior()) for bumps in images]
    kl = kl_between((0, 0), spread[0], np.zeros(2), np.eye(2))
    assert (found.n, found.k, found.grid) == (6, 4, Grid())
    assert found.log_likelihood == pytest.approx(exact, abs=1e-4)
    assert found.posterior_gap == pytest.approx(np.mean(gaps), abs=1e-3)
    assert found.elbo.elbo == pytest.approx(exact - np.mean(gaps), abs=1e-3)
    assert found.elbo.kl == pytest.approx(kl, abs=1e-4)
    assert found.elbo.elbo == pytest.approx(found.elbo.reconstruction - kl, abs=1e-4)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_elsewhere_the_draws_have_to_do(dimensions: int) -> None:
    images = some_bumps(dimensions)
    vae, x = toy(images, spread=np.full((6, dimensions), 0.5))
    found = evaluate(vae, x, k=5000)
    assert (found.log_likelihood, found.posterior_gap, found.grid) == (None, None, None)
    exact = np.mean([log_likelihood(bumps) for bumps in images])
    gaps = [
        kl_between([0] * dimensions, [0.5] * dimensions, *bumps[0].posterior()) for bumps in images
    ]
    assert found.iw_bound == pytest.approx(exact, abs=0.1)
    assert found.elbo.elbo == pytest.approx(exact - np.mean(gaps), abs=0.2)


@pytest.mark.parametrize(("dimensions", "k"), [(2, PLANE_K), (3, K)])
def test_unless_one_says_otherwise_k_fits_the_dimension(dimensions: int, k: int) -> None:
    vae, x = toy([[Bump.round([0.2] * dimensions, 0.1)]], spread=[[0.1] * dimensions])
    assert evaluate(vae, x).k == k


def test_progress_goes_from_nothing_to_all() -> None:
    vae, x = toy([[Bump.round([0.2, 0.2], 0.1)]], spread=[(0.1, 0.1)])
    seen: list[float] = []
    evaluate(vae, x, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[0] < 0.1
    assert seen[-1] == 1.0


def test_an_integral_far_below_the_importance_weighted_bound_is_not_counted_as_resolved() -> None:
    """A spike between the grid's points, under a q(z|x) that is 50 times as wide."""
    spike = Bump.round((0.3, -1.2), 2e-4, log_height=28.0)
    vae, x = toy([[spike, Bump.round((1.0, 1.0), 0.3, -20.0)]], [(0.3, -1.2)], [(0.01, 0.01)])
    found = evaluate(vae, x, k=20_000)
    assert found.iw_bound == pytest.approx(spike.log_likelihood(), abs=1.0)
    assert (found.unresolved, found.log_likelihood, found.posterior_gap) == (1, None, None)


@pytest.mark.slow
def test_all_estimators_agree_where_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "IMAGES", 5)
    monkeypatch.setattr(estimators, "K", 3000)
    monkeypatch.setattr(estimators, "PRIOR_IMAGES", 3)
    monkeypatch.setattr(estimators, "PRIOR_DRAWS", 50_000)
    images = some_bumps(2)
    vae, x = toy(images, spread=np.full((6, 2), 0.9))
    found = compare(vae, x)
    exact = [log_likelihood(bumps) for bumps in images]
    assert (found.images, found.prior_images, found.k) == (5, 3, 3000)
    assert found.log_likelihood == pytest.approx(np.mean(exact[:5]), abs=1e-4)
    assert found.log_likelihood_of_prior_images == pytest.approx(np.mean(exact[:3]), abs=1e-4)
    assert found.iw_bound == pytest.approx(np.mean(exact[:5]), abs=0.05)
    assert found.posterior_density == pytest.approx(np.mean(exact[:5]), abs=0.15)
    assert found.prior_monte_carlo == pytest.approx(np.mean(exact[:3]), abs=0.05)
    assert found.elbo < found.iw_bound


def test_what_cannot_be_estimated_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "K", 10)
    monkeypatch.setattr(estimators, "PRIOR_DRAWS", 100)
    vae, x = toy(some_bumps(5))
    found = compare(vae, x)
    assert found.posterior_density is None
    assert found.log_likelihood is None
    assert found.as_dict()["prior_monte_carlo"]["exact_log_likelihood"] is None


# Protocols


def test_the_protocols_are_three_sets_of_pixels(mnist: Splits) -> None:
    images = mnist.test.images[:50]
    dynamic, threshold, grey = (
        PROTOCOLS[name].pixels(images, 3) for name in ("dynamic", "static-threshold", "grey")
    )
    assert torch.equal(dynamic, binarise_once(images, 3).flatten(1))
    assert torch.equal(threshold, (images.double() / 255 > 0.5).float().flatten(1))
    assert torch.equal(grey, (images.double() / 255).float().flatten(1))
    for pixels in (dynamic, threshold, grey):
        assert pixels.shape == (50, 784)
        assert pixels.dtype == torch.float32
    assert {name for name, protocol in PROTOCOLS.items() if not protocol.likelihood} == {"grey"}

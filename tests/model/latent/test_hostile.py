"""Models that are legal and senseless: every weight is finite, and what they say is not sane.

Warnings are errors in these tests.
"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.latent.aggregate_posterior import AggregatePosterior, neighbourhoods
from model.latent.point_density import PointDensity
from model.latent.usable import why_unusable
from model.likelihood.exact import integrate
from model.likelihood.grid import Grid
from model.likelihood.image_terms import image_terms
from model.network.blocks import PIXELS
from model.network.densities import Posterior
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

MAGNITUDES = st.sampled_from([0.0, 1e-30, 1e-6, 1.0, 1e6, 1e30])
DEVIATIONS = st.sampled_from([0.0, 1e-38, 1e-30, 1e-6, 1.0, 1e30])


def posterior(size: int, mean: float, deviation: float, dimensions: int = 2) -> Posterior:
    """Means of a magnitude, deviations of another; a logarithm of zero is what float32 makes it."""
    means = torch.from_numpy(np.random.default_rng(0).normal(size=(size, dimensions))) * mean
    log_variance = 2.0 * math.log(deviation) if deviation else -1e30
    return Posterior(means.float(), torch.full((size, dimensions), log_variance))


@settings(deadline=None, max_examples=60)
@given(mean=MAGNITUDES, deviation=DEVIATIONS, far=MAGNITUDES, dimensions=st.sampled_from([1, 2, 5]))
def test_shares_and_densities_are_numbers_whatever_the_encoder_says(
    mean: float, deviation: float, far: float, dimensions: int
) -> None:
    q = posterior(30, mean, deviation, dimensions)
    mixture = AggregatePosterior(q, torch.arange(30) % 3, 3)
    z = torch.cat([q.mean[:5].double(), torch.full((1, dimensions), far, dtype=torch.float64)])
    shares = mixture.shares_at(z)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(6, dtype=torch.float64))
    density = PointDensity(q.mean.double().numpy(), q.standard_deviation.double().numpy())
    assert all(math.isfinite(density.log_density(point)) for point in z.numpy())
    assert sorted(torch.cat(neighbourhoods(z, 2)).tolist()) == list(range(6))


@settings(deadline=None, max_examples=40)
@given(mean=MAGNITUDES, deviation=DEVIATIONS, dimensions=st.sampled_from([2, 4]))
def test_cells_are_numbers_whatever_the_encoder_says(
    mean: float, deviation: float, dimensions: int
) -> None:
    q = posterior(30, mean, deviation, dimensions)
    edges = torch.linspace(-3.0, 3.0, 7)
    base = torch.zeros(dimensions)
    cells = AggregatePosterior(q, torch.arange(30) % 3, 3).on_cells(edges, edges, base)
    assert cells.isfinite().all()
    assert (cells >= 0.0).all()
    assert cells.sum() <= 1.0 + 1e-4


def test_where_float32_overflows_the_density_is_that_of_longer_numbers() -> None:
    density = PointDensity(np.zeros((3, 2)), np.full((3, 2), 1e-12))
    found = density.log_density(np.array([1e9, 0.0]))
    assert found == pytest.approx(-0.5e42 - 2.0 * math.log(1e-12) - math.log(2.0 * math.pi))


def test_points_far_from_all_images_but_their_own_have_its_label() -> None:
    """Of 60,000 images, each beyond the reach of all others."""
    q = posterior(60_000, 1e6, 1e-3)
    mixture = AggregatePosterior(q, torch.arange(60_000) % 10, 10)
    z = q.mean[:100].double()
    groups = neighbourhoods(z, 10)
    likeliest = torch.cat([mixture.shares_at(z[group]).argmax(dim=1) for group in groups])
    assert torch.equal(likeliest, (torch.arange(100) % 10)[torch.cat(groups)])


# Whole models


def model_with(change: str) -> VAE:
    vae = build(VAEConfig(2, hidden=16, blocks=1), seed=0).requires_grad_(False).eval()
    if change == "far means":
        vae.encoder.mean.weight.mul_(1e6)
    elif change == "farthest means":
        vae.encoder.mean.weight.mul_(1e30)
    elif change == "no variance":
        vae.encoder.log_variance.bias.fill_(-1e30)
    elif change == "infinite variance":
        vae.encoder.log_variance.bias.fill_(1e30)
    elif change == "one point":
        vae.encoder.mean.weight.zero_()
    elif change == "huge decoder":
        for weight in vae.decoder.parameters():
            weight.fill_(1e30)
    return vae


def images() -> torch.Tensor:
    return (torch.rand(5, PIXELS, generator=torch.Generator().manual_seed(1)) < 0.2).float()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing", None),
        ("one point", None),
        ("no variance", None),
        ("far means", "means beyond 1,000,000"),
        ("farthest means", "means beyond 1,000,000"),
        ("infinite variance", "standard deviations that are not numbers"),
        ("huge decoder", "pixels that are not numbers"),
    ],
)
def test_a_model_of_which_nothing_can_be_shown_says_why(change: str, reason: str | None) -> None:
    vae = model_with(change)
    if change == "far means":
        vae.encoder.mean.weight.mul_(10.0)
    q = vae.posterior(images())
    said = why_unusable(vae, q.mean.double().numpy(), q.standard_deviation.double().numpy())
    assert (said is None) == (reason is None)
    if said is not None:
        assert str(reason) in said


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", ["far means", "farthest means", "no variance", "one point", "huge decoder"]
)
def test_no_computation_fails_or_warns(change: str) -> None:
    vae, x = model_with(change), images()
    terms = image_terms(vae, x)
    assert not terms.kl.isnan().any()
    found = integrate(vae, x, Grid(step=0.1))
    assert found.log_likelihood.shape == (5,)
    assert (found.log_likelihood[found.resolved] <= 0.0).all()

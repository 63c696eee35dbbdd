"""Integrals that the grid cannot carry: narrower than its step, or beyond its edge."""

import math

import numpy as np
import pytest
import torch
from gaussian_toy import FLOOR, Bump, kl_between, log_likelihood, toy
from numpy.typing import NDArray
from tent import dense, tent

from model.data.binarise import binarise_once
from model.data.datasets import Splits
from model.likelihood.elbo import cross_log_likelihood
from model.likelihood.exact import Exact, integrate
from model.likelihood.grid import Grid
from model.likelihood.importance import importance_weighted_bound
from model.network.densities import log_prior
from model.network.vae import VAE, VAEConfig
from model.train.train_config import TrainConfig
from model.train.training import train


def known(bumps: list[Bump]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An encoder that comes near the first bump's posterior: its mean and standard deviations."""
    mean, covariance = bumps[0].posterior()
    deviations = np.sqrt(np.diag(covariance))
    return mean + 0.3 * deviations, 0.8 * deviations


GRID = Grid(step=0.03)  # its points are odd multiples of 0.015

NARROW = {
    "between four points": [Bump.round((0.3, -1.2), 3e-3)],
    "on a point": [Bump.round((0.315, -1.215), 3e-3)],
    "a third of a step": [Bump.round((0.306, -1.2), 0.01)],
    "narrower still": [Bump.round((1.0, 2.0), 3e-4)],
    "narrow in one direction": [Bump(np.array([0.3, 0.7]), np.diag([1e5, 25.0]))],
    "a narrow ridge": [Bump(np.array([0.3, 0.7]), 5e4 * np.array([[1.0, 0.9], [0.9, 1.0]]))],
    "beside a broad mode": [
        Bump.round((0.3, -1.2), 3e-3, log_height=8.0),
        Bump.round((1.0, 1.0), 0.3),
    ],
}
BEYOND = {
    "beyond the edge": [Bump.round((6.0, 0.0), 0.1)],
    "far beyond it": [Bump.round((20.0, 0.0), 0.2)],
    "beyond it, and narrow": [Bump.round((-6.0, 7.0), 1e-3)],
    "on the edge": [Bump.round((4.5, 0.3), 0.05)],
    "broad, in the corner": [Bump.round((-4.6, 4.7), 0.4)],
    "beside a mode on the grid": [
        Bump.round((7.0, 0.0), 0.2),
        Bump.round((0.0, 0.0), 0.2, log_height=-24.0),
    ],
}


ORDINARY = {str(i): [Bump.round((0.2 * i, -0.7), 0.03 + 0.02 * i)] for i in range(5)}
IMAGES = ORDINARY | NARROW | BEYOND


@pytest.fixture(scope="module")
def together() -> Exact:
    """All images at once."""
    means, deviations = zip(*map(known, IMAGES.values()), strict=True)
    vae, x = toy(list(IMAGES.values()), means, deviations)
    return integrate(vae, x, GRID)


@pytest.mark.parametrize("name", IMAGES)
def test_what_the_encoder_knows_of_is_integrated(name: str, together: Exact) -> None:
    bumps, index = IMAGES[name], list(IMAGES).index(name)
    assert together.resolved[index]
    assert together.log_likelihood[index].item() == pytest.approx(log_likelihood(bumps), abs=0.01)
    if len(bumps) == 1:
        gap = kl_between(*known(bumps), *bumps[0].posterior())
        assert together.posterior_gap[index].item() == pytest.approx(gap, abs=0.02, rel=1e-3)


def test_the_images_beside_them_keep_their_numbers(together: Exact) -> None:
    means, deviations = zip(*map(known, ORDINARY.values()), strict=True)
    alone = integrate(*toy(list(ORDINARY.values()), means, deviations), GRID)
    for name in ("log_likelihood", "reconstruction", "kl"):
        found = getattr(together, name)[: len(ORDINARY)]
        torch.testing.assert_close(getattr(alone, name), found, atol=1e-5, rtol=0)


SEEN = [
    Bump.round((0.3, -1.2), 0.01),
    Bump.round((0.315, -1.215), 6e-3),
    Bump.round((4.5, 0.3), 0.05),
    Bump.round((6.0, 0.0), 0.3),
    Bump.round((-0.306, 1.2), 1e-3),
]


def test_what_the_grid_itself_sees_is_integrated_too() -> None:
    """Here q is the prior, and says nothing of where the posteriors lie."""
    vae, x = toy([[bump] for bump in SEEN])
    found = integrate(vae, x, GRID)
    expected = [bump.log_likelihood() for bump in SEEN]
    assert found.resolved[:4].all()
    for value, truth in zip(found.log_likelihood.tolist(), expected, strict=True):
        assert math.isnan(value) or value == pytest.approx(truth, abs=0.01)


def test_what_cannot_be_resolved_is_not_a_number() -> None:
    """A mode whose width no float32 can carry at its place, and an encoder that is far away."""
    images = [[Bump.round((3.0, 3.0), 1e-7)], [Bump.round((0.0, 0.0), 0.3)]]
    vae, x = toy(images, [(3.0, 3.0), (0.0, 0.0)], [(1e-7, 1e-7), (0.3, 0.3)])
    found = integrate(vae, x, GRID)
    assert found.resolved.tolist() == [False, True]
    assert math.isnan(found.log_likelihood[0].item())
    assert found.log_likelihood[1].item() == pytest.approx(log_likelihood(images[1]), abs=1e-3)


def test_the_reconstruction_term_is_checked_too() -> None:
    """log p(x|z) is a valley much narrower than q: five nodes would see it or not, by chance."""
    width = 1e-3
    bump = Bump.round((5.0, 0.0), width)
    vae, x = toy([[bump]], [(5.0, 0.0)], [(0.5, 0.5)])
    found = integrate(vae, x, GRID)
    expected = FLOOR - 0.5 * 2 * 0.25 / width**2
    assert found.reconstruction.item() == pytest.approx(expected, rel=1e-4)


# The same with weights that a checkpoint can hold


@pytest.mark.slow
@pytest.mark.parametrize(
    ("centre", "width"),
    [((0.303, -1.2), 1e-3), ((0.305, 1.0), 2e-4), ((6.0, 0.0), 0.05), ((20.0, 0.0), 0.1)],
)
def test_legal_weights_are_integrated_or_said_not_to_be(
    centre: tuple[float, float], width: float
) -> None:
    vae, x = tent(centre, width)
    found = integrate(vae, x)
    assert found.resolved.item()
    assert found.log_likelihood.item() == pytest.approx(dense(vae, x, centre, width), abs=0.02)
    assert found.posterior_gap.item() > -0.05


# A training whose means leave the grid


@pytest.mark.slow
@pytest.mark.parametrize("beta", [0.0, 0.01])
def test_without_the_kl_means_leave_the_grid_and_integrals_follow(
    beta: float, small: Splits
) -> None:
    config = TrainConfig(
        epochs=8,
        batch_size=50,
        learning_rate=0.003,
        beta=beta,
        schedule="constant",
        adam_beta2=0.999,
        ema_decay=0.0,
        device="cpu",
        threads=1,
    )
    *_, last = train(VAEConfig(2, "mlp", layers="64", fourier_features=0), config, small)
    vae = last.state.network.eval().requires_grad_(False)
    x = binarise_once(small.test.images[:60]).flatten(1)
    means = vae.posterior(x).mean
    x = x[means.abs().amax(dim=1).argsort(descending=True)[::12]]
    assert means.abs().max() > Grid().reach
    found = integrate(vae, x)
    truth = _over_a_wide_plane(vae, x)
    assert found.resolved.all()
    assert found.log_likelihood.tolist() == pytest.approx(truth.tolist(), abs=0.02)
    bound = importance_weighted_bound(vae, x, 2000).bound
    assert (bound < found.log_likelihood + 0.5).all()  # it may lie above by chance, not by much


def _over_a_wide_plane(vae: VAE, x: torch.Tensor) -> torch.Tensor:
    """A plain sum over [-12, 12]^2; half the step changes no value by 1e-5 here."""
    step = 0.06
    axis = (torch.arange(400, dtype=torch.float64) - 199.5) * step
    total = torch.full((len(x),), -torch.inf, dtype=torch.float64)
    for rows in torch.split(axis, 5):
        z = torch.cartesian_prod(rows, axis)
        joint = cross_log_likelihood(vae.decoder(z.float()), x).double() + log_prior(z)
        total = torch.logaddexp(total, torch.logsumexp(joint, dim=1))
    return total + 2.0 * math.log(step)

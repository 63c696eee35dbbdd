"""The pulled-back metric, against differences of the KL divergence, autograd and known surfaces."""

import numpy as np
import pytest
import surfaces
import torch

from model.latent.geometry import (
    MetricGrid,
    angles,
    log10_magnification,
    metric_at,
    metric_grid,
    squared_lengths,
    unit_circles,
)
from model.network.initialisation import build
from model.network.vae import VAEConfig

POINTS = np.random.default_rng(5).normal(size=(12, 2))


@pytest.fixture(scope="module")
def decoder():
    made = build(VAEConfig(latent_dim=2, hidden=32, blocks=2), 3).eval().requires_grad_(False)
    made.decoder.logits.weight *= 30.0
    return made.decoder


@pytest.fixture(scope="module")
def decode(decoder):
    def decode(z):
        with torch.inference_mode():
            return decoder(torch.from_numpy(np.asarray(z)).float()).numpy()

    return decode


def whole(found):
    """(N, 3) -> (N, 2, 2)."""
    a, b, c = found.T
    return np.stack([a, b, b, c], axis=1).reshape(-1, 2, 2)


def made(steps, side=31, low=(-1.0, -1.0), high=(1.0, 1.0)):
    """What a generator of a grid returns."""
    steps = metric_grid(steps, np.array(low), np.array(high), side)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_angles_are_twice_the_arcsine_of_the_root_and_never_overflow():
    logits = np.array([-500.0, -3.0, 0.0, 1.5, 40.0, 500.0, np.nan])
    p = 1.0 / (1.0 + np.exp(-np.clip(logits[:6], -700, 700)))
    np.testing.assert_allclose(angles(logits)[:6], 2.0 * np.arcsin(np.sqrt(p)), atol=1e-6)
    assert angles(logits)[6] == 0.0


def test_the_metric_is_that_of_the_jacobian_by_autograd(decoder, decode):
    found = whole(metric_at(decode, POINTS))
    exact, z = decoder.double(), torch.from_numpy(POINTS)
    columns = [
        torch.autograd.functional.jvp(exact, z, axis.expand(len(z), 2))[1]
        for axis in torch.eye(2).double()
    ]
    for point, jacobian, metric in zip(z, torch.stack(columns, dim=2), found, strict=True):
        p = torch.sigmoid(exact(point[None])[0])
        expected = (jacobian.T @ ((p * (1 - p))[:, None] * jacobian)).numpy()
        np.testing.assert_allclose(metric, expected, rtol=0.02, atol=0.005 * expected.max())
    decoder.float()


def test_the_metric_is_twice_the_kl_divergence_of_small_steps(decoder, decode):
    """2 KL(p(x|z) || p(x|z + dz)) = dz^T G dz, by sums over pixels in double precision."""
    found = metric_at(decode, POINTS)
    exact, size = decoder.double(), 1e-3
    for direction in ([1.0, 0.0], [0.0, 1.0], [0.6, -0.8]):
        dz = size * np.array(direction)

        def logits(z):
            return exact(torch.from_numpy(z))

        here, there, back = logits(POINTS), logits(POINTS + dz), logits(POINTS - dz)
        divergences = []
        for other in (there, back):  # both ways: what is odd in the step falls out
            p = torch.sigmoid(here)
            ink = torch.nn.functional.logsigmoid
            terms = p * (ink(here) - ink(other)) + (1 - p) * (ink(-here) - ink(-other))
            divergences.append(terms.sum(dim=1).numpy())
        twice = divergences[0] + divergences[1]
        np.testing.assert_allclose(squared_lengths(found, dz), twice, rtol=0.02)
    decoder.float()


def test_known_surfaces_have_their_metric():
    z = np.array([[0.3, 0.4], [-0.6, -0.2]])
    flat = metric_at(surfaces.decoder_of(surfaces.plane), z)
    np.testing.assert_allclose(flat, 100.0 * np.array([[0.25, 0.0, 0.0625]] * 2), atol=0.02)
    rolled = metric_at(surfaces.decoder_of(surfaces.cylinder), z)
    np.testing.assert_allclose(rolled, [[100.0, 0.0, 100.0]] * 2, atol=0.2)
    round_ = metric_at(surfaces.decoder_of(surfaces.sphere), z)
    around = 144.0 * np.cos(z[:, 1]) ** 2
    np.testing.assert_allclose(round_[:, 0], around, atol=0.3)
    np.testing.assert_allclose(round_[:, 1:], [[0.0, 144.0]] * 2, atol=0.3)


def test_magnification_is_the_logarithm_of_fisher_area():
    metric = np.array([[25.0, 0.0, 4.0], [2.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(log10_magnification(metric), [1.0, 0.0, -np.inf])


def test_the_ellipses_have_fisher_radius_one():
    metric = np.array([[25.0, 3.0, 4.0], [2.0, 1.0, 1.0]])
    angle = np.linspace(0.0, 2.0 * np.pi, 40)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    for g, f in zip(metric, unit_circles(metric), strict=True):
        np.testing.assert_allclose(squared_lengths(g, circle @ f.T), 1.0)
        np.testing.assert_allclose(whole(g[None])[0], np.linalg.inv(f @ f))


def test_between_nodes_the_metric_is_bilinear_and_its_slopes_are_differences():
    numbers = np.random.default_rng(0).uniform(1.0, 2.0, size=(5, 7, 3))
    grid = MetricGrid(np.array([-1.0, 2.0]), 0.25, numbers)
    np.testing.assert_allclose(grid.high, [0.0, 3.5])
    np.testing.assert_allclose(
        grid.at(np.array([[-0.75, 2.5], [0.0, 3.5]])), numbers[[1, 4], [2, 6]]
    )
    middle = np.array([[-0.875, 2.125]])
    np.testing.assert_allclose(grid.at(middle)[0], numbers[:2, :2].mean(axis=(0, 1)))
    place, tiny = np.array([[-0.4, 3.1]]), 1e-6
    _, along_x, along_y = grid.with_slopes(place)
    for axis, slope in ((0, along_x), (1, along_y)):
        aside = tiny * np.eye(2)[axis]
        difference = (grid.at(place + aside) - grid.at(place - aside)) / (2.0 * tiny)
        np.testing.assert_allclose(slope, difference, rtol=1e-5)
    outside = grid.at(np.array([[9.0, -9.0]]))
    np.testing.assert_array_equal(outside[0], numbers[4, 0])


def test_a_grid_holds_the_metric_at_its_nodes_and_may_be_longer_than_wide(decode):
    grid = made(decode, side=9, low=(-1.0, -0.5), high=(1.0, 0.5))
    assert grid.metric.shape == (9, 5, 3)
    assert grid.step == 0.25
    node = np.array([[-1.0 + 3 * 0.25, -0.5 + 0.25]])
    np.testing.assert_allclose(grid.metric[3, 1], metric_at(decode, node)[0], rtol=1e-3)


def test_half_the_step_changes_a_length_little():
    path = np.stack([np.linspace(-0.9, 0.9, 40), np.linspace(-0.8, 0.7, 40) ** 2], axis=1)
    coarse, fine = (
        made(surfaces.decoder_of(surfaces.sphere), side).lengths(path).sum() for side in (21, 41)
    )
    assert coarse == pytest.approx(fine, rel=2e-3)


def test_a_pixel_that_is_not_a_number_spoils_nothing():
    def broken(z):
        logits = surfaces.decoder_of(surfaces.plane)(z)
        logits[:, 0] = np.nan
        return logits

    assert np.isfinite(metric_at(broken, POINTS)).all()

"""The best Gaussian, against closed forms, random neighbours, and other ways to the same ELBO."""

import math
from pathlib import Path

import numpy as np
import pytest
from bumps import Bumps, gaussian_entropy, wavy

from model.latent.best_gaussian import (
    Climb,
    Gaussian,
    GaussianFit,
    climb,
    elbo,
    gaussian_fit,
    log_joint,
)
from model.latent.decode_table import Decode, tabulation
from model.latent.evidence import Evidence
from model.latent.plane_posterior import PlanePosterior
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore

SIDE = 60


def last_of(steps):
    """All that a computation yields, and its result."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def ink(pixels: list[int]) -> Evidence:
    return Evidence.nothing().marked(np.array(pixels, dtype=int), 1.0)


def exact(decode: Decode, evidence: Evidence) -> PlanePosterior:
    _, table = last_of(tabulation(decode, SIDE))
    return last_of(refinement(decode, RunningScore(table, evidence)))[1]


def fit(decode: Decode, evidence: Evidence, start: Gaussian | None) -> tuple[list, GaussianFit]:
    joint = log_joint(decode, evidence)
    return last_of(gaussian_fit(joint, exact(decode, evidence), SIDE, start))


@pytest.mark.parametrize("width", [0.6, 0.08, 0.01])
def test_a_gaussian_posterior_is_found_in_closed_form(width: float) -> None:
    """The best Gaussian is the posterior; of the diagonal ones, that with the precisions' axes."""
    bumps = Bumps(([0.7, -1.1], np.array([[1.0, 0.7], [0.7, 1.3]]) / width**2))
    mean, covariance, log_p = bumps.posterior([0])
    start = Gaussian.diagonal(mean + 2.0 * width, np.array([0.5 * width, 3.0 * width]))
    _, found = fit(bumps.decode, ink([0]), start)
    precision = np.linalg.inv(covariance)
    of_axes = np.diag(1.0 / np.diag(precision))
    lost = 0.5 * math.log(np.linalg.det(covariance) / np.linalg.det(of_axes))
    assert found.best.mean == pytest.approx(mean, abs=0.01 * width)
    assert found.best.covariance == pytest.approx(covariance, rel=0.02, abs=1e-3 * width**2)
    assert found.best_diagonal.covariance == pytest.approx(of_axes, rel=0.02)
    assert found.best_elbo == pytest.approx(log_p, abs=5e-3)
    assert found.shape == pytest.approx(0.0, abs=5e-3)
    assert found.axes == pytest.approx(lost, abs=5e-3)
    assert not found.from_mode


def test_the_parts_add_up_to_the_gap_and_each_is_a_loss() -> None:
    bumps = Bumps(([0.2, 0.4], np.eye(2) / 0.2**2), ([0.5, 0.3], np.diag([3.0, 40.0])))
    start = Gaussian.diagonal(np.array([0.0, 0.9]), np.array([0.3, 0.05]))
    joint = log_joint(bumps.decode, ink([0, 1]))
    _, found = fit(bumps.decode, ink([0, 1]), start)
    parts = found.amortisation, found.axes, found.shape
    assert min(parts) > -5e-3
    assert sum(parts) == pytest.approx(found.log_evidence - elbo(joint, start), abs=1e-6)


def test_an_elbo_is_what_the_closed_form_says() -> None:
    """E_q of a quadratic function, by its trace."""
    precision = np.array([[30.0, 11.0], [11.0, 50.0]])
    bumps = Bumps(([0.1, -0.2], precision))
    gaussian = Gaussian(np.array([0.3, 0.1]), np.array([[0.02, 0.005], [0.005, 0.01]]))
    off = gaussian.mean - np.array([0.1, -0.2])
    expected = -25.0 - 0.5 * (off @ precision @ off + np.trace(precision @ gaussian.covariance))
    expected -= 0.5 * (gaussian.mean @ gaussian.mean + np.trace(gaussian.covariance))
    expected += gaussian_entropy(gaussian.covariance) - math.log(2.0 * math.pi)
    assert elbo(log_joint(bumps.decode, ink([0])), gaussian) == pytest.approx(expected, abs=2e-3)
    assert gaussian.entropy == pytest.approx(gaussian_entropy(gaussian.covariance))


@pytest.mark.slow
def test_no_gaussian_nearby_is_better_where_nothing_is_gaussian() -> None:
    decode = wavy()
    rng = np.random.default_rng(3)
    evidence = Evidence.of((rng.random(784) < 0.4).astype(np.float32), rng.random(784) < 0.05)
    _, found = fit(decode, evidence, Gaussian.diagonal(np.zeros(2), np.ones(2)))
    joint = log_joint(decode, evidence)
    for best, height, turns in (
        (found.best_diagonal, found.diagonal_elbo, 0.0),
        (found.best, found.best_elbo, 0.05),
    ):
        assert elbo(joint, best) == pytest.approx(height, abs=5e-3)
        for _ in range(15):
            bend = np.diag(np.exp(0.05 * rng.normal(size=2)))
            bend[1, 0] = turns * rng.normal()
            root = best.root @ bend
            near = Gaussian(best.mean + best.root @ (0.05 * rng.normal(size=2)), root @ root.T)
            assert elbo(joint, near) < height + 2e-3
    assert found.best_elbo >= found.diagonal_elbo
    assert found.log_evidence > found.best_elbo - 5e-3


def test_the_way_goes_up_and_stays_diagonal() -> None:
    bumps = Bumps(([1.0, 0.5], np.array([[50.0, 20.0], [20.0, 80.0]])))
    start = Gaussian.diagonal(np.array([-0.5, 0.0]), np.array([0.5, 0.5]))
    joint = log_joint(bumps.decode, ink([0]))
    way, last = last_of(climb(joint, start, diagonal=True))
    assert isinstance(way[0], Climb)
    assert way[0].gaussian.mean == pytest.approx(start.mean)
    heights = [each.elbo for each in way]
    assert heights == sorted(heights)
    assert len(way) < 30
    assert all(each.gaussian.covariance[0, 1] == 0.0 for each in way)
    assert last is way[-1].gaussian


def test_a_mode_that_the_encoder_missed_is_found() -> None:
    """Two far bumps; the encoder sits on the one with a thousandth of the mass."""
    heavy, light = np.array([1.5, 1.0]), np.array([-1.5, -1.0])

    def decode(z: np.ndarray) -> np.ndarray:
        logits = np.full((len(z), 784), -60.0)
        log_bumps = [
            height - 0.5 * np.square(z - at).sum(axis=1) / 0.1**2
            for at, height in ((heavy, 0.0), (light, -7.0))
        ]
        logits[:, 0] = -25.0 + np.logaddexp(*log_bumps)
        return logits.astype(np.float32)

    start = Gaussian.diagonal(light, np.array([0.1, 0.1]))
    way, found = fit(decode, ink([0]), start)
    assert way[-1].gaussian.mean == pytest.approx(light, abs=0.05)
    assert found.from_mode
    assert found.best_diagonal.mean == pytest.approx(heavy, abs=0.05)
    assert found.amortisation == pytest.approx(7.0, abs=0.1)


def test_without_an_encoder_there_is_no_amortisation() -> None:
    bumps = Bumps(([1.0, 0.5], 40.0 * np.eye(2)))
    way, found = fit(bumps.decode, ink([0]), None)
    assert way == []
    assert found.encoder is None
    assert found.amortisation is None
    assert found.best.mean == pytest.approx(bumps.posterior([0])[0], abs=1e-3)


def test_of_the_bundled_model_the_encoders_elbo_is_that_of_the_exact_integral(
    mnist_dir: Path,
) -> None:
    import torch

    from model import assets
    from model.data.binarise import binarise_once
    from model.data.datasets import load_test
    from model.files.checkpoint import read_checkpoint
    from model.likelihood.quadrature import converged_log_likelihood
    from model.network.densities import kl_divergence

    vae = read_checkpoint(assets.PRETRAINED).vae
    x = binarise_once(load_test("mnist", mnist_dir).images).flatten(1)[:4]

    def decode(z: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return vae.decoder(torch.from_numpy(z)).numpy()

    with torch.inference_mode():
        posterior = vae.posterior(x)
        reconstruction = last_of(converged_log_likelihood(vae, x, posterior))[1].expected
        expected = reconstruction - kl_divergence(*(part.double() for part in posterior))
    for image, mean, deviation, value in zip(
        x.numpy(),
        posterior.mean.double().numpy(),
        posterior.standard_deviation.double().numpy(),
        expected.tolist(),
        strict=True,
    ):
        found = elbo(log_joint(decode, Evidence.of(image)), Gaussian.diagonal(mean, deviation))
        assert found == pytest.approx(value, abs=0.06)  # the tolerance of that quadrature

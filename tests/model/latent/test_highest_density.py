"""Lines around regions of highest density, against the ellipses of a Gaussian."""

import math

import numpy as np
import pytest
from bumps import Bumps

from model.latent.best_gaussian import log_joint
from model.latent.decode_table import tabulation
from model.latent.evidence import Evidence
from model.latent.highest_density import highest_density_lines
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore


def last_of(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def lines_of(decode, evidence, masses):
    table = last_of(tabulation(decode, 100))
    posterior = last_of(refinement(decode, RunningScore(table, evidence)))
    return last_of(highest_density_lines(log_joint(decode, evidence), posterior, masses))


@pytest.mark.parametrize("width", [0.4, 0.01])
def test_of_a_gaussian_they_are_its_ellipses(width):
    bumps = Bumps(([0.7, -1.1], np.array([[1.0, 0.7], [0.7, 3.0]]) / width**2))
    mean, covariance, _ = bumps.posterior([0])
    evidence = Evidence.nothing().marked(np.array([0]), 1.0)
    sigmas = (1.0, 2.0)
    masses = [1.0 - math.exp(-0.5 * sigma**2) for sigma in sigmas]
    for sigma, line in zip(sigmas, lines_of(bumps.decode, evidence, masses), strict=True):
        off = line.reshape(-1, 2) - mean
        distance = np.sqrt(np.einsum("ni,ij,nj->n", off, np.linalg.inv(covariance), off))
        assert len(line) > 20
        assert distance == pytest.approx(sigma, rel=0.04)
        angles = np.arctan2(*off.T)
        assert np.diff(np.sort(angles)).max() < 0.5  # all around


def test_two_narrow_modes_far_apart_have_none():
    at = np.array([[2.0, 2.0], [-2.0, -2.0]])

    def decode(z):
        logits = np.full((len(z), 784), -60.0)
        distances = np.square(z[:, None] - at).sum(axis=2)
        logits[:, 0] = -25.0 + np.logaddexp.reduce(-0.5 * distances / 0.004**2, axis=1)
        return logits.astype(np.float32)

    assert lines_of(decode, Evidence.nothing().marked(np.array([0]), 1.0), [0.4]) == []

"""The posterior over the plane, against closed forms and brute force on a much finer grid."""

import math

import numpy as np
import pytest
from bumps import Bumps, end, gaussian_entropy, wavy

from model.latent.decode_table import (
    Cells,
    Decode,
    DecodeTable,
    log_probabilities,
    plane_cells,
    tabulation,
)
from model.latent.evidence import Evidence, log_probability
from model.latent.modes import modes
from model.latent.plane_posterior import PlanePosterior, heat, log_sum_exp
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore

SIDE = 80


def table_of(decode: Decode, side: int = SIDE) -> DecodeTable:
    return end(tabulation(decode, side))


def ink(pixels: list[int]) -> Evidence:
    return Evidence.nothing().marked(np.array(pixels, dtype=int), 1.0)


def posterior(decode: Decode, table: DecodeTable, evidence: Evidence, **how) -> PlanePosterior:
    return end(refinement(decode, RunningScore(table, evidence), **how))


def brute(decode: Decode, evidence: Evidence, side: int = 240) -> tuple[float, np.ndarray, float]:
    """Log p(evidence), the mean of z and the entropy, on a uniform grid of our own to 6."""
    axis = (np.arange(side) + 0.5) * (12.0 / side) - 6.0
    joint = []
    for first in axis:
        z = np.stack([np.full(side, first), axis], axis=1)
        on, off = log_probabilities(decode(z.astype(np.float32)))
        joint.append(log_probability(on, off, evidence) - 0.5 * (z**2).sum(1))
    density = np.stack(joint) - math.log(2.0 * math.pi)
    log_cell = 2.0 * math.log(12.0 / side)
    total = log_sum_exp(density.ravel() + log_cell)
    weights = np.exp(density + log_cell - total)
    mean = np.array([weights.sum(1) @ axis, weights.sum(0) @ axis])
    return total, mean, float(-(weights * (density - total)).sum())


def test_with_nothing_known_the_posterior_is_the_prior() -> None:
    decode = wavy()
    found = posterior(decode, table_of(decode), Evidence.nothing())
    assert found.log_evidence == pytest.approx(0.0, abs=1e-3)
    assert found.entropy == pytest.approx(math.log(2.0 * math.pi * math.e), abs=1e-3)
    assert found.mean == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found.covariance == pytest.approx(np.eye(2), abs=5e-3)
    assert found.unresolved is None


@pytest.mark.parametrize("width", [0.5, 0.05, 0.01, 0.003])
def test_gaussian_posteriors_come_out_in_closed_form_however_narrow(width: float) -> None:
    tilted = np.array([[1.0, 0.6], [0.6, 1.0]]) / width**2
    bumps = Bumps(([0.73, -1.21], tilted), ([0.8, -1.1], np.eye(2) / 4.0))
    found = posterior(bumps.decode, table_of(bumps.decode), ink([0, 1]))
    mean, covariance, log_p = bumps.posterior([0, 1])
    assert found.unresolved is None
    assert found.log_evidence == pytest.approx(log_p, abs=2e-3)
    assert found.mean == pytest.approx(mean, abs=0.02 * width)
    assert found.covariance == pytest.approx(covariance, abs=0.02 * width**2)
    assert found.entropy == pytest.approx(gaussian_entropy(covariance), abs=5e-3)


def test_a_posterior_beyond_the_edge_of_the_grid_is_found() -> None:
    bumps = Bumps(([7.0, -5.0], np.eye(2) * 4.0))
    found = posterior(bumps.decode, table_of(bumps.decode), ink([0]))
    mean, covariance, log_p = bumps.posterior([0])
    assert abs(mean[0]) > 4.5
    assert found.unresolved is None
    assert found.log_evidence == pytest.approx(log_p, abs=2e-3)
    assert found.mean == pytest.approx(mean, abs=0.01)
    assert found.covariance == pytest.approx(covariance, abs=0.01)


@pytest.mark.slow
def test_it_agrees_with_brute_force_where_there_is_no_closed_form() -> None:
    decode = wavy()
    table = table_of(decode)
    rng = np.random.default_rng(3)
    for known, flip in ((4, 0.0), (30, 0.0), (60, 0.05)):
        evidence = Evidence.nothing(flip).marked(
            rng.choice(784, known, replace=False), rng.integers(0, 2, known).astype(np.float32)
        )
        total, mean, entropy = brute(decode, evidence)
        found = posterior(decode, table, evidence)
        assert found.log_evidence == pytest.approx(total, abs=2e-3)
        assert found.mean == pytest.approx(mean, abs=2e-3)
        assert found.entropy == pytest.approx(entropy, abs=4e-3)


def test_a_finer_table_and_a_smaller_tolerance_change_nothing_that_is_printed() -> None:
    decode = wavy()
    evidence = Evidence.of((np.arange(784) % 5 == 0).astype(np.float32), np.arange(784) < 200)
    table = table_of(decode)
    found = posterior(decode, table, evidence)
    finer = posterior(decode, table_of(decode, SIDE * 3 // 2), evidence)
    stricter = posterior(decode, table, evidence, tolerance=2e-5, most_points=10**6)
    for other in (finer, stricter):
        assert other.log_evidence == pytest.approx(found.log_evidence, abs=2e-3)
        assert other.entropy == pytest.approx(found.entropy, abs=4e-3)
        assert other.mean == pytest.approx(found.mean, abs=1e-3)


def test_what_is_too_narrow_or_takes_too_many_points_is_said() -> None:
    needle = Bumps(([0.5, 0.5], np.eye(2) / 2e-5**2))
    found = posterior(needle.decode, table_of(needle.decode), ink([0]))
    assert found.unresolved is not None
    assert "narrower" in found.unresolved
    narrow = Bumps(([0.5, 0.5], np.eye(2) / 0.01**2))
    short = posterior(narrow.decode, table_of(narrow.decode), ink([0]), most_points=50)
    assert short.unresolved is not None
    assert "too many places" in short.unresolved


def test_a_posterior_that_flees_the_plane_is_said() -> None:
    outside = Bumps(([30.0, 0.0], np.eye(2)))
    found = posterior(outside.decode, table_of(outside.decode), ink([0]))
    assert found.unresolved is not None
    assert "farther out" in found.unresolved


def test_the_heat_map_is_the_density_relative_to_its_peak() -> None:
    bumps = Bumps(([0.7, -1.2], np.eye(2) * 9.0))
    table = table_of(bumps.decode)
    mean, covariance, _ = bumps.posterior([0])
    grid = np.stack(np.meshgrid(table.axis, table.axis, indexing="ij"), -1) - mean
    expected = np.exp(-0.5 * np.einsum("abi,ij,abj->ab", grid, np.linalg.inv(covariance), grid))
    assert heat(RunningScore(table, ink([0]))) == pytest.approx(expected / expected.max(), abs=1e-4)


def test_the_prior_has_one_mode_though_four_cells_share_its_highest_place() -> None:
    cells = plane_cells(SIDE)
    prior = PlanePosterior(cells, cells.log_prior_mass, np.arange(len(cells)), None)
    (mode,) = modes(prior, SIDE)
    assert mode.mass == pytest.approx(1.0, abs=1e-4)


def test_two_bumps_are_two_modes_with_their_masses() -> None:
    def decode(z: np.ndarray) -> np.ndarray:
        heights = [
            math.log(share) - ((z.astype(float) - np.array(at)) ** 2).sum(1) / (2.0 * 0.1**2)
            for share, at in ((0.7, (1.0, 1.0)), (0.3, (-1.0, 1.0)))
        ]
        logits = np.full((len(z), 784), -60.0)
        logits[:, 0] = -25.0 + np.maximum(np.logaddexp(*heights), -500.0)
        return logits.astype(np.float32)

    found = modes(posterior(decode, table_of(decode), ink([0])), SIDE)
    assert [mode.mass for mode in found] == pytest.approx([0.7, 0.3], abs=2e-3)
    shrunk = 1.0 / (1.0 + 0.1**2)
    assert found[0].z == pytest.approx([shrunk, shrunk], abs=0.03)
    assert found[1].z == pytest.approx([-shrunk, shrunk], abs=0.03)
    peak = math.log(0.7 / (2.0 * math.pi * 0.1**2 * shrunk))
    assert found[0].log_density == pytest.approx(peak, abs=0.05)


def test_representatives_cover_a_broad_posterior_and_a_narrow_one() -> None:
    decode = wavy()
    broad = PlanePosterior.on_table(RunningScore(table_of(decode)))
    cells, weights = broad.heaviest(400)
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ broad.cells.z[cells] ** 2 == pytest.approx([1.0, 1.0], abs=0.1)
    z = np.zeros((1000, 2))
    score = np.r_[np.log([0.5, 0.3, 0.1999]), np.full(997, -30.0)]
    narrow = PlanePosterior(Cells(z, np.ones(1000)), score, np.arange(1000), None)
    cells, weights = narrow.heaviest(3)
    assert cells.tolist() == [0, 1, 2]
    assert weights == pytest.approx([0.5, 0.3, 0.2], abs=1e-3)


def test_draws_follow_the_weights() -> None:
    score = np.log(np.array([0.1, 0.6, 0.3]))
    few = PlanePosterior(Cells(np.zeros((3, 2)), np.ones(3)), score, np.arange(3), None)
    drawn = few.draw(20_000, np.random.default_rng(0))
    assert np.bincount(drawn) / 20_000 == pytest.approx([0.1, 0.6, 0.3], abs=0.015)


def test_labels_are_those_of_the_regions() -> None:
    bumps = Bumps(([1.5, 0.0], np.eye(2) * 4.0))
    table = table_of(bumps.decode)
    shares = np.stack([table.cells.z[: SIDE**2, 0] < 0.0, table.cells.z[: SIDE**2, 0] >= 0.0], 1)
    mean, covariance, _ = bumps.posterior([0])
    right = 0.5 * math.erfc(-mean[0] / math.sqrt(2.0 * covariance[0, 0]))
    found = posterior(bumps.decode, table, ink([0]))
    assert found.label_probabilities(shares.astype(float)) == pytest.approx(
        [1.0 - right, right], abs=2e-3
    )

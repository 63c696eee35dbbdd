"""The total variation distance, against draws whose distance is known."""

import numpy as np
import pytest
from bumps import Bumps, end

from model.latent.decode_table import tabulation
from model.latent.evidence import Evidence
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore
from model.latent.total_variation import Boxes, total_variation

BUMPS = Bumps(([0.5, -0.7], np.array([[40.0, 15.0], [15.0, 30.0]])))
MEAN, COVARIANCE, _ = BUMPS.posterior([0])


@pytest.fixture(scope="module")
def boxes() -> Boxes:
    table = end(tabulation(BUMPS.decode, 200))
    evidence = Evidence.nothing().marked(np.array([0]), 1.0)
    return Boxes(end(refinement(BUMPS.decode, RunningScore(table, evidence), tolerance=1e-4)))


def drawn(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(MEAN, COVARIANCE, count)


def test_boxes_have_about_equal_mass_and_hold_as_many_draws(boxes: Boxes) -> None:
    assert len(boxes) == 32
    assert boxes.mass.sum() == pytest.approx(1.0)
    assert 0.2 / 32.0 < boxes.mass.min() < boxes.mass.max() < 3.0 / 32.0
    counts = boxes.counts(drawn(100_000))
    assert counts.sum() == 100_000
    assert counts / 100_000 == pytest.approx(boxes.mass, abs=0.003)


def test_independent_draws_are_as_far_as_such_draws_are(boxes: Boxes) -> None:
    for count in (100, 2000):
        found = [total_variation(boxes, drawn(count, seed)).distance for seed in range(30)]
        expected = total_variation(boxes, drawn(count)).of_exact_draws
        assert np.mean(found) == pytest.approx(expected, rel=0.15)
    assert total_variation(boxes, drawn(100_000)).distance < 0.014


def test_draws_of_one_half_are_as_far_as_the_mass_of_the_other(boxes: Boxes) -> None:
    """The first line parts the boxes into the first 16 and the others."""
    z = drawn(2000)
    halves = np.array([boxes.counts(z[i : i + 1]).argmax() < 16 for i in range(2000)])
    missing = boxes.mass[16:].sum()
    assert 0.4 < missing < 0.6
    assert total_variation(boxes, z[halves]).distance == pytest.approx(missing, abs=0.03)


def test_draws_elsewhere_are_as_far_as_can_be(boxes: Boxes) -> None:
    assert total_variation(boxes, np.full((50, 2), 3.0)).distance > 0.9


def test_the_distance_is_that_of_its_definition(boxes: Boxes) -> None:
    z = drawn(500)
    fractions = boxes.counts(z) / 500
    assert total_variation(boxes, z).distance == pytest.approx(
        max(  # over all events made of boxes: the best one holds those with too many draws
            (fractions - boxes.mass)[fractions > boxes.mass].sum(),
            (boxes.mass - fractions)[fractions < boxes.mass].sum(),
        ),
        abs=1e-6,
    )

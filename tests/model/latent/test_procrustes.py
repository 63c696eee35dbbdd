"""Orthogonal Procrustes, against known turns and a search over all angles."""

import math

import numpy as np
import pytest

from model.latent.procrustes import align


def turn(degrees: float, *, mirrored: bool = False) -> np.ndarray:
    """The matrix that changes the sign of z2 if it mirrors, then turns against the clock."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s], [s, c]]) @ np.diag([1.0, -1.0 if mirrored else 1.0])


def random_turn(dimensions: int, numbers: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(numbers.normal(size=(dimensions, dimensions)))[0]


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0.0, 37.2, 90.0, -135.5, 180.0])
def test_it_recovers_a_known_rotation_and_mirror(degrees, mirrored):
    points = np.random.default_rng(0).normal(size=(500, 2)) * [1.0, 0.4] + [0.3, -0.2]
    known = turn(degrees, mirrored=mirrored)
    found = align(points, points @ known.T)
    assert np.abs(found.matrix - known).max() < 1e-10
    assert found.is_mirrored == mirrored
    assert math.cos(math.radians(found.angle - degrees)) == pytest.approx(1.0, abs=1e-12)
    assert found.distance == pytest.approx(0.0, abs=1e-10)
    assert found.residual == pytest.approx(0.0, abs=1e-10)


def test_it_is_as_good_as_the_best_of_all_angles():
    numbers = np.random.default_rng(1)
    onto = numbers.normal(size=(300, 2)) * [1.4, 0.7]
    points = onto @ turn(63.0, mirrored=True) + 0.6 * numbers.normal(size=(300, 2))
    found = align(points, onto)
    tried = {
        (mirrored, degrees): math.sqrt(
            ((points @ turn(degrees, mirrored=mirrored).T - onto) ** 2).sum(1).mean()
        )
        for mirrored in (False, True)
        for degrees in np.arange(-180.0, 180.0, 0.05)
    }
    best = min(tried, key=tried.__getitem__)
    assert found.is_mirrored == best[0]
    assert found.angle == pytest.approx(best[1], abs=0.05)
    assert found.distance <= tried[best]
    assert found.distance == pytest.approx(tried[best], abs=1e-6)
    size = math.sqrt((onto**2).sum(1).mean())
    assert found.size == pytest.approx(size)
    assert found.residual == pytest.approx(found.distance / size)
    assert found.before == pytest.approx(math.sqrt(((points - onto) ** 2).sum(1).mean()))


@pytest.mark.parametrize("dimensions", [1, 3, 10])
def test_it_recovers_a_turn_in_any_number_of_dimensions(dimensions):
    numbers = np.random.default_rng(dimensions)
    points = numbers.normal(size=(400, dimensions))
    known = random_turn(dimensions, numbers)
    found = align(points, points @ known.T)
    assert np.abs(found.matrix - known).max() < 1e-10
    assert found.is_mirrored == (np.linalg.det(known) < 0.0)
    assert np.abs(found.matrix @ found.matrix.T - np.eye(dimensions)).max() < 1e-12


def test_the_angle_in_more_dimensions_is_the_largest_of_its_planes():
    blocks = np.zeros((5, 5))
    blocks[:2, :2], blocks[2:4, 2:4], blocks[4, 4] = turn(20.0), turn(-75.0), -1.0
    points = np.random.default_rng(4).normal(size=(100, 5))
    basis = random_turn(5, np.random.default_rng(5))
    found = align(points, points @ (basis @ blocks @ basis.T).T)
    assert found.is_mirrored
    assert found.angle == pytest.approx(75.0)


def test_points_that_are_all_at_the_origin_have_an_alignment_too():
    for points, onto in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0)):
        found = align(np.full((7, 2), points), np.full((7, 2), onto))
        assert np.abs(found.matrix @ found.matrix.T - np.eye(2)).max() < 1e-12
        assert math.isfinite(found.residual)


def test_sets_that_have_no_alignment_are_refused():
    for points, onto in (((5, 2), (5, 3)), ((5, 2), (4, 2)), ((0, 2), (0, 2))):
        with pytest.raises(ValueError, match="no rotation"):
            align(np.zeros(points), np.zeros(onto))
    with pytest.raises(ValueError, match="not finite"):
        align(np.full((3, 2), np.nan), np.zeros((3, 2)))

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.latent.neighbours import Neighbours


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 5))
def test_the_nearest_point_is_nearest(seed: int, count: int, dimensions: int) -> None:
    numbers = np.random.default_rng(seed)
    points = numbers.normal(size=(count, dimensions))
    z = numbers.normal(size=dimensions)
    distances = [math.dist(point, z) for point in points]
    index = Neighbours(points).nearest(z)
    assert isinstance(index, int)
    assert distances[index] == pytest.approx(min(distances), rel=1e-5, abs=1e-6)


def test_the_nearest_of_ten_thousand_is_the_point_itself() -> None:
    points = np.random.default_rng(0).normal(size=(10_000, 2))
    neighbours = Neighbours(points)
    for index in (0, 1234, 9999):
        assert neighbours.nearest(points[index]) == index


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_nearest_is_that_of_a_search_through_all(dimensions: int) -> None:
    numbers = np.random.default_rng(dimensions)
    # On a lattice many points coincide and many distances are equal: the first counts.
    points = numbers.integers(-9, 10, size=(3000, dimensions)) / 4.0
    neighbours = Neighbours(points)
    places = [numbers.normal(size=(100, dimensions)), numbers.integers(-99, 99, (50, dimensions))]
    places += [1e6 * places[0][:5], points[:50]]
    for z in np.concatenate(places).astype(np.float32):
        squares = np.square(points.astype(np.float32) - z).sum(axis=1, dtype=np.float32)
        assert neighbours.nearest(z) == squares.argmin()


@given(
    seed=st.integers(0, 1000), size=st.integers(1, 300), count=st.integers(1, 8), far=st.booleans()
)
def test_the_nearest_few_are_the_first_of_a_sorted_list(
    seed: int, size: int, count: int, far: bool
) -> None:
    generator = np.random.default_rng(seed)
    points = np.float32(generator.integers(-9, 10, size=(size, 2)) / 4.0)  # many are equally near
    z = np.float32(generator.integers(-9, 10, size=2) / 4.0 * (40.0 if far else 1.0))
    squares = np.square(points - z).sum(axis=1)
    expected = sorted(range(size), key=lambda index: (squares[index], index))[:count]
    found = Neighbours(points.astype(float)).nearest_few(z.astype(float), count)
    assert found.tolist() == expected


@pytest.mark.parametrize("scale", [1e15, 1e25, 3e37])
def test_points_so_far_apart_that_squares_overflow_have_nearest_ones(scale):
    numbers = np.random.default_rng(0)
    points = np.float32(scale * numbers.normal(size=(1000, 2))).astype(np.float64)
    neighbours = Neighbours(points)
    for z in scale * numbers.normal(size=(30, 2)):
        squares = np.square(points - z).sum(axis=1)
        assert neighbours.nearest(z) == squares.argmin()
        np.testing.assert_array_equal(neighbours.nearest_few(z, 5), squares.argsort()[:5])


@pytest.mark.parametrize("distance", [1e20, 1e30, 1e39, 1e60])
def test_from_far_away_some_point_is_the_nearest(distance):
    points = np.random.default_rng(0).normal(size=(300, 2))
    z = np.array([distance, -distance])
    assert 0 <= Neighbours(points).nearest(z) < 300
    assert len(set(Neighbours(points).nearest_few(z, 4).tolist())) == 4

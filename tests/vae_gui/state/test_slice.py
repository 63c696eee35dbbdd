"""Slices of the latent space: a plane through a base point, along two of the axes."""

import numpy as np
import pytest

from vae_gui.state.slice import Slice, row_of


@pytest.mark.parametrize("dimensions", [1, 2, 3, 10])
def test_a_latent_point_of_the_plane_comes_back_to_its_place(dimensions):
    plane = Slice(np.arange(dimensions, dtype=float) + 0.5)
    xy = np.array([0.25, -1.75]) if dimensions > 1 else np.array([0.25, 0.0])
    z = plane.to_latent(xy)
    assert z.shape == (dimensions,)
    np.testing.assert_array_equal(plane.to_plane(z), xy)


@pytest.mark.parametrize("dimensions", [3, 10])
def test_along_other_axes_a_point_comes_back_and_the_rest_is_the_bases(dimensions):
    base = np.arange(dimensions, dtype=float) + 0.5
    plane = Slice(base, axes=(2, 0))
    z = plane.to_latent(np.array([7.0, -8.0]))
    expected = base.copy()
    expected[2], expected[0] = 7.0, -8.0  # across is z3, up is z1
    np.testing.assert_array_equal(z, expected)
    np.testing.assert_array_equal(plane.to_plane(z), [7.0, -8.0])
    assert plane.shown == (2, 0)
    assert plane.names == ("z3", "z1")
    np.testing.assert_array_equal(plane.along(base), [2.5, 0.5])


def test_along_other_axes_many_points_are_placed_by_them():
    means = np.random.default_rng(0).normal(size=(7, 5))
    plane = Slice(np.zeros(5), axes=(4, 1))
    places = plane.place(means, np.zeros(7, int))
    np.testing.assert_array_equal(places, np.stack([means[:, 4], means[:, 1]], axis=1))
    np.testing.assert_array_equal(plane.along(means), places)


def test_two_dimensions_can_be_turned_over():
    plane = Slice(np.zeros(2), axes=(1, 0))
    np.testing.assert_array_equal(plane.to_latent(np.array([3.0, 4.0])), [4.0, 3.0])
    np.testing.assert_array_equal(plane.to_plane(np.array([4.0, 3.0])), [3.0, 4.0])
    assert plane.names == ("z2", "z1")
    assert plane.statement() == ""


def test_with_more_dimensions_the_others_are_those_of_the_base():
    plane = Slice(np.array([9.0, 9.0, 0.3, -0.4]))
    np.testing.assert_array_equal(plane.to_latent(np.array([1.0, 2.0])), [1.0, 2.0, 0.3, -0.4])


def test_to_latent_never_writes_into_the_base():
    base = np.array([9.0, 9.0, 0.3])
    Slice(base).to_latent(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(base, [9.0, 9.0, 0.3])


def test_in_two_dimensions_digits_lie_at_their_means():
    means = np.random.default_rng(0).normal(size=(7, 2))
    np.testing.assert_array_equal(Slice(np.zeros(2)).place(means, np.zeros(7, int)), means)


def test_in_one_dimension_each_class_has_a_row_and_z1_is_kept():
    means = np.array([[0.1], [0.2], [0.3]])
    labels = np.array([0, 9, 0])
    plane = Slice(np.zeros(1))
    places = plane.place(means, labels)
    np.testing.assert_array_equal(places[:, 0], means[:, 0])
    assert places[0, 1] == places[2, 1] != places[1, 1]
    assert len(set(row_of(np.arange(10)))) == 10
    assert plane.names == ("z1",)


def test_the_statement_says_what_is_shown():
    assert Slice(np.zeros(2)).statement() == ""
    assert "one latent dimension" in Slice(np.zeros(1)).statement()
    assert "z3 fixed at 0" in Slice(np.zeros(3)).statement()
    through = Slice(np.zeros(10), base_image=42).statement()
    assert "10 latent dimensions" in through
    assert "shows z1 and z2, with z3 to z10 fixed at the posterior mean of test digit 42" in through


@pytest.mark.parametrize(
    ("dimensions", "axes", "fixed"),
    [
        (3, (2, 0), "z2"),
        (10, (2, 0), "z2 and z4 to z10"),
        (5, (1, 4), "z1 and z3 to z4"),
        (6, (1, 5), "z1 and z3 to z5"),
        (10, (1, 5), "z1, z3 to z5 and z7 to z10"),
    ],
)
def test_along_other_axes_it_names_those_that_are_fixed(dimensions, axes, fixed):
    plane = Slice(np.zeros(dimensions), axes=axes)
    first, second = plane.names
    assert plane.fixed() == f"{fixed} fixed at 0"
    assert f"shows {first} and {second}, with {fixed} fixed at 0." in plane.statement()
    assert plane.statement().endswith(f"at their own {first} and {second}.")

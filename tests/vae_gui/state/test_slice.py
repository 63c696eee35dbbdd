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
    places = Slice(np.zeros(1)).place(means, labels)
    np.testing.assert_array_equal(places[:, 0], means[:, 0])
    assert places[0, 1] == places[2, 1] != places[1, 1]
    assert len(set(row_of(np.arange(10)))) == 10


def test_the_statement_says_what_is_shown():
    assert Slice(np.zeros(2)).statement() == ""
    assert "one latent dimension" in Slice(np.zeros(1)).statement()
    assert "z3 fixed at 0" in Slice(np.zeros(3)).statement()
    through = Slice(np.zeros(10), base_image=42).statement()
    assert "10 latent dimensions" in through
    assert "z3 to z10 fixed at the posterior mean of test digit 42" in through

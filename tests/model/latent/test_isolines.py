"""Isolines of known functions, and the cost of ways where no digits are."""

import numpy as np
import pytest

from model.latent.digit_cost import cost_factors, usual_density
from model.latent.isolines import isoline

LOW, STEP = np.array([-1.5, -1.0]), 0.05


def grid(function):
    a, b = np.indices((61, 41))
    return function(LOW[0] + STEP * a, LOW[1] + STEP * b)


def test_the_line_of_a_cone_is_a_circle_as_long_as_it_should_be():
    segments = isoline(grid(np.hypot), 0.8, LOW, STEP)
    assert np.abs(np.hypot(*segments.reshape(-1, 2).T) - 0.8).max() < 1e-3
    assert np.linalg.norm(np.diff(segments, axis=1), axis=-1).sum() == pytest.approx(
        2 * np.pi * 0.8, rel=2e-3
    )
    ends = np.sort(np.round(segments.reshape(-1, 2), 9).view(complex).ravel())
    np.testing.assert_array_equal(ends[::2], ends[1::2])  # it is closed


def test_a_saddle_and_what_is_not_finite_do_no_harm():
    values = grid(lambda x, y: x * y)
    values[30, 20] = np.inf
    segments = isoline(values, 0.01, LOW, STEP)
    assert np.isfinite(segments).all()
    np.testing.assert_allclose(segments[..., 0] * segments[..., 1], 0.01, atol=2e-3)
    assert isoline(values, 99.0, LOW, STEP).shape == (0, 2, 2)


def test_a_step_costs_twice_at_the_usual_density_and_much_in_a_hole():
    usual = usual_density(np.linspace(0.0, 1.0, 101))
    assert usual == pytest.approx(0.1)
    factors = cost_factors(np.array([1e9, 0.1, 0.01, 0.0]), usual)
    np.testing.assert_allclose(factors, [1.0, 2.0, 11.0, 1001.0])

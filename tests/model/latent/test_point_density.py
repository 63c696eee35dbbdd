import numpy as np
import pytest

from model.latent.point_density import PointDensity, log_prior_density, prior_mass_within


def some_gaussians(dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(3)
    means = numbers.normal(size=(500, dimensions))
    return means, numbers.uniform(0.05, 0.4, size=(500, dimensions))


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_it_is_the_mean_of_the_gaussians(dimensions: int) -> None:
    """Against the sum of the densities, term by term, in double precision."""
    means, deviations = some_gaussians(dimensions)
    density = PointDensity(means, deviations)
    norms = np.prod(np.sqrt(2 * np.pi) * deviations, axis=1)
    for z in (*means[:20], *np.random.default_rng(4).normal(size=(20, dimensions))):
        exponents = -0.5 * np.square((z - means) / deviations).sum(axis=1)
        expected = (np.exp(exponents) / norms).mean()
        assert np.exp(density.log_density(z)) == pytest.approx(expected, rel=1e-4)


def test_it_integrates_to_one() -> None:
    density = PointDensity(*some_gaussians(2))
    axis = np.linspace(-6.0, 6.0, 101)
    values = [np.exp(density.log_density(np.array([x, y]))) for x in axis for y in axis]
    assert sum(values) * (axis[1] - axis[0]) ** 2 == pytest.approx(1.0, abs=2e-3)


def test_far_from_all_digits_it_is_small_but_not_lost() -> None:
    density = PointDensity(np.zeros((3, 2)), np.full((3, 2), 0.01))
    expected = -0.5 * 100.0**2 * 2 - 2 * np.log(0.01) - np.log(2 * np.pi)
    assert density.log_density(np.array([1.0, 1.0])) == pytest.approx(expected, rel=1e-5)


# The prior


@pytest.mark.parametrize("dimensions", [1, 2, 3, 20])
def test_the_priors_mass_is_the_share_of_draws_that_lie_nearer(dimensions: int) -> None:
    draws = np.random.default_rng(0).normal(size=(200_000, dimensions))
    radii = np.linalg.norm(draws, axis=1)
    for radius in (0.5, 1.0, 2.0, 4.0):
        assert prior_mass_within(radius, dimensions) == pytest.approx(
            (radii < radius).mean(), abs=0.005
        )


def test_in_the_plane_the_priors_mass_has_a_closed_form() -> None:
    assert prior_mass_within(0.0, 2) == 0.0
    for radius in (0.1, 1.0, 2.0, 3.0, 6.0):
        assert prior_mass_within(radius, 2) == pytest.approx(
            1.0 - np.exp(-(radius**2) / 2.0), abs=1e-12
        )


def test_the_priors_density_is_the_slope_of_the_mass_over_the_area_of_a_ring() -> None:
    step = 1e-4
    for radius in (0.3, 1.0, 2.5):
        mass = prior_mass_within(radius + step, 2) - prior_mass_within(radius - step, 2)
        area = np.pi * ((radius + step) ** 2 - (radius - step) ** 2)
        assert np.exp(log_prior_density(radius, 2)) == pytest.approx(mass / area, rel=1e-6)

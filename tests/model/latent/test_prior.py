import numpy as np
import pytest

from model.latent.prior import log_density, mass_within


@pytest.mark.parametrize("dimensions", [1, 2, 3, 20])
def test_the_mass_is_the_share_of_draws_that_lie_nearer(dimensions: int) -> None:
    draws = np.random.default_rng(0).normal(size=(200_000, dimensions))
    radii = np.linalg.norm(draws, axis=1)
    for radius in (0.5, 1.0, 2.0, 4.0):
        assert mass_within(radius, dimensions) == pytest.approx((radii < radius).mean(), abs=0.005)


def test_in_the_plane_it_has_a_closed_form() -> None:
    assert mass_within(0.0, 2) == 0.0
    for radius in (0.1, 1.0, 2.0, 3.0, 6.0):
        assert mass_within(radius, 2) == pytest.approx(1.0 - np.exp(-(radius**2) / 2.0), abs=1e-12)


def test_the_density_is_the_slope_of_the_mass_over_the_area_of_a_ring() -> None:
    step = 1e-4
    for radius in (0.3, 1.0, 2.5):
        mass = mass_within(radius + step, 2) - mass_within(radius - step, 2)
        area = np.pi * ((radius + step) ** 2 - (radius - step) ** 2)
        assert np.exp(log_density(radius, 2)) == pytest.approx(mass / area, rel=1e-6)

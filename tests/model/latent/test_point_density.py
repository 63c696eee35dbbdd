import numpy as np
import pytest
import torch

from model.latent.aggregate_posterior import AggregatePosterior
from model.latent.point_density import PointDensity
from model.network.densities import Posterior


def some_gaussians(dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(3)
    means = numbers.normal(size=(500, dimensions))
    return means, numbers.uniform(0.05, 0.4, size=(500, dimensions))


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_it_is_the_aggregate_posterior_summed_over_labels(dimensions: int) -> None:
    means, spreads = some_gaussians(dimensions)
    mean, spread = torch.from_numpy(means), torch.from_numpy(spreads)
    mixture = AggregatePosterior(
        Posterior(mean, 2.0 * spread.log()), torch.arange(500) % 10, classes=10
    )
    density = PointDensity(means, spreads)
    for z in (*means[:20], *np.random.default_rng(4).normal(size=(20, dimensions))):
        expected = float(mixture.at(torch.from_numpy(z).unsqueeze(0)).sum())
        assert np.exp(density.log_density(z)) == pytest.approx(expected, rel=1e-4)


def test_it_integrates_to_one() -> None:
    density = PointDensity(*some_gaussians(2))
    axis = np.linspace(-6.0, 6.0, 161)
    values = [np.exp(density.log_density(np.array([x, y]))) for x in axis for y in axis]
    assert sum(values) * (axis[1] - axis[0]) ** 2 == pytest.approx(1.0, abs=2e-3)


def test_far_from_all_digits_it_is_small_but_not_lost() -> None:
    density = PointDensity(np.zeros((3, 2)), np.full((3, 2), 0.01))
    expected = -0.5 * 100.0**2 * 2 - 2 * np.log(0.01) - np.log(2 * np.pi)
    assert density.log_density(np.array([1.0, 1.0])) == pytest.approx(expected, rel=1e-5)

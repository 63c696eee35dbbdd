"""The numbers of digits, and their ranks."""

import numpy as np
import pytest
import torch

from model.network.densities import kl_divergence
from vae_gui.state.measures import MEASURES, Measurements


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    made = Measurements.of(rng.normal(size=(6, 3)), rng.uniform(0.1, 1.0, (6, 3)))
    made.reconstruction[:] = [-90.0, -100.0, np.nan, -80.0, -100.0, np.nan]
    return made


def test_the_kl_is_that_of_the_model():
    rng = np.random.default_rng(1)
    means, spreads = rng.normal(size=(5, 2)), rng.uniform(0.01, 2.0, (5, 2))
    expected = kl_divergence(torch.from_numpy(means), 2 * torch.from_numpy(spreads).log())
    np.testing.assert_allclose(Measurements.of(means, spreads).kl, expected.numpy())
    np.testing.assert_allclose(Measurements.of(means, spreads).spread, np.sqrt(spreads.prod(1)))


def test_every_number_has_values(numbers):
    for key in MEASURES:
        assert numbers.values(key).shape == (6,)
    np.testing.assert_allclose(
        numbers.values("elbo"), numbers.reconstruction - numbers.kl, equal_nan=True
    )
    assert np.isnan(numbers.values("log_likelihood")).all()


def test_ranks_go_from_the_worst_to_the_best_among_those_known(numbers):
    assert numbers.ranked("reconstruction").tolist() == [1, 4, 0, 3]
    assert numbers.rank_of(3, "reconstruction") == (1, 4)
    assert numbers.rank_of(0, "reconstruction") == (2, 4)
    assert numbers.rank_of(1, "reconstruction") == numbers.rank_of(4, "reconstruction") == (3, 4)
    assert numbers.rank_of(2, "reconstruction") is None
    order = numbers.ranked("kl")  # the highest KL is the worst
    assert numbers.kl[order[0]] == numbers.kl.max()
    assert numbers.rank_of(int(order[-1]), "kl") == (1, 6)

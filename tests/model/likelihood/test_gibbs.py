"""The chains: where each of them settles, and what they leave alone."""

from itertools import islice

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, toy

from model.likelihood.gibbs import sweeps

BUMP = Bump.round([0.6, -0.4], 0.3)
MEAN, COVARIANCE = BUMP.posterior()


def states(vae, x, count: int, warm_up: int | None) -> np.ndarray:
    """The z of a chain that sees all pixels: (count, 2)."""
    seen = torch.ones_like(x, dtype=torch.bool)
    chain = islice(sweeps(vae, x, seen, seed=1, warm_up=warm_up), 100 + count)
    return torch.cat([sweep.z for sweep in chain])[100:].numpy()


@pytest.mark.slow
def test_with_a_wrong_encoder_only_the_accepted_chain_finds_the_posterior() -> None:
    """All pixels are seen, so pseudo-Gibbs draws from q(z|x) itself: another Gaussian."""
    shifted = MEAN + np.array([0.2, 0.1])
    vae, x = toy([[BUMP]], [shifted.tolist()], [[0.5, 0.4]])
    exact, pseudo = (states(vae, x, 6000, warm_up) for warm_up in (20, None))
    assert exact.mean(axis=0) == pytest.approx(MEAN, abs=0.03)
    assert np.cov(exact.T) == pytest.approx(COVARIANCE, abs=0.012)
    assert pseudo.mean(axis=0) == pytest.approx(shifted, abs=0.03)
    assert np.diag(np.cov(pseudo.T)) == pytest.approx([0.25, 0.16], abs=0.02)


def test_with_an_exact_encoder_every_proposal_is_accepted() -> None:
    deviations = np.sqrt(np.diag(COVARIANCE))
    vae, x = toy([[BUMP]], [MEAN.tolist()], [deviations.tolist()])
    seen = torch.ones_like(x, dtype=torch.bool)
    accepted = [bool(s.accepted.all()) for s in islice(sweeps(vae, x, seen, warm_up=1), 200)]
    assert np.mean(accepted) > 0.99


def test_seen_pixels_stay_and_a_chain_waits_for_who_looks() -> None:
    vae, x = toy([[BUMP], [Bump.round([0.0, 0.0], 0.5)]])
    seen = torch.tensor([[True, False], [False, True]])
    given = torch.where(seen, x, 0.5)
    chain = sweeps(vae, given, seen, seed=3)
    first, second = next(chain), next(chain)
    for sweep in (first, second):
        assert (sweep.completed[seen] == x[seen]).all()
        assert set(sweep.completed[~seen].unique().tolist()) <= {0.0, 1.0}
    again = list(islice(sweeps(vae, torch.where(seen, x, 0.0), seen, seed=3), 2))
    assert torch.equal(again[1].z, second.z)
    assert not torch.equal(first.z, second.z)

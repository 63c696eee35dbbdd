"""Missing pixels, against the grid of model.likelihood.exact and against draws from the prior."""

import math

import numpy as np
import pytest
import torch

from model.data.masks import mask_named
from model.latent.decode_table import DecodeTable, tabulation
from model.latent.decoding import plain_decode
from model.latent.evidence import Evidence
from model.latent.plane_posterior import PlanePosterior
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore
from model.likelihood import completion_by_draws
from model.likelihood.completion import Completion, completions, result_of
from model.likelihood.completion_by_draws import importance_sampling, metropolis_within_gibbs
from model.likelihood.exact import Exact, integrate
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

MASKS = ("left-half", "quadrants-1", "quadrants-3", "random-0.8")


def table_of(vae: VAE, side: int) -> DecodeTable:
    steps = tabulation(plain_decode(vae), side)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: DecodeTable = end.value
            return found


def untrained(dimensions: int) -> VAE:
    """A model whose posteriors are broad enough for draws, and whose q(z|x) is the prior."""
    config = VAEConfig(latent_dim=dimensions, hidden=16, blocks=1, fourier_features=0)
    vae = build(config, seed=0).requires_grad_(False)
    for parameter in vae.parameters():
        parameter.mul_(0.6)
    for layer in (vae.encoder.mean, vae.encoder.log_variance):
        for parameter in layer.parameters():
            parameter.zero_()
    return vae


@pytest.fixture(scope="module")
def plane() -> VAE:
    return untrained(2)


def complete(vae: VAE, table: DecodeTable, x: torch.Tensor, mask: str) -> list[Completion]:
    seen = mask_named(mask).seen(len(x), 0)
    return list(completions(plain_decode(vae), table, x.numpy(), seen))


@torch.inference_mode()
def by_prior(vae: VAE, x: torch.Tensor, seen: torch.Tensor, draws: int) -> tuple[float, np.ndarray]:
    """Log p(seen pixels) of an image, and its mean image, from draws of the prior."""
    z = torch.randn(draws, vae.config.latent_dim, generator=torch.Generator().manual_seed(9))
    p = torch.sigmoid(vae.decoder(z)).double()
    right = torch.where(x > 0.5, p, 1.0 - p)
    log_likelihood = right[:, seen].log().sum(1)
    weights = torch.softmax(log_likelihood, 0)
    log_p = float(torch.logsumexp(log_likelihood, 0)) - math.log(draws)
    return log_p, (weights @ p).numpy()


# The plane


@pytest.mark.slow
def test_a_mask_divides_the_likelihood_of_the_image_and_adds_nothing(
    bundled: VAE, digits: torch.Tensor, integrated: Exact
) -> None:
    """log p(observed) + log p(missing | observed) is the integral of another method."""
    few = digits[:4]
    table = table_of(bundled, 100)
    for mask in ("left-half", "random-0.8"):
        found = complete(bundled, table, few, mask)
        sums = [one.log_p_observed - one.nats_missing for one in found]
        assert sums == pytest.approx(integrated.log_likelihood[:4].tolist(), abs=5e-3)
        assert all(one.nats_missing > 0.0 > one.log_p_observed for one in found)
        assert [one.unresolved for one in found] == [None] * 4


@pytest.mark.slow
@pytest.mark.parametrize("mask", MASKS)
def test_fifty_digits_and_four_masks(
    bundled: VAE, digits: torch.Tensor, integrated: Exact, mask: str
) -> None:
    x, table = digits[:50], table_of(bundled, 200)
    seen = mask_named(mask).seen(50, 0)
    found = completions(plain_decode(bundled), table, x.numpy(), seen, tolerance=2e-4)
    sums = np.array([one.log_p_observed - one.nats_missing for one in found])
    difference = sums - integrated.log_likelihood[:50].numpy()
    assert abs(difference.mean()) < 1e-3
    # where the digits' own grid is as fine as their posteriors need (model/likelihood/exact.py)
    assert np.sqrt(np.mean(difference**2)) < 3e-3


@pytest.mark.slow
@pytest.mark.parametrize("mask", MASKS)
def test_half_the_step_changes_nothing_that_is_printed(
    bundled: VAE, digits: torch.Tensor, mask: str
) -> None:
    decode, table = plain_decode(bundled), table_of(bundled, 200)
    running = RunningScore(table)
    for image, seen in zip(digits[:10].numpy(), mask_named(mask).seen(10, 0), strict=True):
        running.see(Evidence.of(image, seen))
        found = result_of(refinement(decode, running))
        finer = result_of(refinement(decode, running, tolerance=2e-5, most_points=10**6))
        assert len(finer.cells) > len(found.cells)
        assert found.log_evidence == pytest.approx(finer.log_evidence, abs=2e-3)
        assert found.entropy == pytest.approx(finer.entropy, abs=5e-3)
        assert found.mean == pytest.approx(finer.mean, abs=2e-3)


def test_the_missing_part_is_what_the_posterior_of_the_seen_part_expects(plane: VAE) -> None:
    """log p(missing | observed) as log E[p(missing | z)] under p(z | observed)."""
    x = (torch.rand(3, 784, generator=torch.Generator().manual_seed(1)) < 0.5).float()
    table = table_of(plane, 100)
    seen = mask_named("quadrants-1").seen(3, 0)
    found = completions(plain_decode(plane), table, x.numpy(), seen)
    for image, known, one in zip(x.numpy(), seen, found, strict=True):
        posterior = PlanePosterior.on_table(RunningScore(table, Evidence.of(image, known)))
        log_p = np.where(image[:, None] > 0.5, table.ink, table.blank)[~known].sum(0)
        expected = np.logaddexp.reduce(log_p.astype(float) + np.log(posterior.weights))
        assert one.nats_missing == pytest.approx(-expected, abs=0.01)


def test_the_mean_and_log_p_agree_with_draws_from_the_prior(plane: VAE) -> None:
    x = (torch.rand(2, 784, generator=torch.Generator().manual_seed(2)) < 0.5).float()
    seen = mask_named("random-0.9").seen(2, 3)
    table = table_of(plane, 60)
    found = completions(plain_decode(plane), table, x.numpy(), seen)
    for image, known, one in zip(x, torch.from_numpy(seen), found, strict=True):
        log_p, mean = by_prior(plane, image, known, 20_000)
        assert one.log_p_observed == pytest.approx(log_p, abs=0.1)
        missing = ~known.numpy()
        assert one.mean[missing] == pytest.approx(mean[missing], abs=0.02)
        assert (one.mean[~missing] == image.numpy()[~missing]).all()
        assert (one.draws[:, ~missing] == image.numpy()[~missing]).all()
        assert set(np.unique(one.draws)) == {0.0, 1.0}


# By draws


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_importance_sampling_and_gibbs_agree_with_draws_from_the_prior(dimensions: int) -> None:
    vae = untrained(dimensions)
    x = (torch.rand(3, 784, generator=torch.Generator().manual_seed(4)) < 0.5).float()
    seen = torch.from_numpy(mask_named("random-0.9").seen(3, 3))
    chains = metropolis_within_gibbs(vae, x, seen, sweeps=1000, warm_up=50)
    assert chains.z.shape == (3, 1000, dimensions)
    assert ((chains.acceptance > 0.02) & (chains.acceptance <= 1.0)).all()
    found = importance_sampling(vae, x, seen, chains.completed, draws=4000)
    assert ((found.effective >= 1.0) & (found.effective <= 4000)).all()
    for i in range(3):
        log_p, mean = by_prior(vae, x[i], seen[i], 40_000)
        assert found.log_p[i] == pytest.approx(log_p, abs=0.08)
        assert (torch.from_numpy(mean) - chains.mean[i]).abs()[~seen[i]].mean() < 0.03


def test_what_is_missing_is_not_looked_at() -> None:
    vae = untrained(3)
    x = (torch.rand(2, 784, generator=torch.Generator().manual_seed(4)) < 0.5).float()
    seen = torch.from_numpy(mask_named("left-half").seen(2, 0))
    found = []
    for other in (x, torch.where(seen, x, 1.0 - x)):
        chains = metropolis_within_gibbs(vae, other, seen, sweeps=5, warm_up=2)
        weighted = importance_sampling(vae, other, seen, chains.completed, draws=90)
        found.append((chains.mean, chains.z, weighted.log_p))
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))


def test_with_nothing_seen_importance_sampling_finds_that_p_is_one() -> None:
    vae = untrained(4)
    x = torch.zeros(2, 784)
    seen = torch.zeros(2, 784, dtype=torch.bool)
    chains = metropolis_within_gibbs(vae, x, seen, sweeps=10)
    found = importance_sampling(vae, x, seen, chains.completed, draws=3000)
    assert found.log_p.tolist() == pytest.approx([0.0, 0.0], abs=0.1)


def test_neither_batches_nor_the_number_of_points_at_once_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vae = untrained(2)
    x = (torch.rand(3, 784, generator=torch.Generator().manual_seed(4)) < 0.5).float()
    seen = torch.from_numpy(mask_named("left-half").seen(3, 0))
    before = importance_sampling(vae, x, seen, x[:, None], draws=300)
    monkeypatch.setattr(completion_by_draws, "_POINTS_AT_ONCE", 50)
    after = importance_sampling(vae, x, seen, x[:, None], draws=300)
    assert after.log_p.tolist() == pytest.approx(before.log_p.tolist(), abs=1e-3)


@pytest.mark.slow
def test_whole_images_agree_with_the_integral(plane: VAE) -> None:
    x = (torch.rand(3, 784, generator=torch.Generator().manual_seed(6)) < 0.5).float()
    everything = torch.ones_like(x, dtype=torch.bool)
    found = importance_sampling(plane, x, everything, x[:, None], draws=20_000)
    exact = integrate(plane, x).log_likelihood
    resolved = exact.isfinite()
    assert resolved.any()
    assert found.log_p[resolved].tolist() == pytest.approx(exact[resolved].tolist(), abs=0.2)

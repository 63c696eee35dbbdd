import dataclasses

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, kl_between, log_likelihood, toy
from plainly import log_joint_on_grid

from model.data.datasets import Splits
from model.likelihood import exact, summation
from model.likelihood.exact import Exact, integrate
from model.likelihood.grid import Grid, NotAPlaneError
from model.likelihood.quadrature import expected_log_likelihood
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig

TILTED = np.array([[900.0, 700.0], [700.0, 800.0]])


@pytest.fixture(scope="module")
def small_vae() -> VAE:
    """Untrained, with weights large enough that images differ in their posteriors."""
    config = VAEConfig(latent_dim=2, hidden=16, blocks=1, fourier_features=0)  # smooth in z
    vae = build(config, seed=0).requires_grad_(False)
    for parameter in vae.parameters():
        parameter.mul_(2.0)
    return vae


# The number itself


def test_it_is_the_integral_where_that_is_known() -> None:
    images = [
        [Bump.round((0.3, -1.2), 0.02)],
        [Bump.round((0.0, 0.0), 0.2)],
        [Bump.round((-3.5, 1.0), 0.05)],
        [Bump(np.array([1.0, 2.0]), TILTED)],
        [Bump.round((-1.0, -1.0), 0.03), Bump.round((2.0, 0.5), 0.06, log_height=-1.0)],
        [Bump.round((0.0, 0.0), 0.5)],
    ]
    # But for the last image, q is too narrow to lead to the mass: the coarse pass has to find it.
    vae, x = toy(images, spread=[[0.1, 0.1]] * 5 + [[0.5, 0.5]])
    found = integrate(vae, x).log_likelihood
    expected = [log_likelihood(bumps) for bumps in images]
    assert found.tolist() == pytest.approx(expected, abs=1e-4)


def test_it_is_a_dense_sum_in_double_precision(
    small_vae: VAE, digits: torch.Tensor, mnist: Splits
) -> None:
    grey = mnist.test.images[:2].flatten(1) / 255.0  # for which the formula is the same
    x = torch.cat([digits[:6], grey])
    found = integrate(small_vae, x, Grid(step=0.05)).log_likelihood
    assert found.tolist() == pytest.approx(_by_the_trapezoid_rule(small_vae, x), abs=2e-4)


def _by_the_trapezoid_rule(vae: VAE, x: torch.Tensor) -> list[float]:
    """On another grid, in float64, with the Bernoulli formula as it is in the textbooks."""
    axis = np.linspace(-6.0, 6.0, 161)
    weight = np.full(161, axis[1] - axis[0])
    weight[[0, -1]] /= 2
    z = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    logits = vae.decoder(torch.from_numpy(z).float()).double().numpy()
    off = -np.logaddexp(0, logits)
    on = off + logits
    likelihood = x.double().numpy() @ on.T + (1 - x.double().numpy()) @ off.T
    joint = likelihood - (z**2).sum(1) / 2 - np.log(2 * np.pi)
    joint += np.log(np.outer(weight, weight)).ravel()
    return list(np.logaddexp.reduce(joint, axis=1))


# Its terms, and the gap


@pytest.mark.parametrize(
    ("mean", "spread"),
    [
        ((0.45, -0.95), (0.2, 0.1)),  # on the grid
        ((0.41, -1.01), (0.0065, 0.01)),  # just on the grid
        ((0.41, -1.01), (0.002, 0.01)),  # too narrow for the grid
        ((5.5, -1.0), (0.1, 0.1)),  # beyond the grid
    ],
)
def test_the_gap_is_the_kl_between_gaussians(
    mean: tuple[float, float], spread: tuple[float, float]
) -> None:
    bump = Bump(np.array([0.4, -1.0]), np.array([[60.0, 25.0], [25.0, 30.0]]))
    vae, x = toy([[bump]], [mean], [spread])
    found = integrate(vae, x)
    expected = kl_between(mean, spread, *bump.posterior())
    assert found.posterior_gap.item() == pytest.approx(expected, abs=2e-3, rel=1e-5)
    to_prior = kl_between(mean, spread, np.zeros(2), np.eye(2))
    assert found.kl.item() == pytest.approx(to_prior, rel=1e-5)
    assert found.elbo.item() == pytest.approx(bump.log_likelihood() - expected, rel=1e-4)


@pytest.mark.slow
def test_the_gap_is_the_kl_summed_over_the_grid(bundled: VAE, digits: torch.Tensor) -> None:
    grid = Grid(limit=1.0)
    mean, log_variance = bundled.posterior(digits)
    # The plain sum below is not good for narrower ones, nor near the edge.
    suited = (log_variance.div(2).exp().amin(1) > grid.step) & (mean.abs().amax(1) < 0.8)
    x = digits[suited][:5]
    assert len(x) == 5
    found = integrate(bundled, x, grid)
    posterior = bundled.posterior(x)
    spread = posterior.log_variance.div(2).exp()
    z = torch.cartesian_prod(grid.axis(), grid.axis())
    q = torch.distributions.Normal(posterior.mean[:, None], spread[:, None]).log_prob(z).sum(-1)
    joint = log_joint_on_grid(bundled, x, grid).flatten(1)
    log_p = joint - found.log_likelihood[:, None]
    direct = (q.double().exp() * (q - log_p)).sum(1) * grid.step**2
    assert found.posterior_gap.tolist() == pytest.approx(direct.tolist(), abs=5e-3)


@pytest.mark.slow
def test_both_ways_to_the_reconstruction_term_agree(
    bundled: VAE, near: torch.Tensor, integrated_near: Exact
) -> None:
    """One is summed on the grid, the other is Gauss-Hermite quadrature with many nodes."""
    x = near[:12]
    posterior = bundled.posterior(x)
    dense = expected_log_likelihood(bundled, x, posterior, nodes=20)
    found = integrated_near.reconstruction[:12]
    assert (found - dense).abs().max() < 0.08
    assert (found - dense).mean().abs() < 0.01


# Pruning


@pytest.mark.slow
def test_nothing_is_lost_where_posteriors_are_narrow(rng: np.random.Generator) -> None:
    """Peaks of half a step and more, anywhere, also on the edges of tiles; q is elsewhere."""
    centres = np.concatenate([rng.uniform(-3, 3, (30, 2)), 0.15 * rng.integers(-18, 18, (10, 2))])
    images = [[Bump.round(centre, rng.uniform(0.005, 0.025))] for centre in centres]
    vae, x = toy(images, mean=np.full((40, 2), -4.2), spread=np.full((40, 2), 0.02))
    pruned, whole = integrate(vae, x), integrate(vae, x, prune=None)
    assert (pruned.log_likelihood - whole.log_likelihood).abs().max() < 1e-4


@pytest.mark.parametrize("lower", [2.0, 6.0])
def test_a_second_mode_counts(lower: float) -> None:
    pair = [Bump.round((-1.0, -1.0), 0.02), Bump.round((2.0, 0.5), 0.02, log_height=-lower)]
    vae, x = toy([pair], mean=[(-1.0, -1.0)], spread=[(0.02, 0.02)])
    assert integrate(vae, x).log_likelihood.item() == pytest.approx(log_likelihood(pair), abs=2e-4)


@pytest.mark.slow
def test_pruned_is_whole_with_real_weights(bundled: VAE, digits: torch.Tensor) -> None:
    grid = Grid(limit=1.0)
    near = bundled.posterior(digits).mean.abs().amax(1) < 0.8
    _agree(*(integrate(bundled, digits[near], grid, prune=prune) for prune in (exact.PRUNE, None)))


@pytest.mark.slow
def test_pruned_is_whole_with_real_weights_on_the_whole_grid(
    bundled: VAE, digits: torch.Tensor
) -> None:
    _agree(*(integrate(bundled, digits, prune=prune) for prune in (exact.PRUNE, None)))


def test_few_points_are_decoded_for_few_images() -> None:
    """Those of the coarse pass, and the blocks in which a narrow posterior lies."""
    decoded = 0
    vae, x = toy([[Bump.round((0.31, -1.22), 0.01)]], [(0.31, -1.22)], [(0.01, 0.01)])
    vae.decoder.register_forward_hook(lambda module, inputs, logits: count(len(logits)))

    def count(points: int) -> None:
        nonlocal decoded
        decoded += points

    integrate(vae, x)
    blocks = Grid().points // 25
    assert blocks < decoded < blocks + 5000  # with the outlook beyond the edge


def _agree(pruned: Exact, whole: Exact) -> None:
    assert torch.equal(pruned.resolved, whole.resolved)
    assert pruned.resolved.sum() > 30  # some of a small grid are not
    change = pruned.log_likelihood - whole.log_likelihood
    assert change[whole.resolved].abs().max() < 1e-3
    assert (pruned.reconstruction - whole.reconstruction).abs().max() < 1e-3
    assert torch.equal(pruned.kl, whole.kl)


# The grid


@pytest.mark.slow
def test_half_the_step_and_a_wider_grid_change_nothing(bundled: VAE, digits: torch.Tensor) -> None:
    x = digits[:100]
    usual = integrate(bundled, x)
    finer = integrate(bundled, x, Grid(step=0.005))
    wider = integrate(bundled, x, Grid(limit=6.0))
    assert (usual.log_likelihood - finer.log_likelihood).mean().abs() < 0.01
    assert (usual.log_likelihood - wider.log_likelihood).abs().max() < 1e-3
    assert (usual.elbo - finer.elbo).mean().abs() < 0.01
    assert (usual.elbo - wider.elbo).abs().max() < 1e-3


# Whatever the images and their order


def test_neither_order_nor_company_nor_batches_matter(
    small_vae: VAE, digits: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = Grid(limit=3.0, step=0.1)
    x = digits[:8]

    def agree(images: torch.Tensor, expected: torch.Tensor) -> bool:
        found = _numbers(integrate(small_vae, images, grid))
        return torch.allclose(found, expected, atol=1e-4, equal_nan=True)

    plain = _numbers(integrate(small_vae, x, grid))
    order = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    assert agree(x[order], plain[:, order])
    assert agree(torch.cat([x, x]), plain.repeat(1, 2))
    assert agree(x[3:4], plain[:, 3:4])
    monkeypatch.setattr(summation, "_IMAGES_AT_ONCE", 3)
    monkeypatch.setattr(summation, "_POINTS_AT_ONCE", 400)
    monkeypatch.setattr(summation, "_IMAGES_AT_ONCE_OVER_ALL_BLOCKS", 2)
    assert agree(x, plain)


def _numbers(found: Exact) -> torch.Tensor:
    return torch.stack([getattr(found, field.name) for field in dataclasses.fields(found)])


@pytest.mark.slow
def test_images_far_from_the_model_have_finite_numbers(bundled: VAE) -> None:
    grey = torch.full((1, PIXELS), 0.5)
    x = torch.cat([torch.zeros(1, PIXELS), torch.ones(1, PIXELS), grey])
    found = integrate(bundled, x, Grid(step=0.05))
    assert torch.isfinite(_numbers(found)).all()
    assert (found.posterior_gap > -0.5).all()
    assert found.log_likelihood[1] < found.log_likelihood[0] < 0.0


def test_it_keeps_no_gradients_and_changes_no_weight(small_vae: VAE) -> None:
    before = {name: value.clone() for name, value in small_vae.state_dict().items()}
    found = integrate(small_vae.requires_grad_(True), torch.zeros(1, PIXELS), Grid(step=0.3))
    small_vae.requires_grad_(False)
    assert not found.log_likelihood.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in small_vae.state_dict().items())


# Asking for it


@pytest.mark.parametrize("dimensions", [1, 3])
def test_only_a_plane_can_be_integrated(dimensions: int) -> None:
    vae = build(VAEConfig(latent_dim=dimensions, hidden=4, blocks=1), seed=0)
    with pytest.raises(NotAPlaneError, match="two latent dimensions"):
        integrate(vae, torch.zeros(1, PIXELS))


def test_it_says_how_far_it_is(small_vae: VAE, digits: torch.Tensor) -> None:
    seen: list[float] = []
    integrate(small_vae, digits[:3], Grid(step=0.05), on_progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 10
    assert 0.0 < seen[0] < 0.1
    assert seen[-1] == 1.0


def test_whoever_is_told_can_stop_it(small_vae: VAE, digits: torch.Tensor) -> None:
    seen: list[float] = []

    def stop(done: float) -> None:
        seen.append(done)
        if done > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        integrate(small_vae, digits[:3], Grid(step=0.1), on_progress=stop)
    assert seen[-1] < 0.75


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)

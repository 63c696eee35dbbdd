import math

import numpy as np
import pytest
import torch
from gaussian_toy import Bump, toy
from plainly import log_joint_on_grid

from model.likelihood.grid import Grid, NotAPlaneError, require_plane
from model.network.blocks import PIXELS
from model.network.densities import log_prior
from model.network.initialisation import build
from model.network.vae import VAEConfig


def test_the_points_are_the_midpoints_of_cells_that_fill_the_square() -> None:
    grid = Grid()
    axis = grid.axis().double()
    assert (grid.side, grid.points, grid.reach) == (900, 810_000, 4.5)
    assert axis[0].item() == pytest.approx(-4.495, abs=1e-6)
    assert axis[-1].item() == pytest.approx(4.495, abs=1e-6)
    assert torch.allclose(axis.diff(), torch.tensor(0.01).double(), atol=1e-6)
    assert torch.equal(axis, -axis.flip(0))


@pytest.mark.parametrize(("limit", "step"), [(4.5, 0.02), (4.5, 0.01), (6.0, 0.02), (1.0, 0.07)])
def test_tiles_are_whole_and_reach_at_least_the_limit(limit: float, step: float) -> None:
    grid = Grid(limit, step)
    assert grid.side % 15 == 0
    assert limit - 1e-9 <= grid.reach < limit + 15 * step
    assert len(grid.axis()) == grid.side


@pytest.mark.parametrize(
    ("limit", "step"),
    [(4.5, 0.0), (4.5, -0.1), (0.1, 0.2), (4.5, 1e-6), (math.nan, 0.1), (math.inf, 0.1)],
)
def test_an_impossible_grid_is_refused(limit: float, step: float) -> None:
    with pytest.raises(ValueError, match="grid"):
        Grid(limit, step)


def test_the_prior_is_the_standard_normal() -> None:
    z = torch.randn(7, 3)
    expected = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)
    assert torch.allclose(log_prior(z), expected, atol=1e-6)


def test_the_first_index_is_z1_and_the_second_z2() -> None:
    vae, x = toy([[Bump.round((1.5, -0.7), 0.1)]])
    grid = Grid()
    z1, z2 = np.unravel_index(log_joint_on_grid(vae, x, grid)[0].argmax().item(), (900, 900))
    assert grid.axis()[z1].item() == pytest.approx(1.5, abs=0.03)
    assert grid.axis()[z2].item() == pytest.approx(-0.7, abs=0.03)


def test_it_is_the_log_joint_of_each_image_at_each_point() -> None:
    vae = build(VAEConfig(latent_dim=2, hidden=16, blocks=1), seed=0)
    x = torch.rand(3, PIXELS)
    grid = Grid(limit=2.0, step=0.1)
    joint = log_joint_on_grid(vae, x, grid)
    assert joint.shape == (3, 45, 45)
    for i, j in ((0, 0), (3, 40), (44, 17)):
        z = torch.stack([grid.axis()[i], grid.axis()[j]])
        mean = torch.sigmoid(vae.decoder(z[None])[0].double())
        bernoulli = (x * mean.log() + (1 - x) * (1 - mean).log()).sum(1)
        prior = -0.5 * z.double().square().sum() - math.log(2 * math.pi)
        assert torch.allclose(joint[:, i, j].double(), bernoulli + prior, atol=1e-3)


def test_the_posterior_integrates_to_one_with_the_right_mean_and_covariance() -> None:
    bump = Bump(np.array([0.4, -1.0]), np.array([[60.0, 25.0], [25.0, 30.0]]))
    vae, x = toy([[bump]])
    grid = Grid()
    joint = log_joint_on_grid(vae, x, grid)[0].double()
    density = torch.exp(joint - bump.log_likelihood())
    assert (density.sum() * grid.step**2).item() == pytest.approx(1.0, abs=1e-4)
    points = torch.cartesian_prod(grid.axis(), grid.axis()).double().numpy()
    covariance = np.cov(points.T, aweights=density.flatten().numpy(), bias=True)
    mean = np.average(points, axis=0, weights=density.flatten().numpy())
    assert np.allclose(mean, bump.posterior()[0], atol=1e-3)
    assert np.allclose(covariance, bump.posterior()[1], atol=1e-3)


@pytest.mark.parametrize("dimensions", [1, 3])
def test_only_a_plane_has_a_grid(dimensions: int) -> None:
    vae = build(VAEConfig(latent_dim=dimensions, hidden=4, blocks=1), seed=0)
    with pytest.raises(NotAPlaneError, match=f"this one has {dimensions}"):
        require_plane(vae)

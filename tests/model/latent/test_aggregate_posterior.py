"""The mixture of posteriors, against sums term by term and against draws."""

import math

import numpy as np
import pytest
import torch

from model.latent.aggregate_posterior import AggregatePosterior, neighbourhoods, prior_on_cells
from model.network.densities import Posterior


def mixture(count: int = 40, dimensions: int = 2, narrowest: float = 0.05) -> AggregatePosterior:
    return AggregatePosterior(*_parts(count, dimensions, narrowest))


def _parts(count: int, dimensions: int, narrowest: float) -> tuple[Posterior, torch.Tensor, int]:
    rng = np.random.default_rng(3)
    mean = rng.normal(size=(count, dimensions))
    spread = rng.uniform(narrowest, 0.5, size=(count, dimensions))
    labels = torch.from_numpy(rng.integers(0, 4, count))
    posterior = Posterior(
        torch.from_numpy(mean).float(), torch.from_numpy(2 * np.log(spread)).float()
    )
    return posterior, labels, 5  # the last class is empty


def direct(z: np.ndarray, count: int, dimensions: int, narrowest: float = 0.05) -> np.ndarray:
    """Q(z, label), term by term: (M, 5)."""
    posterior, labels, classes = _parts(count, dimensions, narrowest)
    mean, variance = posterior.mean.double().numpy(), posterior.log_variance.double().exp().numpy()
    found = np.zeros((len(z), classes))
    for m, v, label in zip(mean, variance, labels.tolist(), strict=True):
        norm = np.prod(2 * np.pi * v) ** -0.5
        found[:, label] += norm * np.exp(-0.5 * ((z - m) ** 2 / v).sum(1)) / count
    return found


@pytest.mark.parametrize("dimensions", [1, 2, 6])
def test_it_is_the_mean_of_the_posteriors(dimensions: int) -> None:
    z = np.random.default_rng(0).normal(size=(7, dimensions))
    expected = direct(z, 40, dimensions)
    found = mixture(40, dimensions).at(torch.from_numpy(z))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-12)
    many = mixture(40, dimensions).at(torch.from_numpy(z).repeat(15_000, 1))  # not all at once
    np.testing.assert_allclose(many[:7].numpy(), expected, rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(many[-7:].numpy(), expected, rtol=1e-5, atol=1e-12)


def test_it_has_the_share_of_draws_that_it_says() -> None:
    rng = np.random.default_rng(1)
    posterior, labels, classes = _parts(40, 2, 0.05)
    drawn = rng.integers(0, 40, 400_000)
    spread = posterior.log_variance.div(2).exp().numpy()
    z = posterior.mean.numpy()[drawn] + spread[drawn] * rng.normal(size=(len(drawn), 2))
    edges = torch.tensor([-1.0, 0.2, 0.9]), torch.tensor([-0.5, 0.0, 1.0, 1.3])
    cells = AggregatePosterior(posterior, labels, classes).on_cells(*edges)
    area = edges[0].diff()[:, None] * edges[1].diff()
    for label in range(classes):
        counts, _, _ = np.histogram2d(*z[labels.numpy()[drawn] == label].T, bins=edges)
        np.testing.assert_allclose((cells[label] * area).numpy(), counts / len(drawn), atol=2e-3)


def test_a_cell_is_the_average_over_its_points() -> None:
    edges = torch.linspace(-0.6, 0.8, 8), torch.linspace(-0.3, 1.1, 6)
    cells = mixture().on_cells(*edges).sum(0)
    offsets = (np.arange(40) + 0.5) / 40
    for i, j in ((0, 0), (3, 2), (6, 4)):
        z1 = edges[0][i].item() + offsets * (edges[0][i + 1] - edges[0][i]).item()
        z2 = edges[1][j].item() + offsets * (edges[1][j + 1] - edges[1][j]).item()
        points = np.stack(np.meshgrid(z1, z2), -1).reshape(-1, 2)
        assert cells[i, j].item() == pytest.approx(direct(points, 40, 2).sum(1).mean(), rel=1e-4)


@pytest.mark.parametrize("cells", [3, 50, 400])
def test_both_densities_integrate_to_one_however_coarse_the_cells(cells: int) -> None:
    edges = torch.linspace(-7.0, 7.0, cells + 1)
    area = (14.0 / cells) ** 2
    narrow = mixture(narrowest=0.002)
    assert narrow.on_cells(edges, edges).sum().item() * area == pytest.approx(1.0, abs=1e-5)
    assert prior_on_cells(edges, edges).sum().item() * area == pytest.approx(1.0, abs=1e-5)


def test_the_prior_is_normal() -> None:
    edges = torch.linspace(-1.0, 1.0, 2001, dtype=torch.float64)
    found = prior_on_cells(edges, edges)
    z1, z2 = edges[100].item() + 0.0005, edges[1500].item() + 0.0005
    expected = math.exp(-0.5 * (z1**2 + z2**2)) / (2 * math.pi)
    assert found[100, 1500].item() == pytest.approx(expected, rel=1e-6)


def test_off_the_plane_images_count_as_far_as_they_reach_it() -> None:
    """The conditional density, against that in all dimensions divided by its own sum."""
    base = torch.tensor([9.0, 9.0, 0.3, -0.2])  # the first two are the plane's own
    edges = torch.linspace(-6.0, 6.0, 241)
    cells = mixture(40, 4, narrowest=0.2).on_cells(edges, edges, base)
    middles = (edges[:-1] + 0.025).double().numpy()
    z1, z2 = np.meshgrid(middles, middles, indexing="ij")
    z = np.stack([z1, z2, np.full_like(z1, 0.3), np.full_like(z1, -0.2)], -1).reshape(-1, 4)
    expected = direct(z, 40, 4, narrowest=0.2)
    expected /= expected.sum() * 0.05**2
    np.testing.assert_allclose(
        cells.permute(1, 2, 0).reshape(-1, 5).numpy(), expected, atol=0.02 * expected.max()
    )
    assert cells.sum().item() * 0.05**2 == pytest.approx(1.0, abs=1e-4)


def test_what_cannot_be_asked() -> None:
    edges = torch.linspace(-1.0, 1.0, 3)
    with pytest.raises(ValueError, match="plane"):
        mixture(5, 1).on_cells(edges, edges)
    with pytest.raises(ValueError, match="plane"):
        mixture(5, 3).on_cells(edges, edges)
    nothing = Posterior(torch.zeros(0, 2), torch.zeros(0, 2))
    with pytest.raises(ValueError, match="at least one image"):
        AggregatePosterior(nothing, torch.zeros(0, dtype=torch.long), 3)


@pytest.mark.parametrize("dimensions", [1, 2, 6])
def test_shares_are_those_of_a_direct_sum_near_and_far(dimensions: int) -> None:
    z = np.random.default_rng(0).normal(scale=2.0, size=(60, dimensions))
    expected = direct(z, 40, dimensions)
    found = mixture(40, dimensions).shares_at(torch.from_numpy(z)).numpy()
    np.testing.assert_allclose(found.sum(1), 1.0)
    sure = expected.sum(1) > 1e-280
    assert sure.sum() > 40
    shares = expected[sure] / expected[sure].sum(1, keepdims=True)
    np.testing.assert_allclose(found[sure], shares, atol=2e-6)


def test_shares_do_not_depend_on_the_points_that_are_asked_beside() -> None:
    """Alone, a point has few posteriors near it; among all others, every one is near."""
    z = torch.from_numpy(np.random.default_rng(2).normal(size=(300, 2)))
    made = mixture(400, 2, narrowest=0.01)
    together = made.shares_at(z)
    alone = torch.cat([made.shares_at(point.unsqueeze(0)) for point in z])
    torch.testing.assert_close(alone, together, atol=2e-6, rtol=0.0)
    assert (alone.argmax(1) == together.argmax(1)).all()


def test_however_far_a_point_lies_there_is_a_likeliest_label() -> None:
    z = torch.tensor([[90.0, 0.0], [0.0, -4000.0]], dtype=torch.float64)
    posterior, labels, classes = _parts(40, 2, 0.05)
    found = AggregatePosterior(posterior, labels, classes).shares_at(z)
    for point, shares in zip(z, found, strict=True):
        offsets = (point - posterior.mean) / torch.exp(0.5 * posterior.log_variance)
        nearest = offsets.square().sum(1).argmin()  # all others are nothing beside it
        assert shares.argmax() == labels[nearest]
        assert shares.max() == pytest.approx(1.0)


@pytest.mark.parametrize(("count", "dimensions"), [(1, 2), (7, 1), (1003, 2), (250, 5)])
def test_neighbourhoods_hold_every_point_once(count: int, dimensions: int) -> None:
    z = torch.from_numpy(np.random.default_rng(0).normal(size=(count, dimensions)))
    groups = neighbourhoods(z, 50)
    assert sorted(torch.cat(groups).tolist()) == list(range(count))
    assert max(len(group) for group in groups) <= 50
    if count == 1003:
        extents = [(z[group].amax(0) - z[group].amin(0)).mean() for group in groups]
        assert np.median(extents) < 1.5

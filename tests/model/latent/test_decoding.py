import math
from statistics import NormalDist

import pytest
import torch

from model.latent import decoding as latent
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


@pytest.fixture(scope="module", params=[1, 2, 7])
def vae(request: pytest.FixtureRequest) -> VAE:
    vae = build(VAEConfig(latent_dim=request.param, hidden=16, blocks=2), seed=0)
    return vae.requires_grad_(False).eval()


def test_decoded_images_are_the_sigmoid_of_the_logits_row_by_row(vae: VAE) -> None:
    z = 3 * torch.randn(11, vae.config.latent_dim)
    images = latent.decode(vae, z)
    assert images.shape == (11, 28, 28)
    assert images.min() >= 0.0
    assert images.max() <= 1.0
    expected = 1 / (1 + torch.exp(-vae.decoder(z)))
    torch.testing.assert_close(images.flatten(1), expected)
    torch.testing.assert_close(images[4, 3, 5], expected[4, 3 * 28 + 5])


def test_far_away_the_pixels_are_still_between_0_and_1(vae: VAE) -> None:
    images = latent.decode(vae, torch.full((1, vae.config.latent_dim), 1e6))
    assert torch.isfinite(images).all()
    assert 0.0 <= images.min() <= images.max() <= 1.0


def test_posterior_means_are_those_of_each_image(vae: VAE) -> None:
    x = torch.rand(latent.BATCH + 3, PIXELS)
    means = latent.posterior_means(vae, x)
    assert means.shape == (latent.BATCH + 3, vae.config.latent_dim)
    for index in (0, latent.BATCH - 1, latent.BATCH, latent.BATCH + 2):
        expected = vae.posterior(x[index : index + 1]).mean[0]
        torch.testing.assert_close(means[index], expected, atol=1e-5, rtol=1e-5)


def test_samples_depend_on_their_seed_alone(vae: VAE) -> None:
    torch.manual_seed(0)
    one = latent.sample(vae, 10, seed=3)
    state = torch.get_rng_state()
    assert one.shape == (10, 28, 28)
    assert torch.equal(latent.sample(vae, 10, seed=3), one)
    assert not torch.equal(latent.sample(vae, 10, seed=4), one)
    assert torch.equal(torch.get_rng_state(), state)


def test_samples_are_decoded_from_the_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    """The points that the decoder is given are normal: mean, spread, no correlation, tails."""
    vae = build(VAEConfig(latent_dim=3, hidden=4, blocks=1), seed=0)
    points = []
    vae.decoder.register_forward_pre_hook(lambda _, inputs: points.append(inputs[0]))
    count = 100_000
    images = latent.sample(vae, count, seed=0)
    z = points[0]
    assert z.shape == (count, 3)
    torch.testing.assert_close(images[:5], latent.decode(vae, z[:5]), atol=1e-5, rtol=1e-5)
    assert z.mean(0).abs().max() < 5 / math.sqrt(count)
    assert (z.std(0) - 1).abs().max() < 5 / math.sqrt(2 * count)
    assert (torch.corrcoef(z.T) - torch.eye(3)).abs().max() < 5 / math.sqrt(count)
    beyond = (z.abs() > 1.959964).double().mean().item()
    assert abs(beyond - 0.05) < 5 * math.sqrt(0.05 * 0.95 / (3 * count))


@pytest.mark.parametrize("count", [1, 2, 5, 20, 101])
def test_midpoints_halve_intervals_of_equal_mass(count: int) -> None:
    midpoints = latent.equal_mass_midpoints(count)
    expected = [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]
    assert midpoints.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_manifold_is_decoded_at_the_midpoints_as_the_plane_is_drawn(count: int) -> None:
    vae = build(VAEConfig(latent_dim=2, hidden=16, blocks=2), seed=0).requires_grad_(False)
    cells = latent.manifold(vae, count)
    assert cells.shape == (count, count, 28, 28)
    at = [NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)]
    for row in range(count):
        for column in range(count):
            z = torch.tensor([[at[column], at[count - 1 - row]]])
            expected = torch.sigmoid(vae.decoder(z)).view(28, 28)
            torch.testing.assert_close(cells[row, column], expected, atol=1e-5, rtol=1e-4)

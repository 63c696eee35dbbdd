"""The terms of the ELBO of single images, against many draws."""

import pytest
import torch

from model.likelihood.image_terms import image_terms
from model.network.blocks import PIXELS
from model.network.initialisation import build
from model.network.vae import VAE, VAEConfig


@pytest.fixture(params=[1, 2, 5])
def vae(request: pytest.FixtureRequest) -> VAE:
    vae = build(
        VAEConfig(latent_dim=request.param, hidden=16, blocks=1, fourier_features=0), seed=0
    )
    vae.decoder.logits.weight.data *= 3.0
    return vae.requires_grad_(False).eval()


def images() -> torch.Tensor:
    return (torch.rand(6, PIXELS, generator=torch.Generator().manual_seed(2)) < 0.3).float()


def test_they_are_the_averages_of_many_draws(vae: VAE) -> None:
    x = images()
    found = image_terms(vae, x)
    terms = vae(x.repeat(600, 1), torch.Generator().manual_seed(0))
    draws = terms.reconstruction.double().view(600, len(x))
    error = draws.std(dim=0) / 600**0.5
    own = 0.0 if vae.config.latent_dim < 3 else draws.std(dim=0) / 4.0
    assert ((found.reconstruction - draws.mean(dim=0)).abs() < 4.0 * (error + own) + 1e-3).all()
    normal = torch.distributions.Normal(
        vae.posterior(x).mean, vae.posterior(x).log_variance.div(2).exp()
    )
    kl = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(found.kl, kl.double(), rtol=1e-5, atol=1e-5)


def test_the_same_seed_gives_the_same_numbers(vae: VAE) -> None:
    x = images()
    assert torch.equal(image_terms(vae, x).reconstruction, image_terms(vae, x).reconstruction)

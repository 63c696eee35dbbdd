"""A small M2 of two latent dimensions with classes that differ, and images drawn from it."""

import torch
from torch import Tensor

from model.likelihood.grid import Grid
from model.network.initialisation import build
from model.network.m2 import M2
from model.network.vae import VAEConfig

# Fine and wide enough for this model's posteriors; the default grid has 36 times as many points.
COARSE = Grid(7.5, 0.1)


def small_m2(contrast: float = 4.0, latent_dim: int = 2) -> M2:
    """An untrained M2; the greater the contrast, the less do its classes resemble each other."""
    config = VAEConfig(
        family="m2",
        latent_dim=latent_dim,
        architecture="mlp",
        layers="16",
        activation="softplus",
        fourier_features=0,
    )
    m2 = build(config, seed=3)
    assert isinstance(m2, M2)
    with torch.no_grad():
        m2.decoder.body.classes.weight.mul_(contrast)
        next(iter(m2.decoder.body.body)).weight.mul_(2.0)  # a narrower posterior
        m2.classifier.logits.weight.mul_(3.0)
        m2.decoder.output_bias.sub_(1.0)
        m2.encoder.log_variance.bias.sub_(2.0)
    return m2.requires_grad_(False)


def draws_of(m2: M2, count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images (count, 784) drawn from the model, and the classes (count,) that they came from.

    Of each class come equally many.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 10
    z = torch.randn(count, m2.config.latent_dim, generator=generator)
    means = torch.sigmoid(m2.decoder(z, labels))
    return torch.bernoulli(means, generator=generator), labels

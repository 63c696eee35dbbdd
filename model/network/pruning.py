"""Leaving out the latent dimensions of a VAE that carry nothing."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from model.network.vae import VAE

# Burda et al. (2016), section 5.3: a dimension is active if the variance over images of the mean of
# q(z|x) exceeds this.
ACTIVE = 0.01


@torch.no_grad()
def active_dimensions(vae: VAE, x: Tensor) -> Tensor:
    """The latent dimensions that tell images x (N, 784) apart, rising: (D',) int64."""
    return (vae.posterior(x).mean.var(dim=0) > ACTIVE).nonzero().squeeze(1)


@torch.no_grad()
def pruned(vae: VAE, dimensions: Tensor) -> VAE:
    """A VAE of some of the latent dimensions; the others are held at the prior's mean, zero.

    Args:
        vae: a plain network without Fourier features, which is left as it is.
        dimensions: those that stay, (D',) int64.
    """
    small = VAE(replace(vae.config, latent_dim=len(dimensions)))
    weights = vae.state_dict()
    for layer in ("mean", "log_variance"):
        for kind in ("weight", "bias"):
            name = f"encoder.{layer}.{kind}"
            weights[name] = weights[name][dimensions]
    first = next(iter(vae.decoder.body))
    assert isinstance(first, nn.Linear)
    weights["decoder.body.0.weight"] = first.weight[:, dimensions]
    small.load_state_dict(weights)
    return small.requires_grad_(False)

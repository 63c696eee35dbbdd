"""The terms of the ELBO of single images."""

from typing import NamedTuple

import torch
from torch import Tensor

from model.likelihood.importance import log_weights
from model.likelihood.quadrature import expected_log_likelihood
from model.network.densities import kl_divergence
from model.network.vae import VAE

# Points an image: 16 on a line, 5 x 5 in a plane; from three dimensions on, draws.
NODES = {1: 16, 2: 5}
DRAWS = 16


class ImageTerms(NamedTuple):
    """Of B images, in nats; both (B,) float64.

    Attributes:
        reconstruction: E_q[log p(x|z)].
        kl: KL(q(z|x) || p(z)).
    """

    reconstruction: Tensor
    kl: Tensor


@torch.inference_mode()
def image_terms(vae: VAE, x: Tensor, *, seed: int = 0) -> ImageTerms:
    """The terms of the ELBO of some images x (B, 784) in [0, 1], on the device of the model.

    The KL is exact. The reconstruction term is integrated by Gauss-Hermite quadrature at one and
    two latent dimensions, to some hundredths of a nat; elsewhere it is the average over 16 draws,
    which the seed decides.
    """
    posterior = vae.posterior(x)
    kl = kl_divergence(posterior.mean.double(), posterior.log_variance.double())
    nodes = NODES.get(vae.config.latent_dim)
    if nodes is not None:
        return ImageTerms(expected_log_likelihood(vae, x, posterior, nodes), kl)
    generator = torch.Generator(x.device).manual_seed(seed)
    draws = log_weights(vae, x, DRAWS, generator)
    return ImageTerms(draws.log_likelihood.double().mean(dim=1), kl)

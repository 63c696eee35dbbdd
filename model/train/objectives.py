"""Objectives: the ELBO, and the importance-weighted bound with either of two gradients.

A new objective is a function here, and a row of `OBJECTIVES`.

Shapes: B images, K draws of z for each, D latent dimensions. Units: nats per image.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from model.network.densities import Posterior, kl_divergence, log_density, log_likelihood, log_prior
from model.network.vae import VAE


class Objective(NamedTuple):
    """The objective of a batch and its terms, each (B,).

    Attributes:
        value: the objective to maximise, with the gradient to follow.
        reconstruction: log p(x|z), averaged over the draws; no gradient.
        kl: KL(q(z|x) || p(z)); no gradient.
    """

    value: Tensor
    reconstruction: Tensor
    kl: Tensor

    def sums(self, dtype: torch.dtype) -> Tensor:
        """Of the batch: reconstruction and KL summed over the images, and their number: (3,)."""
        count = self.kl.new_full((), len(self.kl), dtype=dtype)
        return torch.stack([self.reconstruction.sum(dtype=dtype), self.kl.sum(dtype=dtype), count])


class ObjectiveOfVAE(nn.Module):
    """A VAE and its objective as one module, which can be compiled or distributed.

    A pure function of its inputs: the noise is drawn outside.
    """

    def __init__(self, vae: VAE, name: str) -> None:
        """Take a VAE and the name of its objective, as in TrainConfig."""
        super().__init__()
        self.vae = vae
        self._bound = OBJECTIVES[name].bound

    def forward(self, x: Tensor, noise: Tensor, beta: Tensor) -> Objective:
        """Images x (B, 784), standard normal noise (K, B, D), weight of the KL () -> Objective."""
        posterior = self.vae.posterior(x)
        z = posterior.at(noise)
        kl = kl_divergence(*posterior)
        value, reconstruction = self._bound(self.vae, x, posterior, z, beta * kl, beta)
        return Objective(value, reconstruction.detach().mean(0), kl.detach())


def elbo(
    vae: VAE, x: Tensor, posterior: Posterior, z: Tensor, penalty: Tensor, beta: Tensor
) -> tuple[Tensor, Tensor]:
    """The ELBO with the KL in closed form (Kingma and Welling 2014, eq. 10).

    Returns it (B,), and log p(x|z) of each draw (K, B).
    """
    reconstruction = _log_likelihood(vae, x, z)
    return reconstruction.mean(0) - penalty, reconstruction


def iwae(
    vae: VAE, x: Tensor, posterior: Posterior, z: Tensor, penalty: Tensor, beta: Tensor
) -> tuple[Tensor, Tensor]:
    """The importance-weighted bound (Burda et al. 2016, eq. 8). Returns as `elbo`."""
    reconstruction = _log_likelihood(vae, x, z)
    log_weights = reconstruction + beta * (log_prior(z) - log_density(posterior, z))
    return _log_mean_exp(log_weights), reconstruction


def dreg(
    vae: VAE, x: Tensor, posterior: Posterior, z: Tensor, penalty: Tensor, beta: Tensor
) -> tuple[Tensor, Tensor]:
    """The same bound with the doubly reparametrised gradient (Tucker et al. 2019, eq. 8).

    With w the normalised weights, the decoder follows sum_k w_k d log weight_k, as in `iwae`; the
    encoder follows sum_k w_k^2 d log weight_k along the path through z alone, which has less
    variance. Returns as `elbo`.
    """
    fixed = Posterior(*(parameter.detach() for parameter in posterior))
    reconstruction = _log_likelihood(vae, x, z)
    log_weights = reconstruction + log_prior(z) - log_density(fixed, z)
    weights = torch.softmax(log_weights.detach(), dim=0)
    # The whole gradient of the encoder passes through z, and is multiplied by w once more there.
    if z.requires_grad:
        z.register_hook(  # type: ignore[no-untyped-call]
            lambda gradient: gradient * weights.unsqueeze(-1)
        )
    followed = (weights * log_weights).sum(0)
    return followed + (_log_mean_exp(log_weights) - followed).detach(), reconstruction


def _log_likelihood(vae: VAE, x: Tensor, z: Tensor) -> Tensor:
    """Log p(x|z) of points z (K, B, D): (K, B)."""
    logits = vae.decoder(z.flatten(0, 1)).unflatten(0, z.shape[:2])
    return log_likelihood(logits, x)


def _log_mean_exp(log_weights: Tensor) -> Tensor:
    return torch.logsumexp(log_weights, dim=0) - math.log(len(log_weights))


class Kind(NamedTuple):
    """An objective that training can follow.

    Attributes:
        help: what it is, for the command line.
        bound: computes it, as `elbo` does.
    """

    help: str
    bound: Callable[[VAE, Tensor, Posterior, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


OBJECTIVES = {
    "elbo": Kind("the evidence lower bound", elbo),
    "iwae": Kind("the importance-weighted bound (Burda et al. 2016)", iwae),
    "dreg": Kind(
        "the same bound with the doubly reparametrised gradient (Tucker et al. 2019)", dreg
    ),
}

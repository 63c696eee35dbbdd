"""Kingma and Welling's own estimator of log p(x), for a few latent dimensions."""

import math

import torch
from torch import Tensor

from model.likelihood.hmc import sample_posterior
from model.network.vae import VAE
from model.progress import Progress, ignore

SAMPLES = 50

_RIDGE = 1e-6


def posterior_density_estimate(
    vae: VAE,
    x: Tensor,
    samples: int = SAMPLES,
    *,
    warm_up: int = 50,
    seed: int = 0,
    on_progress: Progress = ignore,
) -> Tensor:
    """Estimate log p(x) of images x (B, 784) from draws of their true posteriors: (B,) float64.

    Hybrid Monte Carlo makes 2 x `samples` draws. A density q(z) is fitted to the first half; the
    second half gives p(x) = (1/L sum of q(z) / (p(z) p(x|z)))^-1.

    q is a Gaussian with full covariance: the sum needs light tails, and 50 draws determine it. (A
    kernel estimate is wider than the posterior, so the rarest draws would dominate the sum.) A
    chain stays in one mode of the posterior; the result is then about log p(x) plus the logarithm
    of that mode's fraction of the mass.

    Source: Kingma and Welling 2014, appendix D, who recommend it below five dimensions.

    Raises:
        ValueError: there are too few samples to fit a covariance.
    """
    if samples < 2 * vae.config.latent_dim + 2:
        raise ValueError(f"{samples} samples do not determine a covariance")
    draws = sample_posterior(
        vae, x, 2 * samples, warm_up=warm_up, seed=seed, on_progress=on_progress
    )
    z = draws.z.double()
    log_q = _gaussian_log_density(z[:, :samples], z[:, samples:])
    log_ratio = log_q - draws.log_joint[:, samples:].double()
    return math.log(samples) - torch.logsumexp(log_ratio, dim=1)


def _gaussian_log_density(fitted: Tensor, z: Tensor) -> Tensor:
    """The log-density at z (B, S, D) of the Gaussian fitted to (B, L, D): (B, S)."""
    mean = fitted.mean(dim=1, keepdim=True)
    centred = fitted - mean
    covariance = centred.mT @ centred / (fitted.shape[1] - 1)
    size = covariance.diagonal(dim1=-2, dim2=-1).mean(dim=-1)
    dimensions = fitted.shape[-1]
    # A chain that never moved has no covariance at all.
    ridge = (_RIDGE * size + 1e-12)[:, None, None] * torch.eye(
        dimensions, dtype=z.dtype, device=z.device
    )
    root = torch.linalg.cholesky(covariance + ridge)
    whitened = torch.linalg.solve_triangular(root, (z - mean).mT, upper=False)
    log_volume: Tensor = root.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1, keepdim=True)
    constant = 0.5 * dimensions * math.log(2.0 * math.pi)
    distance: Tensor = whitened.square().sum(dim=1)
    return -0.5 * distance - log_volume - constant

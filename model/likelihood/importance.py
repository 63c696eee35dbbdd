"""The importance-weighted bound on log p(x), at any number of latent dimensions."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from model.latent.decoding import posteriors
from model.likelihood.elbo import paired_log_likelihood
from model.network.densities import kl_divergence
from model.network.vae import VAE
from model.progress import Progress, ignore

_POINTS_AT_ONCE = 2048  # with their logits and hidden layers, well under 100 MB


class Draws(NamedTuple):
    """K draws of z from q(z|x) for each of B images; both (B, K), in nats.

    Attributes:
        log_likelihood: log p(x|z).
        log_weight: log p(x|z) + log p(z) - log q(z|x).
    """

    log_likelihood: Tensor
    log_weight: Tensor


@dataclass(frozen=True)
class ImportanceWeighted:
    """The bound and the ELBO of N images from k draws each; tensors (N,) float64, in nats.

    Attributes:
        k: draws of z from q(z|x) for each image.
        bound: log (1/k) sum of the importance weights: below log p(x) on average.
        reconstruction: log p(x|z), averaged over the draws.
        kl: KL(q(z|x) || p(z)), exact.
    """

    k: int
    bound: Tensor
    reconstruction: Tensor
    kl: Tensor


@torch.inference_mode()
def log_weights(vae: VAE, x: Tensor, k: int, generator: torch.Generator) -> Draws:
    """Draw k points z from q(z|x) of a few images x (B, 784), with their importance weights.

    The noise of each image is drawn in one piece, so the numbers do not depend on how the images
    are divided into batches.

    Source: Burda, Grosse and Salakhutdinov 2016, eq. 7.
    """
    noise = torch.stack(
        [
            torch.randn(k, vae.config.latent_dim, generator=generator, device=x.device)
            for _ in range(len(x))
        ]
    )
    at_once = max(1, _POINTS_AT_ONCE // len(x))
    batches = [_weigh(vae, x, some) for some in torch.split(noise, at_once, dim=1)]
    return Draws(*(torch.cat(columns, dim=1) for columns in zip(*batches, strict=True)))


@torch.inference_mode()
def importance_weighted_bound(
    vae: VAE, x: Tensor, k: int, *, seed: int = 0, on_progress: Progress = ignore
) -> ImportanceWeighted:
    """The bound L_k of Burda, Grosse and Salakhutdinov 2016, eq. 8, for images x (N, 784).

    It decodes N k points. On average over the draws it is the ELBO for k = 1, rises with k, and
    stays below log p(x): far below, even for k = 5000, where q(z|x) misses a mode of the posterior.

    Raises:
        ValueError: k is less than one.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    generator = torch.Generator(x.device).manual_seed(seed)
    found = []
    for start, batch in _batches(x, k):
        draws = log_weights(vae, batch, k, generator)
        bound = torch.logsumexp(draws.log_weight.double(), dim=1) - math.log(k)
        found.append(torch.stack([bound, draws.log_likelihood.double().mean(dim=1)]))
        on_progress((start + len(batch)) / len(x))
    bound, reconstruction = torch.cat(found, dim=1)
    return ImportanceWeighted(k, bound, reconstruction, _kl(vae, x))


def _batches(x: Tensor, k: int) -> Iterator[tuple[int, Tensor]]:
    images = max(1, _POINTS_AT_ONCE // k)
    for start in range(0, len(x), images):
        yield start, x[start : start + images]


def _weigh(vae: VAE, x: Tensor, noise: Tensor) -> Draws:
    """The weights of the points that standard normal noise (B, K, D) stands for."""
    posterior = vae.posterior(x)
    log_variance = posterior.log_variance.unsqueeze(1)
    z = posterior.mean.unsqueeze(1) + posterior.standard_deviation.unsqueeze(1) * noise
    logits = vae.decoder(z.flatten(0, 1)).view(*z.shape[:2], -1)
    log_likelihood = paired_log_likelihood(logits, x)
    # log p(z) - log q(z|x); the constants of the two Gaussians are the same.
    ratio = 0.5 * (noise.square() - z.square() + log_variance).sum(dim=-1)
    return Draws(log_likelihood, log_likelihood + ratio)


def _kl(vae: VAE, x: Tensor) -> Tensor:
    q = posteriors(vae, x)
    return kl_divergence(q.mean.double(), q.log_variance.double())

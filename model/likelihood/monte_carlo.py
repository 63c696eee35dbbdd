"""Plain Monte Carlo: log p(x) from draws of the prior; slow and simple, to check the others."""

import math

import torch
from torch import Tensor

from model.likelihood.elbo import cross_log_likelihood
from model.network.vae import VAE
from model.progress import Progress, ignore

# Fixed, so that the same draws come whatever the number of images.
_DRAWS_AT_ONCE = 2048
_IMAGES_AT_ONCE = 5000


@torch.inference_mode()
def prior_monte_carlo(
    vae: VAE, x: Tensor, draws: int, *, seed: int = 0, on_progress: Progress = ignore
) -> Tensor:
    """Log (1/n) sum of p(x|z) over n draws z ~ N(0, I), for images x (N, 784): (N,) float64 nats.

    Unbiased for p(x), and below log p(x) on average (Jensen). All images share the draws. Each
    image needs many times exp KL(p(z|x) || p(z)) of them, about a thousand times more for each 7
    nats of KL: for the plane 10^6 are enough, for ten dimensions no number is.

    Raises:
        ValueError: there are no draws.
    """
    if draws < 1:
        raise ValueError(f"there must be at least one draw, not {draws}")
    generator = torch.Generator(x.device).manual_seed(seed)
    total = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)
    for start in range(0, draws, _DRAWS_AT_ONCE):
        # Whole blocks, so that more draws begin with the same ones.
        z = torch.randn(
            _DRAWS_AT_ONCE, vae.config.latent_dim, generator=generator, device=x.device
        )[: draws - start]
        logits = vae.decoder(z)
        for images in torch.split(torch.arange(len(x), device=x.device), _IMAGES_AT_ONCE):
            found = torch.logsumexp(cross_log_likelihood(logits, x[images]), dim=1).double()
            total[images] = torch.logaddexp(total[images], found)
        on_progress((start + len(z)) / draws)
    return total - math.log(draws)

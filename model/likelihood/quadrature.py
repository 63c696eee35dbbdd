"""E_q[log p(x|z)] by Gauss-Hermite quadrature: the ELBO's reconstruction term without noise."""

import numpy as np
import torch
from torch import Tensor

from model.likelihood.elbo import paired_log_likelihood
from model.network.densities import Posterior
from model.network.vae import VAE
from model.progress import Progress, ignore

_POINTS_AT_ONCE = 2048


@torch.inference_mode()
def expected_log_likelihood(
    vae: VAE, x: Tensor, posterior: Posterior, nodes: int = 16, on_progress: Progress = ignore
) -> Tensor:
    """E_q[log p(x|z)] of images x (N, 784), with q as given: (N,) float64 nats.

    A tensor product of `nodes` points in each of the D dimensions, exact for polynomials of degree
    2 nodes - 1 (Abramowitz and Stegun 1964, 25.4.46). It decodes nodes^D points an image, so it is
    for D of 1 to 3. With the bundled model 16 nodes are exact to about 0.002 nat an image, 5 nodes
    to 0.014 (root mean square), and the averages over images to 0.001 in both cases.
    """
    offsets, weights = _rule(nodes, vae.config.latent_dim)
    offsets, weights = offsets.to(x.device), weights.to(x.device)
    images = max(1, _POINTS_AT_ONCE // len(offsets))
    expected = torch.empty(len(x), dtype=torch.float64, device=x.device)
    for start in range(0, len(x), images):
        batch = slice(start, start + images)
        spread = torch.exp(0.5 * posterior.log_variance[batch]).unsqueeze(1)
        z = posterior.mean[batch].unsqueeze(1) + spread * offsets
        logits = vae.decoder(z.flatten(0, 1)).view(*z.shape[:2], -1)
        expected[batch] = paired_log_likelihood(logits, x[batch]).double() @ weights
        on_progress(min(1.0, (start + images) / len(x)))
    return expected


def _rule(nodes: int, dimensions: int) -> tuple[Tensor, Tensor]:
    """Points of N(0, I) (K, D) float32 and their weights (K,) float64, which sum to one."""
    at, weight = (torch.from_numpy(a) for a in np.polynomial.hermite_e.hermegauss(nodes))
    points = torch.cartesian_prod(*[at] * dimensions).view(-1, dimensions)
    weights = torch.cartesian_prod(*[weight / weight.sum()] * dimensions).view(-1, dimensions)
    return points.float(), weights.prod(dim=1)

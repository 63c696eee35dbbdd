"""E_q[log p(x|z)] by Gauss-Hermite quadrature: the ELBO's reconstruction term without noise."""

from collections.abc import Generator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from model.likelihood.elbo import paired_log_likelihood
from model.network.densities import Posterior, log_prior
from model.network.vae import VAE
from model.progress import Progress, ignore

_POINTS_AT_ONCE = 2048
_NODES = (5, 9, 16, 28, 48, 80)  # along each axis, until more of them change nothing
_TOLERANCE, _RELATIVE = 0.05, 2e-4


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
        found, _ = _at_nodes(vae, x[batch], posterior.of(batch), offsets)
        expected[batch] = found @ weights
        on_progress(min(1.0, (start + images) / len(x)))
    return expected


class Expectation(NamedTuple):
    """What quadrature gives for N images; both (N,) float64, in nats.

    Attributes:
        expected: E_q[log p(x|z)]; NaN where more nodes go on to change it.
        peak: the largest log p(x, z) at any node.
    """

    expected: Tensor
    peak: Tensor


def converged_log_likelihood(
    vae: VAE, x: Tensor, posterior: Posterior
) -> Generator[float, None, Expectation]:
    """`expected_log_likelihood` with as many nodes as each image needs, in steps of some images.

    Yields the fraction of the images done.
    """
    expected = torch.full((len(x),), torch.nan, dtype=torch.float64, device=x.device)
    peak = torch.full_like(expected, -torch.inf)
    open_ = torch.arange(len(x), device=x.device)
    before = expected.clone()
    for nodes in _NODES:
        if len(open_) == 0:
            break
        offsets, weights = (part.to(x.device) for part in _rule(nodes, vae.config.latent_dim))
        still = []
        for images in torch.split(open_, max(1, _POINTS_AT_ONCE // len(offsets))):
            likelihood, joint = _at_nodes(vae, x[images], posterior.of(images), offsets)
            found = likelihood @ weights
            peak[images] = torch.maximum(
                peak[images], joint.amax(dim=1).nan_to_num(-torch.inf, torch.inf, -torch.inf)
            )
            settled = (found - before[images]).abs() <= _TOLERANCE + _RELATIVE * found.abs()
            expected[images[settled]] = found[settled]
            before[images] = found
            still.append(images[~settled])
            yield 1.0 - len(open_) / max(1, len(x))
        open_ = torch.cat([open_[:0], *still])
    return Expectation(expected, peak)


def _at_nodes(vae: VAE, x: Tensor, posterior: Posterior, offsets: Tensor) -> tuple[Tensor, Tensor]:
    """Log p(x|z) and log p(x, z) at each image's nodes: both (B, K) float64."""
    deviation = posterior.standard_deviation.unsqueeze(1)
    z = posterior.mean.unsqueeze(1) + deviation * offsets
    logits = vae.decoder(z.flatten(0, 1)).view(*z.shape[:2], x.shape[1])
    likelihood = paired_log_likelihood(logits, x).double()
    return likelihood, likelihood + log_prior(z.double())


def _rule(nodes: int, dimensions: int) -> tuple[Tensor, Tensor]:
    """Points of N(0, I) (K, D) float32 and their weights (K,) float64, which sum to one."""
    at, weight = (torch.from_numpy(a) for a in np.polynomial.hermite_e.hermegauss(nodes))
    points = torch.cartesian_prod(*[at] * dimensions).view(-1, dimensions)
    weights = torch.cartesian_prod(*[weight / weight.sum()] * dimensions).view(-1, dimensions)
    return points.float(), weights.prod(dim=1)

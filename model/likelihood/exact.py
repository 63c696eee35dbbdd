"""The exact log-likelihood at two latent dimensions, by summing over a grid.

    log p(x) = log sum over the grid of p(x|z) N(z; 0, I) step^2

model/likelihood/summation.py leaves out what contributes nothing; `prune=None` sums everything.
Nothing needs to be Gaussian for the sum itself.

What remains is the grid's own error (model/likelihood/grid.py). It has either sign, so it averages
out. The bundled model's narrowest posteriors have a standard deviation of half a step. The error of
its first 100 test images, compared with half the step, is 0.0015 nat (root mean square), 0.009 at
worst, 0.0002 on average. With twice the step it would be 0.09, 0.8 and 0.005.

Narrower posteriors and those beyond the edge are detected image by image and integrated over
windows of their own (model/likelihood/resolution.py). An image that cannot be resolved gets NaN.
With the bundled model ten of the 10,000 test images have more than a tenth of their mass beyond
the edge; without the windows log p(x) of the worst of them would be 21 nats too low.

The reconstruction term E_q[log p(x|z)] is summed over the same points, weighted by q, so the gap
log p(x) - ELBO = KL(q(z|x) || p(z|x)) has no sampling noise. Where the grid cannot carry q, because
q is narrower than 0.6 steps or reaches beyond the edge, Gauss-Hermite quadrature replaces the sum,
with more and more nodes until it converges; NaN where it does not.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from model.latent.decoding import posteriors
from model.likelihood.grid import Grid, require_plane
from model.likelihood.quadrature import converged_log_likelihood
from model.likelihood.resolution import resolve
from model.likelihood.summation import Sums, everything, pruned, sum_tiles
from model.likelihood.suspicion import Seen, leaves
from model.network.densities import Posterior, kl_divergence
from model.network.vae import VAE
from model.progress import Progress, finish, ignore, stage

PRUNE = 25.0

_NARROW = 0.6  # in steps
_SUMMED = 0.95  # the fraction of the time that the grid takes


@dataclass(frozen=True)
class Exact:
    """The integrals of N images; each (N,) float64, in nats; NaN where one is not resolved.

    Attributes:
        log_likelihood: log p(x).
        reconstruction: E_q[log p(x|z)].
        kl: KL(q(z|x) || p(z)).
    """

    log_likelihood: Tensor
    reconstruction: Tensor
    kl: Tensor

    @property
    def elbo(self) -> Tensor:
        """Reconstruction minus KL (Kingma and Welling 2014, eq. 3)."""
        return self.reconstruction - self.kl

    @property
    def posterior_gap(self) -> Tensor:
        """KL(q(z|x) || p(z|x)) = log p(x) - ELBO (Kingma and Welling 2014, eq. 1)."""
        return self.log_likelihood - self.elbo

    @property
    def resolved(self) -> Tensor:
        """Whether an image has an exact log p(x): (N,) bool."""
        return self.log_likelihood.isfinite()


def integrate(
    vae: VAE,
    x: Tensor,
    grid: Grid | None = None,
    *,
    prune: float | None = PRUNE,
    on_progress: Progress = ignore,
) -> Exact:
    """Log p(x) of images x (N, 784) in [0, 1], and the exact terms of their ELBO.

    Args:
        vae: a model with two latent dimensions.
        x: images, on the device of the model.
        grid: over which to sum.
        prune: blocks this many nats below an image's best point are skipped; None: no block is.
        on_progress: told the fraction done; it may raise, to stop.

    Raises:
        NotAPlaneError: the model has not two latent dimensions.
    """
    return finish(integration(vae, x, grid, prune=prune), on_progress)


@torch.inference_mode()
def integration(
    vae: VAE, x: Tensor, grid: Grid | None = None, *, prune: float | None = PRUNE
) -> Generator[float, None, Exact]:
    """`integrate` in steps: yields the fraction done, up to 1, and returns the result.

    Raises:
        NotAPlaneError: the model has not two latent dimensions.
    """
    require_plane(vae)
    grid = grid or Grid()
    posterior = posteriors(vae, x)
    sums = yield from stage(_sum(vae, x, posterior, grid, prune), 0.0, _SUMMED)
    kl = kl_divergence(posterior.mean.double(), posterior.log_variance.double())
    reconstruction, carried = sums.reconstruction, _carried(posterior, grid)
    peak = torch.full_like(sums.peak, -torch.inf)
    others = (~carried).nonzero().squeeze(1)
    found = yield from stage(
        converged_log_likelihood(vae, x[others], posterior.of(others)), _SUMMED, _SUMMED
    )
    reconstruction[others], peak[others] = found.expected, found.peak.float()
    elbo = (reconstruction - kl).nan_to_num(-torch.inf, torch.inf, -torch.inf)
    seen = Seen(posterior, carried, peak, elbo)
    log_likelihood = yield from stage(resolve(vae, x, grid, sums, seen), _SUMMED, 1.0)
    yield 1.0
    return Exact(log_likelihood, reconstruction, kl)


def _sum(
    vae: VAE, x: Tensor, posterior: Posterior, grid: Grid, prune: float | None
) -> Generator[float, None, Sums]:
    needed = everything(x, grid)
    if prune is not None:
        needed = yield from pruned(vae, x, posterior, grid, prune)
    return (yield from sum_tiles(vae, x, posterior, grid, needed))


def _carried(posterior: Posterior, grid: Grid) -> Tensor:
    """Whether the grid is fine and large enough for q(z|x): (N,) bool."""
    wide = (posterior.standard_deviation >= _NARROW * grid.step).all(dim=1)
    return wide & ~leaves(posterior, grid)

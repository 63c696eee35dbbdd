"""Where a sum over the grid may miss something of an image.

Five signs, each with a place:

peak      the curvature of log p(x, z) at the grid's highest point says that the mode there is too
          narrow for the step;
rim       the outermost ring of the grid's cells holds mass;
outlook   p(x, z) is high at some of a few thousand points beyond the edge;
encoder   q(z|x) is narrower than the step or reaches beyond the edge, and p(x, z) is high there;
bound     the sum lies below the ELBO, a lower bound of the integral.

No set of signs is complete: none sees a mode narrower than the step, far from q(z|x) and from the
highest mode on the grid. `model.likelihood.evaluation` compares with the importance-weighted bound
as well.
"""

import math
from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from model.likelihood.elbo import cross_log_likelihood
from model.likelihood.grid import Grid
from model.likelihood.summation import Sums
from model.likelihood.windows import log_joint_at
from model.network.densities import Posterior, log_prior
from model.network.vae import VAE

BELOW_ELBO = 0.05  # nats: the noise of both
RIM = 1e-4  # of the mass, in the outermost cells

_GRID_ERROR = 0.05  # nats by which the step alone may change an integral
_SHARE = 0.24  # of the mass in one cell, from which on a mode may be narrow
_NEAR_PEAK = 1.0  # nats: the most that a grid that carries a mode misses of its height
_FAR = 12.0  # nats: a mode so far below the highest is negligible, however broad
_OUTLOOK_STEP = 0.3
_OUTLOOK, _FAR_OUTLOOK = 9.0, 15.0  # to where; the second where q(z|x) leaves the grid
_DIRECTIONS = 8
_POINTS_AT_ONCE = 1024
_IMAGES_AT_ONCE = 5000
_STENCILS_AT_ONCE = 200


class Seen(NamedTuple):
    """What is known of N images beside the grid's sums.

    Attributes:
        posterior: q(z|x).
        carried: whether the grid carries q(z|x), (N,) bool.
        peak: the largest log p(x, z) at the nodes of q(z|x), (N,); minus infinity where carried.
        elbo: (N,) float64.
    """

    posterior: Posterior
    carried: Tensor
    peak: Tensor
    elbo: Tensor


class Places(NamedTuple):
    """Where W windows shall begin; an image may have several.

    Attributes:
        images: their indices, (W,).
        middle: (W, 2) float64.
        unit: about the standard deviations there, (W, 2) float64.
    """

    images: Tensor
    middle: Tensor
    unit: Tensor


def suspicious_places(
    vae: VAE, x: Tensor, grid: Grid, sums: Sums, seen: Seen
) -> Generator[float, None, Places]:
    """Collect the places of all signs."""
    q = seen.posterior
    outside = leaves(q, grid)
    narrow = yield from _narrow_peaks(vae, x, grid, sums, ~seen.carried & ~outside)
    outlook = yield from _outlook(vae, x, grid, outside.nonzero().squeeze(1))
    highest = torch.stack([sums.peak, seen.peak, *(height for height, _ in outlook)]).amax(dim=0)
    beyond = [(height > highest - _FAR, at) for height, at in outlook]
    any_beyond = torch.stack([sign for sign, _ in beyond]).any(dim=0)
    on_rim = sums.rim > sums.log_joint + math.log(RIM)
    below = sums.log_joint + grid.log_cell < seen.elbo - BELOW_ELBO
    beyond_edge = (q.mean.abs() > grid.reach).any(dim=1)
    known = seen.peak > torch.where(beyond_edge, highest - _FAR, sums.peak + _NEAR_PEAK)
    by_encoder = below | known | (~seen.carried & (narrow | any_beyond | on_rim))
    signs = [
        (by_encoder, q.mean, q.standard_deviation),
        (narrow, sums.peak_at, torch.full_like(q.mean, 0.5 * grid.step)),
        *((sign, at, torch.full_like(at, 0.5 * _OUTLOOK_STEP)) for sign, at in beyond),
        (on_rim, sums.peak_at, torch.full_like(q.mean, 2.0 * grid.step)),
    ]
    return Places(
        torch.cat([sign.nonzero().squeeze(1) for sign, _, _ in signs]),
        torch.cat([middle[sign].double() for sign, middle, _ in signs]),
        torch.cat([unit[sign].double() for sign, _, unit in signs]),
    )


def leaves(posterior: Posterior, grid: Grid) -> Tensor:
    """Whether q(z|x) reaches beyond the edge of the grid with 4 standard deviations: (N,) bool."""
    extent = posterior.mean.abs() + 4.0 * posterior.standard_deviation
    return ~(extent <= grid.reach).all(dim=1)


def _narrow_peaks(
    vae: VAE, x: Tensor, grid: Grid, sums: Sums, narrow_q: Tensor
) -> Generator[float, None, Tensor]:
    """Whether the grid's highest mode of an image is too narrow for its step: (N,) bool.

    For a Gaussian mode with covariance C the error of the midpoint sum is at most the sum of
    2 exp(-2 pi^2 k'Ck / step^2) over the whole-numbered k (Poisson's summation formula); the
    inverse of C are second differences over the eight points around.
    """
    found = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    concentrated = sums.peak > sums.log_joint + math.log(_SHARE)
    offsets = torch.cartesian_prod(torch.arange(-1.0, 2.0), torch.arange(-1.0, 2.0)).to(x)
    for images in torch.split((concentrated | narrow_q).nonzero().squeeze(1), _STENCILS_AT_ONCE):
        z = sums.peak_at[images].unsqueeze(1) + grid.step * offsets
        found[images] = _error_of_step(log_joint_at(vae, x[images], z).view(-1, 3, 3)) > _GRID_ERROR
        yield 0.0
    return found


def _error_of_step(f: Tensor) -> Tensor:
    """The bound on the relative error, for f = log p(x, z) on 3 x 3 points (N, 3, 3): (N,).

    Infinite where f is steep but has no maximum.
    """
    a = 2.0 * f[:, 1, 1] - f[:, 0, 1] - f[:, 2, 1]
    b = 2.0 * f[:, 1, 1] - f[:, 1, 0] - f[:, 1, 2]
    c = (f[:, 0, 2] + f[:, 2, 0] - f[:, 0, 0] - f[:, 2, 2]) / 4.0
    determinant = a * b - c.square()
    # of the covariance, in squared steps: k'Ck for k = (1, 0), (0, 1), (1, 1), (1, -1)
    forms = torch.stack([b, a, a + b - 2.0 * c, a + b + 2.0 * c]) / determinant
    error = 2.0 * torch.exp(-2.0 * math.pi**2 * forms).sum(dim=0)
    maximum = (a > 0.0) & (determinant > 0.0)
    steep = torch.where(torch.maximum(a, b) > 1.0, torch.inf, 0.0)
    return torch.where(maximum, error, steep)


def _outlook(
    vae: VAE, x: Tensor, grid: Grid, leaving: Tensor
) -> Generator[float, None, list[tuple[Tensor, Tensor]]]:
    """The largest log p(x, z) beyond the edge, in each of eight directions, on a sparse lattice.

    For each direction the heights (N,) and their places (N, 2); for the images whose q(z|x) leaves
    the grid, given by their indices, from farther out too.
    """
    axis = torch.arange(-_FAR_OUTLOOK, _FAR_OUTLOOK + _OUTLOOK_STEP, _OUTLOOK_STEP, device=x.device)
    z = torch.cartesian_prod(axis, axis)
    distance = z.abs().amax(dim=1)
    direction = ((torch.atan2(z[:, 1], z[:, 0]) / (2.0 * math.pi) + 0.5) * _DIRECTIONS).long()
    found = []
    for index in range(_DIRECTIONS):
        along = direction % _DIRECTIONS == index
        near, far = distance <= _OUTLOOK, distance > _OUTLOOK
        height, at = yield from _highest(vae, x, z[along & near & (distance > grid.reach)])
        if len(leaving):
            farther = yield from _highest(vae, x[leaving], z[along & far & (distance > grid.reach)])
            higher = farther[0] > height[leaving]
            height[leaving[higher]], at[leaving[higher]] = farther[0][higher], farther[1][higher]
        found.append((height, at))
    return found


def _highest(vae: VAE, x: Tensor, z: Tensor) -> Generator[float, None, tuple[Tensor, Tensor]]:
    """The largest log p(x, z) of each image at common points z: (N,) and its place (N, 2)."""
    height = x.new_full((len(x),), -torch.inf)
    at = x.new_zeros(len(x), 2)
    for some in torch.split(z, _POINTS_AT_ONCE):
        logits, log_p_z = vae.decoder(some), log_prior(some)
        for images in torch.split(torch.arange(len(x), device=x.device), _IMAGES_AT_ONCE):
            joint = cross_log_likelihood(logits, x[images]) + log_p_z
            highest, index = joint.nan_to_num(-torch.inf, torch.inf, -torch.inf).max(dim=1)
            higher = highest > height[images]
            height[images] = torch.where(higher, highest, height[images])
            at[images] = torch.where(higher.unsqueeze(1), some[index], at[images])
            yield 0.0
    return height, at

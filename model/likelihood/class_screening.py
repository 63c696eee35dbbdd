"""Which classes an image can belong to, from a coarse look at the plane of each class.

Integrating p(x|y) for all ten classes of an image costs ten times what one costs, and nearly all of
p(x) = sum over y of p(x|y) / 10 is that of one class or two. The coarse look takes the middle of
each block of 5 x 5 points of the grid (the coarse pass of model/likelihood/summation.py), a lattice
beyond the grid's edge (as model/likelihood/suspicion.py does), and the mean of q(z|x,y). It gives

above     the sum of p(x, z|y) over those places, each times its area, and times exp(21);
below     the highest p(x, z|y) at any of them, times 2 pi (step / 2)^2.

Both are bounds where every mode is Gaussian and not too narrow. With a standard deviation of half a
step, a mode where four blocks meet, two and a half steps from their middles in each axis, is 25
nats higher than these; the blocks together are so much larger than the mode that 21 are enough. And
a mode that is as high as some place has at least the mass of one of that width. Beyond the edge the
lattice is coarser, and 21 nats are enough from a standard deviation of 0.03 on.

A class is left out if its mass from above is 12 nats less than the largest mass from below of any
class. Nine such classes hold at most 9 exp(-12) = 6e-5 of p(x): log p(x) is too low by at most 6e-5
nat, and no p(y|x) is wrong by more than that. What a narrower mode hides is not seen; the
importance-weighted bound, which draws from q(z|x,y) of all ten classes, is compared with the result
(model/likelihood/class_evaluation.py).
"""

import math
from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from model.likelihood.elbo import cross_log_likelihood
from model.likelihood.grid import BLOCK, Grid
from model.likelihood.windows import log_joint_at
from model.network.class_conditional import CLASSES
from model.network.densities import log_prior
from model.network.m2 import M2
from model.network.vae import VAE
from model.progress import stage

NEGLIGIBLE = 12.0  # nats

_HIDDEN = 21.0  # nats by which a point of a block or of a lattice's cell may exceed its middle
_BEYOND = 9.0  # to where the lattice beyond the edge goes
_BEYOND_STEP = 0.3
_POINTS_AT_ONCE = 1800
_IMAGES_AT_ONCE = 2000


class Places(NamedTuple):
    """Where a coarse look is taken.

    Attributes:
        z: (G, 2).
        log_area: of the part of the plane that each stands for, (G,).
    """

    z: Tensor
    log_area: Tensor


class Masses(NamedTuple):
    """Bounds on log p(x|y) of N images under one class (N,) or all (N, 10); float64, in nats.

    They hold as the module says: where no mode is too narrow.
    """

    below: Tensor
    above: Tensor

    @property
    def may_count(self) -> Tensor:
        """The classes of which something may count in p(x): (N, 10) bool.

        At least one of each image; all, where nothing is a number.
        """
        return ~self.are_negligible_beside(self.below.amax(dim=1))

    def are_negligible_beside(self, log_p: Tensor) -> Tensor:
        """The classes of which nothing counts if one has this log p(x|y) (N,): (N, 10) bool."""
        return self.above < log_p.unsqueeze(1) - NEGLIGIBLE


@torch.inference_mode()
def look_at_classes(network: M2, x: Tensor, grid: Grid) -> Generator[float, None, Masses]:
    """Bounds on log p(x|y) of images x (N, 784) under all ten classes: (N, 10).

    Args:
        network: an M2 of two latent dimensions.
        x: images, on the device of the model.
        grid: of the integrals.

    Yields the fraction done.
    """
    places, looks = _places(grid, x.device), []
    for label in range(CLASSES):
        look = _look(network.given(label), x, places, grid)
        looks.append((yield from stage(look, label / CLASSES, (label + 1) / CLASSES)))
    return Masses(*(torch.stack(columns, dim=1) for columns in zip(*looks, strict=True)))


def _places(grid: Grid, device: torch.device) -> Places:
    """The middles of the grid's blocks, and a lattice beyond its edge."""
    middles = grid.axis()[BLOCK // 2 :: BLOCK]
    inside = torch.cartesian_prod(middles, middles)
    axis = torch.arange(-_BEYOND, _BEYOND + _BEYOND_STEP, _BEYOND_STEP)
    lattice = torch.cartesian_prod(axis, axis)
    outside = lattice[lattice.abs().amax(dim=1) > grid.reach]
    areas = [
        torch.full((len(inside),), 2.0 * math.log(BLOCK * grid.step)),
        torch.full((len(outside),), 2.0 * math.log(_BEYOND_STEP)),
    ]
    return Places(torch.cat([inside, outside]).to(device), torch.cat(areas).to(device))


def _look(vae: VAE, x: Tensor, places: Places, grid: Grid) -> Generator[float, None, Masses]:
    at_mean = log_joint_at(vae, x, vae.posterior(x).mean.unsqueeze(1)).squeeze(1)
    highest = at_mean.clone()
    mass = at_mean + 2.0 * math.log(BLOCK * grid.step)
    done = 0
    batches = (torch.split(column, _POINTS_AT_ONCE) for column in places)
    for z, log_area in zip(*batches, strict=True):
        logits, log_p_z = vae.decoder(z), log_prior(z)
        for start in range(0, len(x), _IMAGES_AT_ONCE):
            some = slice(start, start + _IMAGES_AT_ONCE)
            joint = cross_log_likelihood(logits, x[some]).add_(log_p_z)
            highest[some] = torch.maximum(highest[some], joint.amax(dim=1).double())
            of_these = torch.logsumexp(joint.add_(log_area), dim=1).double()
            mass[some] = torch.logaddexp(mass[some], of_these)
        done += len(z)
        yield done / len(places.z)
    return Masses(highest + math.log(2.0 * math.pi * (0.5 * grid.step) ** 2), mass + _HIDDEN)

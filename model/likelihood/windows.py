"""Integrals over windows: small grids of an image's own.

A window is a rectangle about a middle, 12 x 12 units large; a unit is, in each axis, about the
standard deviation of p(z|x) there. It begins at a place where a mode is suspected. The first two
moments of p(x, z) over its 13 x 13 points then move and scale it until it holds a mode and its rim
holds nothing. Finally it is summed over finer and finer points until the sum no longer changes.

For a Gaussian mode along the axes the midpoint sum with the first step is exact to 1e-9.
"""

from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from model.likelihood.elbo import paired_log_likelihood
from model.likelihood.grid import Grid
from model.network.densities import log_prior
from model.network.vae import VAE

TOLERANCE = 0.005  # nats by which finer points may change an integral

_SIDE = 13
_FINER = (20, 30, 45, 68, 102)  # two thirds of the step each time
_REACH = 6.0  # units
_MOST_MOVES = 12
_RIM = 1e-4  # the fraction of a window's mass that its outermost cells may hold
_VARIANCES = (0.5, 1.6)  # in square units: as good as one
_LEAST_VARIANCE = (2.0 * _REACH / _SIDE) ** 2 / 8.0  # where one cell holds everything
_WIDEST = 5.0
_LARGEST_UNIT = 1.5  # the prior's is one
_FLOAT32 = 2e-6  # relative: narrower units have too few numbers between them
_WINDOWS_AT_ONCE = 12
_POINTS_AT_ONCE = 2048


class Windows(NamedTuple):
    """The integrals of p(x, z) over W windows.

    Attributes:
        middle: (W, 2) float64.
        unit: (W, 2) float64; a window reaches 6 of them to each side.
        log_mass: log of the integral, (W,) float64.
        log_outside: that of the part beyond the edge of the grid; minus infinity where none is.
        sound: whether finer points change nothing and the rim holds nothing, (W,) bool.
    """

    middle: Tensor
    unit: Tensor
    log_mass: Tensor
    log_outside: Tensor
    sound: Tensor

    def of(self, windows: Tensor) -> "Windows":
        """Some of the windows, given by their indices."""
        return Windows(*(column[windows] for column in self))

    @property
    def reach(self) -> float:
        """How far any window reaches along an axis."""
        return float((self.middle.abs() + _REACH * self.unit).max())

    def contains_along(self, axis: Tensor) -> Tensor:
        """Whether one window reaches coordinates (A,), along either axis: (2, A) bool."""
        beyond: Tensor = (axis - self.middle.T).abs() <= _REACH * self.unit.T
        return beyond

    def same_mode(self, sound: "Windows") -> bool:
        """Whether a single window fell upon the mode that another, sound one holds."""
        reach = torch.maximum(self.unit, sound.unit) if self.sound else sound.unit
        return bool(((self.middle - sound.middle).abs() <= _REACH * reach).all())

    def overlaps(self, other: "Windows") -> bool:
        """Whether two single windows have points in common."""
        reach = _REACH * (self.unit + other.unit)
        return bool(((self.middle - other.middle).abs() < reach).all())


def integrate_windows(
    vae: VAE, x: Tensor, middle: Tensor, unit: Tensor, grid: Grid
) -> Generator[float, None, Windows]:
    """Integrate p(x, z) over a window for each of the images x (W, 784), in steps of some windows.

    Args:
        vae: a model with two latent dimensions.
        x: (W, 784); an image may come several times.
        middle: where the windows begin, (W, 2) float64.
        unit: how wide, (W, 2) float64.
        grid: whose edge tells inside from outside.

    Yields the fraction done.
    """
    nothing = x.new_empty(0, dtype=torch.float64)
    found = [Windows(middle[:0], unit[:0], nothing, nothing, nothing.bool())]
    for start in range(0, len(x), _WINDOWS_AT_ONCE):
        some = slice(start, start + _WINDOWS_AT_ONCE)
        settled = yield from _settle(vae, x[some], middle[some], unit[some], start / len(x))
        found.append((yield from _refine(vae, x[some], *settled, grid, start / len(x))))
    return Windows(*(torch.cat(columns) for columns in zip(*found, strict=True)))


def log_joint_at(vae: VAE, x: Tensor, z: Tensor) -> Tensor:
    """Log p(x, z) of images x (B, 784) at points of their own (B, K, 2): (B, K) float64.

    Minus infinity where the decoder gives no finite number.
    """
    at_once = max(1, _POINTS_AT_ONCE // max(1, len(x)))
    columns = []
    for some in torch.split(z, at_once, dim=1):
        logits = vae.decoder(some.flatten(0, 1).float()).view(*some.shape[:2], x.shape[1])
        columns.append(paired_log_likelihood(logits, x).double() + log_prior(some.double()))
    return torch.cat(columns, dim=1).nan_to_num(-torch.inf, -torch.inf, -torch.inf)


def _points(side: int) -> Tensor:
    """Midpoints of side x side cells of a window, in units: (side^2, 2) float64."""
    axis = ((torch.arange(side, dtype=torch.float64) + 0.5) / side * 2.0 - 1.0) * _REACH
    return torch.cartesian_prod(axis, axis)


def _settle(
    vae: VAE, x: Tensor, middle: Tensor, unit: Tensor, done: float
) -> Generator[float, None, tuple[Tensor, Tensor, Tensor]]:
    """Move and scale windows until each holds a mode: middle, unit, and whether it does."""
    middle, unit, widened = middle.clone(), unit.clone(), torch.ones_like(unit)
    settled = torch.zeros(len(x), dtype=torch.bool, device=x.device)
    for _ in range(_MOST_MOVES):
        moving = (~settled).nonzero().squeeze(1)
        if len(moving) == 0:
            break
        mean, variance, clear = _moments(vae, x[moving], middle[moving], unit[moving])
        as_wide = variance * widened[moving].square()
        fits = (as_wide > _VARIANCES[0]) & (as_wide < _VARIANCES[1])
        ready = fits.all(dim=1) & clear
        settled[moving[ready]] = True
        fits, mean, variance, on = fits[~ready], mean[~ready], variance[~ready], moving[~ready]
        # The right width, and yet something on the rim: heavier tails than a Gaussian has.
        widened[on] = torch.where(fits, 1.5 * widened[on], widened[on]).clamp_max(_WIDEST)
        middle[on] += unit[on] * mean
        unit[on] = (unit[on] * variance.sqrt() * widened[on]).clamp_max(_LARGEST_UNIT)
        yield done
    settled &= (unit > _FLOAT32 * middle.abs()).all(dim=1)
    return middle, unit, settled


def _moments(vae: VAE, x: Tensor, middle: Tensor, unit: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of p(x, z) over each window: mean and variances in units, both (W, 2); is the rim clear."""
    points = _points(_SIDE).to(x.device)
    z = middle.unsqueeze(1) + unit.unsqueeze(1) * points
    weights = torch.softmax(log_joint_at(vae, x, z), dim=1).nan_to_num(0.0)
    mean = weights @ points
    variance = weights @ points.square() - mean.square()
    on_rim = points.abs().amax(dim=1) > _REACH - 2.0 * _REACH / _SIDE
    clear = (weights[:, on_rim].sum(dim=1) < _RIM) & (weights.sum(dim=1) > 0.5)
    return mean, variance.clamp_min(_LEAST_VARIANCE), clear


def _refine(
    vae: VAE, x: Tensor, middle: Tensor, unit: Tensor, settled: Tensor, grid: Grid, done: float
) -> Generator[float, None, Windows]:
    """Sum over finer and finer points until the sum no longer changes."""
    log_mass, log_outside = _sums(vae, x, middle, unit, _SIDE, grid)
    sound = torch.zeros_like(settled)
    for side in _FINER:
        open_ = (settled & ~sound).nonzero().squeeze(1)
        if len(open_) == 0:
            break
        mass, outside = _sums(vae, x[open_], middle[open_], unit[open_], side, grid)
        change = (mass - log_mass[open_]).abs()
        change += (_ratio(outside, mass) - _ratio(log_outside[open_], log_mass[open_])).abs()
        sound[open_] = change < TOLERANCE
        log_mass[open_], log_outside[open_] = mass, outside
        yield done
    return Windows(middle, unit, log_mass, log_outside, sound)


def _ratio(log_part: Tensor, log_whole: Tensor) -> Tensor:
    return torch.exp(log_part - log_whole)


def _sums(
    vae: VAE, x: Tensor, middle: Tensor, unit: Tensor, side: int, grid: Grid
) -> tuple[Tensor, Tensor]:
    """Log of the integral, and of its part outside the grid, with side x side cells: both (W,)."""
    z = middle.unsqueeze(1) + unit.unsqueeze(1) * _points(side).to(x.device)
    cell = unit * (2.0 * _REACH / side)
    joint = log_joint_at(vae, x, z) + cell.log().sum(dim=1, keepdim=True)
    half = 0.5 * cell.unsqueeze(1)
    inside = (z + half).clamp_max(grid.reach) - (z - half).clamp_min(-grid.reach)
    fraction = (inside / (2.0 * half)).clamp(0.0, 1.0).prod(dim=2)
    outside = torch.where(fraction < 1.0 - 1e-9, torch.log1p(-fraction), -torch.inf)
    return torch.logsumexp(joint, dim=1), torch.logsumexp(joint + outside, dim=1)

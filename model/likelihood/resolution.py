"""From sums over the grid to integrals: what the grid cannot carry is integrated over windows.

Wherever there is a sign that the grid misses something of an image (model/likelihood/suspicion.py),
a window is integrated (model/likelihood/windows.py). A window that is narrow, measured in steps of
the grid, replaces the grid's own sum over its area; a broad one adds the mass beyond the edge.

An image is not resolved, and gets NaN, if a window that counts does not converge, if two windows
overlap, if mass at the edge is in no window, or if the result lies below the ELBO.
"""

import math
from collections.abc import Generator

import torch
from torch import Tensor

from model.likelihood.grid import Grid
from model.likelihood.summation import Sums
from model.likelihood.suspicion import BELOW_ELBO, RIM, Places, Seen, suspicious_places
from model.likelihood.windows import TOLERANCE, Windows, integrate_windows, log_joint_at
from model.network.vae import VAE

MOST_WINDOWS = 30_000

_NEGLIGIBLE = 7.0  # nats: a thousandth
_NARROW = 1.2  # steps
_MOST_POINTS = 40_000  # of the grid in one window
_ROUNDING = 1e-4  # relative, of a float32 sum of 784 terms


def resolve(
    vae: VAE, x: Tensor, grid: Grid, sums: Sums, seen: Seen
) -> Generator[float, None, Tensor]:
    """Log p(x) of N images, (N,) float64; not a number for those that are not resolved.

    Yields the fraction done.
    """
    places = yield from suspicious_places(vae, x, grid, sums, seen)
    some = Places(*(column[:MOST_WINDOWS] for column in places))
    windows = yield from integrate_windows(vae, x[some.images], some.middle, some.unit, grid)
    total, rim = sums.log_joint + grid.log_cell, sums.rim + grid.log_cell
    for image in sorted(set(some.images.tolist())):
        mine = windows.of((some.images == image).nonzero().squeeze(1))
        total[image] = _combine(vae, x[image], grid, total[image].item(), rim[image].item(), mine)
        yield 1.0
    total[places.images[MOST_WINDOWS:]] = torch.nan
    total[~(total >= seen.elbo - BELOW_ELBO)] = torch.nan
    return total


def _combine(
    vae: VAE, x: Tensor, grid: Grid, on_grid: float, rim: float, windows: Windows
) -> float:
    """Log p(x) of one image x (784,) from its sum over the grid and its windows; or NaN."""
    rest, parts = on_grid, [-math.inf]
    kept: list[Windows] = []
    for index in (windows.log_mass + 1e9 * windows.sound).argsort(descending=True):
        window = windows.of(index.unsqueeze(0))
        if any(window.same_mode(other) for other in kept):
            continue
        narrow = bool((window.unit < _NARROW * grid.step).any())
        seen = _on_grid(vae, x, grid, window) if narrow else -math.inf
        new = window.log_mass.item() if narrow else window.log_outside.item()
        if max(new, seen) < max(rest, *parts) - _NEGLIGIBLE:
            continue
        if not window.sound or any(window.overlaps(other) for other in kept):
            return math.nan
        kept.append(window)
        parts.append(new)
        rest = _difference(rest, seen)
    total = torch.logsumexp(torch.tensor([rest, *parts], dtype=torch.float64), dim=0).item()
    rounding = math.log(_ROUNDING) + on_grid if rest < on_grid else -math.inf
    to_edge = any(window.reach > grid.reach - grid.step for window in kept)
    at_edge = rim > total + math.log(RIM) and not to_edge
    return math.nan if at_edge or rounding > total + math.log(TOLERANCE) else total


def _on_grid(vae: VAE, x: Tensor, grid: Grid, window: Windows) -> float:
    """The grid's own sum over the points inside a window: log of an integral.

    Infinite if there are too many points to sum again; the image is then not resolved.
    """
    axis = grid.axis().to(x.device)
    rows, columns = (axis[along] for along in window.contains_along(axis))
    if len(rows) * len(columns) > _MOST_POINTS:
        return math.inf
    z = torch.cartesian_prod(rows, columns).unsqueeze(0)
    return float(torch.logsumexp(log_joint_at(vae, x.unsqueeze(0), z), dim=1)) + grid.log_cell


def _difference(log_whole: float, log_part: float) -> float:
    """log(exp(whole) - exp(part)); minus infinity where rounding leaves nothing."""
    return log_whole + math.log(max(0.0, -math.expm1(min(0.0, log_part - log_whole))) or 1e-300)

"""The prior N(0, I): how much of it lies nearer to its mean than a point does."""

import math

import torch


def mass_within(radius: float, dimensions: int) -> float:
    """The prior's mass within a distance of the origin, from 0 to 1.

    |z|^2 is chi-squared with as many degrees of freedom as z has dimensions, so this is the
    regularised lower incomplete gamma function P(D / 2, radius^2 / 2).
    """
    half = torch.tensor([dimensions / 2.0, radius**2 / 2.0], dtype=torch.float64)
    return float(torch.special.gammainc(half[0], half[1]))


def log_density(radius: float, dimensions: int) -> float:
    """Log p(z) at a distance from the origin; the density is per unit of z, in D dimensions."""
    return -0.5 * (radius**2 + dimensions * math.log(2.0 * math.pi))

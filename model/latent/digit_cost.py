"""A second cost of ways through the plane: stay where digits are.

A decoder that is sure everywhere lets shortest paths cross places where no image lies. Here a step
costs more there: with q(z) the density of the aggregate posterior,

    ds' = ds (1 + q0 / q(z)),

where q0 is the density that 9 of 10 images exceed where they lie. So a step costs up to twice its
Fisher length where digits are, and many times that in a hole; never more than 1,001 times, so that
every place can be reached. Paths by this cost are longer, and are named apart.
"""

import numpy as np

from model.latent.geometry import Doubles

EXCEEDED_BY = 0.9  # of the images
_MOST = 1000.0
_LEAST = 1e-3  # of the highest density: through slices far from most images q0 could be nothing


def usual_density(density: Doubles) -> float:
    """The density that 9 of 10 images exceed, from the density where each lies, (N,)."""
    exceeded = float(np.quantile(density, 1.0 - EXCEEDED_BY))
    return max(exceeded, _LEAST * float(density.max()), 1e-300)


def cost_factors(density: Doubles, usual: float) -> Doubles:
    """How many times its Fisher length a step costs where the density is so, of any shape."""
    return np.asarray(1.0 + usual / np.maximum(density, usual / _MOST))

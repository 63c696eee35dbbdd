"""The label of each cell of a table: the shares of the classes in the aggregate posterior there.

p(label | z) is the share of a class among the q(z|x) of labelled images
(`model.latent.aggregate_posterior`): a statement about where the encoder puts such images, not a
classifier of its own. Where none of them reaches a cell, every label counts as equally likely.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from model.latent.aggregate_posterior import AggregatePosterior
from model.latent.decode_table import LIMIT


def label_shares(aggregate: AggregatePosterior, side: int) -> NDArray[np.float64]:
    """p(label | z), averaged over each cell of the inner grid: (side^2, K); each row sums to one.

    The cells are in the order of a `DecodeTable` with `side` points along an axis.
    """
    edges = torch.linspace(-LIMIT, LIMIT, side + 1, dtype=torch.float64)
    densities = aggregate.on_cells(edges, edges).double().flatten(1).T.clamp_min(0.0)
    total = densities.sum(dim=1, keepdim=True)
    shares = torch.where(total > 0.0, densities / total, 1.0 / aggregate.classes)
    return np.asarray(shares.numpy())

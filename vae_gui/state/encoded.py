"""What is open: a model, and sets of digits as it sees them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.files.checkpoint import Checkpoint
    from model.latent.aggregate_posterior import AggregatePosterior
    from model.latent.point_decoder import PointDecoder

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OpenModel:
    """A checkpoint that is open.

    Attributes:
        path: the file it came from.
        title: what to call it: the file's name, and of a run the folder's too.
        checkpoint: what was in it.
    """

    path: Path
    title: str
    checkpoint: "Checkpoint"

    @property
    def latent_dim(self) -> int:
        """D."""
        return self.checkpoint.config.latent_dim

    @cached_property
    def point_decoder(self) -> "PointDecoder":
        """What draws one point at a time, for the GUI thread."""
        from model.latent.point_decoder import PointDecoder

        return PointDecoder(self.checkpoint.vae.decoder)


@dataclass(frozen=True)
class EncodedDigits:
    """A set of images as a model sees it.

    Attributes:
        means: (N, D), the means of q(z|x).
        spreads: (N, D), its standard deviations.
        images: (N, 28, 28) uint8, the grey values of the data set.
        labels: (N,) whole numbers.
        class_names: a name for each label.
        source: what these points are, for the reader of the plane.
    """

    means: Array
    spreads: Array
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str

    def aggregate(self) -> "AggregatePosterior":
        """The mean of all q(z|x), by label."""
        import torch

        from model.latent.aggregate_posterior import AggregatePosterior
        from model.network.densities import Posterior

        mean, spread = (torch.from_numpy(a).float() for a in (self.means, self.spreads))
        labels = torch.from_numpy(self.labels).long()
        return AggregatePosterior(
            Posterior(mean, 2.0 * spread.log()), labels, len(self.class_names)
        )

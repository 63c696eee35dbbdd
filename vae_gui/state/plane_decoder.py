"""The decoder as a function of points of the plane. Free of Qt: workers call it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.encoded import Array, OpenModel
from vae_gui.state.slice import Slice


@dataclass(frozen=True)
class PlaneDecoder:
    """A model behind the slice that a plane shows.

    Attributes:
        model: what decodes.
        slice: from points of the plane to latent points.
    """

    model: OpenModel
    slice: Slice

    def __call__(self, points: Array) -> NDArray[np.float32]:
        """The logits of the pixels at points of the plane (B, 2): (B, 784). In a worker."""
        with np.errstate(over="ignore"):  # a place too far away is infinitely far
            z = self.slice.to_latent(points).astype(np.float32)
        return self.model.decode_logits(z)

    def images(self, points: Array) -> NDArray[np.float32]:
        """The pixels' Bernoulli means there: (B, 28, 28). In a worker."""
        return self.model.decode(self.slice.to_latent(points))

"""What is seen at a point of the latent space."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NearestDigit:
    """The test digit that is drawn nearest to a point of the plane.

    Attributes:
        index: its place in the test set.
        distance: from the point to its posterior mean, over all D dimensions.
    """

    index: int
    distance: float


@dataclass(frozen=True)
class Reading:
    """What is seen at one latent point: the decoder's input, its output, what lies near.

    Attributes:
        z: (D,), exactly what was decoded, which is the point in single precision.
        image: (28, 28) float32 in [0, 1], the pixels' Bernoulli means; row 0 is the top.
        is_peek: whether the point is the one under the cursor, not the probe.
        nearest: None until the digits are encoded.
    """

    z: Array
    image: NDArray[np.float32]
    is_peek: bool
    nearest: NearestDigit | None

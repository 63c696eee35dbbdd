"""Three ways to look at the decoder's answer, which is a Bernoulli mean for each pixel."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


class DecodedAs(StrEnum):
    """What is drawn of p(x|z)."""

    MEAN = "mean"
    SAMPLE = "sample"
    THRESHOLD = "threshold"

    @property
    def sentence(self) -> str:
        """What the picture is."""
        return _SENTENCES[self]


_SENTENCES = {
    DecodedAs.MEAN: "The mean of p(x|z)",
    DecodedAs.SAMPLE: "One draw of p(x|z)",
    DecodedAs.THRESHOLD: "The likeliest x",
}


class Drawing:
    """Turns means into pictures.

    One draw compares each pixel's mean with a number between 0 and 1 that stays until it is drawn
    anew: while z moves, a pixel then only turns when its mean crosses its number, and the digit
    morphs instead of flickering. Each picture by itself is an exact Bernoulli sample.
    """

    def __init__(self, seed: int = 0) -> None:
        self._generator = np.random.default_rng(seed)
        self.decoded_as = DecodedAs.MEAN
        self.draw_anew()

    def draw_anew(self) -> None:
        """Take other numbers."""
        self._thresholds = self._generator.random((28, 28), dtype=np.float32)

    def picture(self, means: Image) -> Image:
        """Means (28, 28) in [0, 1] as they are to be looked at; zeros and ones, or the means."""
        if self.decoded_as is DecodedAs.SAMPLE:
            return (self._thresholds < means).astype(np.float32)
        if self.decoded_as is DecodedAs.THRESHOLD:
            return (means >= 0.5).astype(np.float32)  # each pixel's likelier value
        return means

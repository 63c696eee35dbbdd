"""Three ways to draw p(x|z), a Bernoulli distribution for each pixel."""

from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


class DecodedAs(StrEnum):
    """The way in which p(x|z) is drawn."""

    MEAN = "mean"
    SAMPLE = "sample"
    THRESHOLD = "threshold"

    def sentence(self, decoded: str) -> str:
        """A sentence for what the picture is; `decoded` is how p(x|z) is written."""
        return _SENTENCES[self].format(decoded)


_SENTENCES = {
    DecodedAs.MEAN: "The mean of {}",
    DecodedAs.SAMPLE: "One draw of {}",
    DecodedAs.THRESHOLD: "The likeliest x",
}


class Drawing:
    """Draws pictures from the pixels' means.

    A sample compares each pixel's mean with a uniform random number, which is kept until the next
    draw is asked for. While z moves, a pixel changes only when its mean crosses its number: the
    digit morphs instead of flickering. Each picture by itself is an exact Bernoulli sample.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self.decoded_as = DecodedAs.MEAN

    def draw_anew(self) -> None:
        """Draw new random numbers."""
        self._thresholds = self._draw()

    @cached_property
    def _thresholds(self) -> Image:
        return self._draw()

    def _draw(self) -> Image:
        return self._generator.random((28, 28), dtype=np.float32)

    @cached_property
    def _generator(self) -> "np.random.Generator":
        # not at the start: the import of numpy.random takes as long as the window's first paint
        return np.random.default_rng(self._seed)

    def picture(self, means: Image) -> Image:
        """The picture (28, 28) of means in [0, 1]: the means themselves, or zeros and ones."""
        if self.decoded_as is DecodedAs.SAMPLE:
            return (self._thresholds < means).astype(np.float32)
        if self.decoded_as is DecodedAs.THRESHOLD:
            return (means >= 0.5).astype(np.float32)  # each pixel's likelier value
        return means

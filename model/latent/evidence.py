"""Evidence: what is known of each pixel of an image, and how far it can be trusted.

A pixel is ink (1), blank (0), a grey level in between, or unknown. With a flip rate e each known
pixel was turned over with probability e before it was seen, independently of the others:

    p(seen as ink | z) = (1 - e) p + e (1 - p),    p = p(pixel = 1 | z)

At e = 1/2 a known pixel says nothing. A grey level v counts as v times the log-probability of ink
plus 1 - v times that of blank: the usual formula, though not a likelihood.

Shapes: 784 pixels, row by row from the top.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import PIXELS, Floats

UNKNOWN = math.nan
_SMALLEST = np.float32(1e-37)


@dataclass(frozen=True)
class Evidence:
    """What is known of an image; its arrays are not changed.

    Attributes:
        pixels: (784,) float32 in [0, 1]; not a number where unknown.
        flip: the flip rate, from 0 to 1/2.

    Raises:
        ValueError: a pixel or the flip rate lies outside its range.
    """

    pixels: Floats
    flip: float = 0.0

    def __post_init__(self) -> None:
        known = self.pixels[~np.isnan(self.pixels)]
        if self.pixels.shape != (PIXELS,) or np.any((known < 0.0) | (known > 1.0)):
            raise ValueError("evidence is 784 pixels, each from 0 to 1 or not a number")
        if not 0.0 <= self.flip <= 0.5:
            raise ValueError(f"a flip rate lies between 0 and 0.5, and {self.flip} does not")

    @staticmethod
    def nothing(flip: float = 0.0) -> "Evidence":
        """No pixel is known."""
        return Evidence(np.full(PIXELS, UNKNOWN, dtype=np.float32), flip)

    @staticmethod
    def of(image: Floats, known: NDArray[np.bool_] | None = None, flip: float = 0.0) -> "Evidence":
        """An image of 784 pixels, of which some (784,) or all are known."""
        pixels = np.array(image, dtype=np.float32).reshape(-1)
        if known is not None:
            pixels[~known.reshape(-1)] = UNKNOWN
        return Evidence(pixels, flip)

    def marked(self, pixels: NDArray[np.intp], value: float | Floats) -> "Evidence":
        """The evidence with some pixels, given by their indices, set to a value or to UNKNOWN."""
        changed = self.pixels.copy()
        changed[pixels] = value
        return Evidence(changed, self.flip)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which pixels are known, (784,) bool."""
        return ~np.isnan(self.pixels)


def seen_as(log_p: Floats, flip: float) -> Floats:
    """Log p of seeing a value, of log p that the pixel has it; float32, of any shape."""
    if flip == 0.0:
        return log_p
    found: Floats = np.exp(log_p)
    found *= np.float32(1.0 - 2.0 * flip)
    found += np.float32(flip)
    return np.log(np.maximum(found, _SMALLEST), out=found)


def log_probability(ink: Floats, blank: Floats, evidence: Evidence) -> NDArray[np.float64]:
    """Log p(evidence | z) of K points from the log-probabilities of their pixels (K, 784): (K,)."""
    known = np.flatnonzero(evidence.known)
    value = evidence.pixels[known].astype(np.float64)
    on, off = seen_as(ink[:, known], evidence.flip), seen_as(blank[:, known], evidence.flip)
    return np.asarray(on @ value + off @ (1.0 - value))


def restored(ink: Floats, evidence: Evidence) -> Floats:
    """P(the true pixel is ink | z, what was seen of it): (..., 784) from p(pixel = 1 | z).

    Bayes' rule, pixel by pixel. An unknown pixel keeps p; one that cannot be wrong, its value.
    """
    found = np.array(ink, dtype=np.float32)
    known, flip = evidence.known, np.float32(evidence.flip)
    value = evidence.pixels[known]
    if flip == 0.0:
        found[..., known] = value
        return found
    p = found[..., known]
    as_ink = p * (1.0 - flip) / (p * (1.0 - flip) + (1.0 - p) * flip)
    as_blank = p * flip / (p * flip + (1.0 - p) * (1.0 - flip))
    found[..., known] = value * as_ink + (1.0 - value) * as_blank
    return found

"""What p(z | evidence) says of the pixels: their means, draws of whole images, and which to ask.

    mean_i               = sum over cells of w p(pixel i is ink | z)
    I(x_i; z | evidence) = H(mean_i) - sum over cells of w H(p(pixel i is ink | z))

with the entropy H of a coin, in nats: how much pixel i would tell about z if it were looked at, and
so which pixel to look at next (EDDI, Ma et al. 2019, need a further network and Monte Carlo). With
a flip rate, a look is as noisy as all others were: H and I are those of what would be seen.

Shapes: 784 pixels, K cells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import DecodeTable, Floats
from model.latent.evidence import Evidence, restored
from model.latent.plane_posterior import PlanePosterior

HEAVIEST = 400

_SMALLEST = np.float32(1e-30)


@dataclass(frozen=True)
class PixelQuestions:
    """The answers for each pixel, (784,) float32.

    Attributes:
        mean: p(pixel is ink | evidence): the posterior predictive mean.
        information: of looking at it, in nats; 0 where it is known already.
    """

    mean: Floats
    information: Floats


def ask_pixels(ink: Floats, weights: NDArray[np.floating], evidence: Evidence) -> PixelQuestions:
    """The answers from p(ink | z) of K cells, (K, 784), and their weights (K,), of sum one."""
    w = np.asarray(weights, dtype=np.float32)
    p = restored(ink, evidence)
    mean = np.clip(w @ p, 0.0, 1.0)
    if evidence.flip == 0.0:  # rounding of the weights must not show
        mean[evidence.known] = evidence.pixels[evidence.known]
    flip = np.float32(evidence.flip)
    seen, seen_mean = p + flip * (1.0 - 2.0 * p), mean + flip * (1.0 - 2.0 * mean)
    gain = np.maximum(coin_entropy(seen_mean) - w @ coin_entropy(seen), 0.0)
    return PixelQuestions(mean, np.where(evidence.known, np.float32(0.0), gain))


def ask_table(
    table: DecodeTable, posterior: PlanePosterior, evidence: Evidence, count: int = HEAVIEST
) -> PixelQuestions:
    """The answers from the `count` cells of the table that stand for all, in about 10 ms.

    `posterior` is one over the table's own cells.
    """
    cells, weights = posterior.heaviest(count)
    return ask_pixels(ink_at(table, cells), weights, evidence)


def ink_at(table: DecodeTable, cells: NDArray[np.intp]) -> Floats:
    """p(pixel is ink | z) at some cells of a table: (K, 784)."""
    return np.asarray(np.exp(table.ink[:, cells].T))


def draw_images(ink: Floats, evidence: Evidence, rng: np.random.Generator) -> Floats:
    """Draw the pixels of whole images at K points z: (K, 784) of zeros and ones.

    With z drawn from p(z | evidence) these are draws from p(image | evidence), where pixels agree
    with each other as those of the mean do not. Known pixels stay as they are, if they cannot be
    wrong, also grey ones.
    """
    p = restored(ink, evidence)
    drawn = (rng.random(p.shape, dtype=np.float32) < p).astype(np.float32)
    if evidence.flip == 0.0:
        drawn[:, evidence.known] = evidence.pixels[evidence.known]
    return drawn


def coin_entropy(p: Floats) -> Floats:
    """-p log p - (1 - p) log(1 - p), in nats."""
    q = 1.0 - p
    return np.asarray(-p * np.log(np.maximum(p, _SMALLEST)) - q * np.log(np.maximum(q, _SMALLEST)))

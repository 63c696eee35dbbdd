"""Masks: which pixels of an image are seen, and which are to be filled in.

Those of quadrants are of Sohn, Lee and Yan 2015 (section 5.1 and its figures): one, two or three of
the image's quarters are seen. The random ones are of Bachman and Precup 2015: each pixel of each
image is missing with the same probability.

Shapes: N images of 784 pixels, row by row from the top.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 28
_HALF = SIDE // 2

Seen = NDArray[np.bool_]


class MaskError(ValueError):
    """There is no mask of this name. The message is a sentence."""


@dataclass(frozen=True)
class Mask:
    """A mask.

    Attributes:
        name: as it is typed.
        seen: how many images and a seed -> which of their pixels are seen, (N, 784) bool.
    """

    name: str
    seen: Callable[[int, int], Seen]


def mask_named(name: str) -> Mask:
    """The mask of a name: a key of `FIXED`, or random-F, with a fraction F that is missing.

    Raises:
        MaskError: there is none.
    """
    if name in FIXED:
        _, seen = FIXED[name]
        return Mask(name, lambda count, _: np.repeat(seen.reshape(1, -1), count, axis=0))
    fraction = _fraction(name)
    if fraction is None:
        raise MaskError(
            f"there is no mask {name!r}; choose from {', '.join(FIXED)}, and random-F with a "
            "missing fraction F between 0 and 1, such as random-0.8"
        )
    return Mask(name, lambda count, seed: _random(fraction, count, seed))


def _fraction(name: str) -> float | None:
    word, _, number = name.partition("-")
    try:
        fraction = float(number) if word == "random" else -1.0
    except ValueError:
        return None
    return fraction if 0.0 < fraction < 1.0 else None


def _random(fraction: float, count: int, seed: int) -> Seen:
    """The legacy generator's stream is frozen; the second seed keeps it apart from binarisation."""
    draws = np.random.RandomState([seed, 1]).random_sample((count, SIDE * SIDE))
    return np.asarray(draws >= fraction)


def _box(rows: slice, columns: slice) -> Seen:
    seen = np.zeros((SIDE, SIDE), dtype=bool)
    seen[rows, columns] = True
    return seen


_ALL = slice(None)
_FIRST, _LAST = slice(0, _HALF), slice(_HALF, SIDE)
_LEFT, _TOP = _box(_ALL, _FIRST), _box(_FIRST, _ALL)

FIXED: dict[str, tuple[str, Seen]] = {
    "left-half": ("the left half", _LEFT),
    "right-half": ("the right half", ~_LEFT),
    "top-half": ("the top half", _TOP),
    "bottom-half": ("the bottom half", ~_TOP),
    "quadrants-1": ("the lower left quarter", _box(_LAST, _FIRST)),
    "quadrants-2": ("the left half", _LEFT),
    "quadrants-3": ("all but the lower right quarter", _LEFT | _TOP),
}
"""What each shows, in words, and which pixels these are, (28, 28)."""

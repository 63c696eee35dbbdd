"""Pixels that are known and unknown as a picture, and in colour what a look at each would tell.

Ink is white and blank is black, as in all pictures of digits. Unknown pixels are striped, in
colours that no grey level has: the accent's, and with a map from these to the posterior's, the
redder, the more a pixel tells. A line parts them from what is known.
"""

from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.latent.evidence import Evidence
from vae_gui.panels.evidence.brush import SIDE
from vae_gui.state.pixel_map import PixelInformation
from vae_gui.style.palette import DARK, Theme, rgb

_Kind = TypeVar("_Kind", bound=np.generic)

HATCH = 6  # pixels from one stripe to the next, where a pixel is eight wide
LEVELS = 64  # of information
_GREY = (0xFF000000 + 0x010101 * np.arange(256)).astype(np.uint32)
_OUTLINE = {True: "#8fb0ff", False: "#2f55a8"}  # of what is known
# Ground, stripe and edge of unknown pixels: where nothing is told, and where most is.
_LEAST = {True: ("#26345a", "#4d6cb4", "#1b2643"), False: ("#dbe6fb", "#9db9ee", "#eef3fd")}
_MOST = {True: ("#ff5fb8", "#ffb0dc", "#a83a7c"), False: ("#c2007c", "#e45fb0", "#f3c4e0")}


def picture(
    evidence: Evidence, scale: int, theme: Theme, told: PixelInformation | None = None
) -> NDArray[np.uint32]:
    """Each pixel as a square of `scale` screen pixels: (28 scale, 28 scale), 0xffRRGGBB."""
    known = evidence.known
    levels = _GREY[np.rint(255.0 * np.where(known, evidence.pixels, 0.0)).astype(np.uint8)]
    grey = _enlarged(levels.reshape(SIDE, SIDE), scale)
    shown = _enlarged(known.reshape(SIDE, SIDE), scale)
    found = np.where(shown, grey, _unknown(scale, theme, told))
    found[_around(shown, max(1, scale // 8))] = rgb(_OUTLINE[theme is DARK])
    return np.ascontiguousarray(found)


def ramp(theme: Theme) -> NDArray[np.uint32]:
    """The ground's colours from nothing told to the most: (LEVELS,), 0xffRRGGBB."""
    return _inks(theme)[:, 0]


def _unknown(scale: int, theme: Theme, told: PixelInformation | None) -> NDArray[np.uint32]:
    parts = _parts(SIDE * scale, scale)
    if told is None:
        return np.asarray(_inks(theme)[0][parts])
    fraction = told.nats / max(told.highest, 1e-9)
    steps = np.rint((LEVELS - 1) * fraction).astype(np.uint8).reshape(SIDE, SIDE)
    return np.asarray(_inks(theme)[_enlarged(steps, scale), parts])


def _around(shown: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The screen pixels beside what is known: a line there lets one see a single pixel."""
    found = np.zeros_like(shown)
    found[width:] |= shown[:-width]
    found[:-width] |= shown[width:]
    found[:, width:] |= shown[:, :-width]
    found[:, :-width] |= shown[:, width:]
    return np.asarray(found & ~shown)


def _enlarged(pixels: NDArray[_Kind], scale: int) -> NDArray[_Kind]:
    return np.repeat(np.repeat(pixels, scale, axis=0), scale, axis=1)


@lru_cache(maxsize=8)
def _parts(side: int, scale: int) -> NDArray[np.uint8]:
    """What each screen pixel of a square is: 0 ground, 1 a diagonal stripe, 2 a pixel's edge."""
    row, column = np.mgrid[:side, :side]
    period = max(3, HATCH * scale // 8)
    found = ((row + column) % period < max(1, period // 3)).astype(np.uint8)
    found[(row % scale == 0) | (column % scale == 0)] = 2
    return np.asarray(found)


@lru_cache(maxsize=2)
def _inks(theme: Theme) -> NDArray[np.uint32]:
    """The colours of ground, stripe and edge at each level of information: (LEVELS, 3)."""
    ends = [
        np.array([_channels(colour) for colour in colours[theme is DARK]])
        for colours in (_LEAST, _MOST)
    ]
    share = np.linspace(0.0, 1.0, LEVELS)[:, None, None]
    red, green, blue = np.moveaxis((1.0 - share) * ends[0] + share * ends[1], -1, 0)
    packed = (np.rint(red) * 65536 + np.rint(green) * 256 + np.rint(blue)).astype(np.uint32)
    return np.asarray(packed | np.uint32(0xFF000000))


def _channels(colour: str) -> list[float]:
    pixel = rgb(colour)
    return [float((pixel >> shift) & 0xFF) for shift in (16, 8, 0)]

"""From numbers to colours: viridis for amounts, blue - nothing - red for what has a sign.

The tables are pyqtgraph's: viridis, and Kovesi's CET-D1 and CET-D4 ("Good colour maps: how to
design them", arXiv 1509.03700), whose lightness changes evenly; the middle of these is moved to the
colour of the surface.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from vae_gui.style.palette import DARK, LIGHT

STEPS = 256


@cache
def amounts() -> NDArray[np.uint32]:
    """Viridis: (256,) opaque colours, 0xffRRGGBB."""
    return _table("viridis")


@cache
def signed(on_dark: bool) -> NDArray[np.uint32]:
    """Blue below zero, red above it, the surface's own colour at it: (256,), 0xffRRGGBB."""
    table = _channels(_table("CET-D4" if on_dark else "CET-D1"))
    from_middle = np.abs(np.linspace(-1.0, 1.0, STEPS))
    middle = table[STEPS // 2 - 1 : STEPS // 2 + 1].mean(axis=0)
    table += (1.0 - from_middle[:, None]) * (_surface(on_dark) - middle)
    return _colours(table)


@cache
def signed_ink(on_dark: bool) -> NDArray[np.uint32]:
    """`signed` as thin as it can be and look the same upon the surface: (256,), premultiplied.

    What lies under it is seen where there is little to say: at zero it is not there at all.
    """
    surface, colours = _surface(on_dark), _channels(signed(on_dark))
    difference = colours - surface
    room = np.where(difference < 0.0, surface, 255.0 - surface)
    alpha = np.abs(difference / np.maximum(room, 1.0)).max(axis=1, keepdims=True).clip(0.0, 1.0)
    ink = (colours - (1.0 - alpha) * surface).clip(0.0, 255.0 * alpha)
    opacity = np.round(255.0 * alpha[:, 0]).astype(np.uint32)
    return (_colours(ink) & np.uint32(0x00FFFFFF)) | (opacity << np.uint32(24))


def _surface(on_dark: bool) -> NDArray[np.float64]:
    """What the plane is drawn upon: red, green and blue."""
    return _channels(np.array([int((DARK if on_dark else LIGHT).surface[1:], 16)]))[0]


def _channels(colours: NDArray[np.integer]) -> NDArray[np.float64]:
    """Red, green and blue from 0 to 255: (N,) -> (N, 3)."""
    return np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.float64)


def _colours(channels: NDArray[np.floating]) -> NDArray[np.uint32]:
    """(N, 3) -> (N,) opaque colours, 0xffRRGGBB."""
    red, green, blue = np.round(channels).clip(0, 255).astype(np.uint32).T
    made: NDArray[np.uint32] = (red << 16) | (green << 8) | blue | np.uint32(0xFF000000)
    return made


def _table(name: str) -> NDArray[np.uint32]:
    import pyqtgraph as pg

    return _colours(np.asarray(pg.colormap.get(name).getLookupTable(nPts=STEPS)[:, :3], float))


def steps_of(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """Where numbers lie in a table from `low` to `high`, which end the scale: the same shape."""
    part = (np.asarray(values, dtype=np.float64) - low) / (high - low if high > low else 1.0)
    return np.clip(np.nan_to_num(part) * (STEPS - 1) + 0.5, 0, STEPS - 1).astype(np.uint8)


def with_alpha(colours: NDArray[np.uint32], alpha: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Opaque colours made translucent, premultiplied, each by its alpha in [0, 1]."""
    a, r, g, b = (
        np.round(((colours >> shift) & 0xFF) * alpha).astype(np.uint32) for shift in (24, 16, 8, 0)
    )
    return np.asarray((a << 24) | (r << 16) | (g << 8) | b, dtype=np.uint32)

"""From numbers to colours: viridis for amounts, blue - nothing - red for what has a sign.

The tables are pyqtgraph's: viridis, and Kovesi's CET-D1 and CET-D4 ("Good colour maps: how to
design them", arXiv 1509.03700), whose lightness changes evenly.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

STEPS = 256


@cache
def amounts() -> NDArray[np.uint32]:
    """Viridis: (256,) opaque colours, 0xffRRGGBB."""
    return _table("viridis")


@cache
def signed(on_dark: bool) -> NDArray[np.uint32]:
    """Blue below zero, red above it, the background's colour at it: (256,), 0xffRRGGBB."""
    return _table("CET-D4" if on_dark else "CET-D1")


def _table(name: str) -> NDArray[np.uint32]:
    import pyqtgraph as pg

    channels = pg.colormap.get(name).getLookupTable(nPts=STEPS)[:, :3]
    red, green, blue = np.asarray(channels, dtype=np.uint32).T
    return (red << 16) | (green << 8) | blue | np.uint32(0xFF000000)


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

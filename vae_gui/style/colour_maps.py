"""From numbers to colours: viridis for amounts; from blue to red for numbers with a sign.

The tables are files of pyqtgraph: viridis, and Kovesi's CET-D1 and CET-D4 ("Good colour maps: how
to design them", arXiv 1509.03700), whose lightness changes evenly. The middle of the latter two is
moved to the colour of the surface. The package itself, slow to import, is not needed for that.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_gui.style.palette import DARK, LIGHT, Theme, contrast, rgb

STEPS = 256
VISIBLE = 3.0  # the least contrast with the surface (WCAG 2.2, 1.4.11)


@cache
def amounts(theme: Theme) -> NDArray[np.uint32]:
    """The part of viridis that can be seen upon a theme's surface: (256,), 0xffRRGGBB.

    Its ends are nearly black and nearly white, so each theme does without one of them.
    """
    whole = _table("viridis")
    seen = np.flatnonzero(contrast(whole, np.array(rgb(theme.surface))) >= VISIBLE)
    places, channels = np.linspace(seen[0], seen[-1], STEPS), _channels(whole).T
    return _colours(np.stack([np.interp(places, np.arange(STEPS), one) for one in channels], 1))


@cache
def filled() -> NDArray[np.uint32]:
    """All of viridis, for an area without gaps, where nothing has to be seen upon a surface.

    (256,), 0xffRRGGBB.
    """
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
    """The colours of `signed` as transparent as they can be with the same look on the surface.

    What lies under them shows through near zero, where they are nearly transparent: (256,),
    premultiplied.
    """
    surface, colours = _surface(on_dark), _channels(signed(on_dark))
    difference = colours - surface
    room = np.where(difference < 0.0, surface, 255.0 - surface)
    alpha = np.abs(difference / np.maximum(room, 1.0)).max(axis=1, keepdims=True).clip(0.0, 1.0)
    ink = (colours - (1.0 - alpha) * surface).clip(0.0, 255.0 * alpha)
    opacity = np.round(255.0 * alpha[:, 0]).astype(np.uint32)
    made: NDArray[np.uint32] = (_colours(ink) & np.uint32(0xFFFFFF)) | (opacity << np.uint32(24))
    return made


def _surface(on_dark: bool) -> NDArray[np.float64]:
    """The colour that the plane is drawn upon: red, green and blue."""
    colour = (DARK if on_dark else LIGHT).surface
    surface: NDArray[np.float64] = _channels(np.array([rgb(colour)]))[0]
    return surface


def _channels(colours: NDArray[np.integer]) -> NDArray[np.float64]:
    """Red, green and blue from 0 to 255: (N,) -> (N, 3)."""
    return np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.float64)


def _colours(channels: NDArray[np.floating]) -> NDArray[np.uint32]:
    """(N, 3) -> (N,) opaque colours, 0xffRRGGBB."""
    red, green, blue = np.round(channels).clip(0, 255).astype(np.uint32).T
    made: NDArray[np.uint32] = (red << 16) | (green << 8) | blue | np.uint32(0xFF000000)
    return made


def _table(name: str) -> NDArray[np.uint32]:
    """One of pyqtgraph's tables of 256 colours: (256,) opaque colours, 0xffRRGGBB."""
    package = find_spec("pyqtgraph")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "colors" / "maps" / f"{name}.csv"
    lines = file.read_text(encoding="utf-8").splitlines()  # by itself, numpy imports gzip and lzma
    fractions = np.loadtxt(lines, delimiter=",", comments=";")
    return _colours(np.floor(255.0 * fractions + 0.5))  # rounded as pyqtgraph does


def steps_of(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """The rows of a table whose ends stand for `low` and `high`: of the shape of `values`."""
    inside = np.asarray(values, dtype=np.float64).clip(low, high)  # infinite ones, too
    fraction = (inside - low) / (high - low if high > low else 1.0)
    return (np.nan_to_num(fraction) * (STEPS - 1) + 0.5).astype(np.uint8)


def with_alpha(colours: NDArray[np.uint32], alpha: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Opaque colours made translucent by an alpha in [0, 1] each, premultiplied."""
    a, r, g, b = (
        np.round(((colours >> shift) & 0xFF) * alpha).astype(np.uint32) for shift in (24, 16, 8, 0)
    )
    return np.asarray((a << 24) | (r << 16) | (g << 8) | b, dtype=np.uint32)

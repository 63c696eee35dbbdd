"""The tables of colours: read from pyqtgraph's files without the package."""

import subprocess
import sys

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtGui import QColor
from seen_colours import contrast

from vae_gui.style import colour_maps
from vae_gui.style.theme import DARK, LIGHT


def table_of(name):
    """A table as pyqtgraph itself makes it: (256,) opaque colours, 0xffRRGGBB."""
    red, green, blue = pg.colormap.get(name).getLookupTable(nPts=256)[:, :3].astype(np.uint32).T
    return (red << 16) | (green << 8) | blue | np.uint32(0xFF000000)


def channels(colours):
    return np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(float)


def contrasts(table, ground):
    return [contrast(f"#{int(colour) & 0xFFFFFF:06x}", ground) for colour in table]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_amounts_have_those_colours_of_viridis_that_can_be_seen_on_the_ground(theme):
    viridis, amounts = (
        channels(table) for table in (table_of("viridis"), colour_maps.amounts(theme))
    )
    gaps = np.abs(amounts[:, None] - viridis).max(axis=2)
    assert gaps.min(axis=1).max() < 2.0  # each is one of viridis', in their order
    assert (np.diff(gaps.argmin(axis=1)) >= 0).all()
    seen = contrasts(table_of("viridis"), theme.surface)
    shown = [step for step, ratio in enumerate(seen) if ratio >= 3.0]
    np.testing.assert_array_equal(amounts[[0, -1]], viridis[[shown[0], shown[-1]]])
    assert min(contrasts(colour_maps.amounts(theme), theme.surface)) > 2.99


def test_signed_numbers_have_the_colours_of_kovesis_tables_with_another_middle():
    for name, theme in (("CET-D1", LIGHT), ("CET-D4", DARK)):
        expected = channels(table_of(name))
        middle = expected[127:129].mean(axis=0)
        surface = [int(theme.surface[i : i + 2], 16) for i in (1, 3, 5)]
        nearness = 1.0 - np.abs(np.linspace(-1.0, 1.0, 256))[:, None]
        expected = np.round(expected + nearness * (surface - middle)).clip(0.0, 255.0)
        np.testing.assert_array_equal(channels(colour_maps.signed(theme is DARK)), expected)


def test_the_tables_are_made_without_pyqtgraph():
    code = """
import sys
from vae_gui.style import colour_maps
colour_maps.amounts(colour_maps.LIGHT), colour_maps.signed_ink(False), colour_maps.signed_ink(True)
print("pyqtgraph" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False"]


def test_the_scale_of_signed_numbers_has_the_background_in_its_middle():
    for on_dark in (False, True):
        table = colour_maps.signed(on_dark)
        middle = [QColor(int(table[step])).lightness() for step in (127, 128)]
        ends = [QColor(int(table[step])).lightness() for step in (0, 255)]
        assert (max(middle) < min(ends)) if on_dark else (min(middle) > max(ends))


def test_thin_ink_looks_the_same_upon_the_surface():
    for theme in (LIGHT, DARK):
        surface = np.array(QColor(theme.surface).getRgb()[:3])
        on_dark = theme is DARK
        pairs = zip(colour_maps.signed_ink(on_dark), colour_maps.signed(on_dark), strict=True)
        for ink, opaque in pairs:
            *colour, alpha = (int(ink) >> shift & 0xFF for shift in (16, 8, 0, 24))
            assert max(colour) <= alpha  # premultiplied
            seen = np.array(colour) + (1.0 - alpha / 255.0) * surface
            assert np.abs(seen - channels(np.array([opaque]))[0]).max() < 2.0
        assert (int(colour_maps.signed_ink(on_dark)[127]) >> 24) < 8


def test_numbers_become_steps_and_those_beyond_the_scale_its_ends():
    values = np.array([-1.0, 0.0, 0.5, 1.0, 7.0])
    assert colour_maps.steps_of(values, 0.0, 1.0).tolist() == [0, 0, 128, 255, 255]
    assert colour_maps.steps_of(np.array([3.0]), 3.0, 3.0).tolist() == [0]


def test_what_is_infinite_has_the_colour_of_an_end_and_nothing_warns():
    values = np.array([-np.inf, np.inf, np.nan, 1e300, -1e300])
    assert colour_maps.steps_of(values, 0.0, 1e-3).tolist() == [0, 255, 0, 255, 0]
    assert colour_maps.steps_of(np.float32([1e38]), -1e60, 1e60).tolist() == [128]

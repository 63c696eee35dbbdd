"""Discs as pictures: their area, place and colour, and who covers whom."""

import numpy as np
import pytest

from vae_gui.plane.layers.discs import draw_discs

RED, BLUE = 0xFFFF0000, 0xFF0000FF
PALETTE = np.array([RED, BLUE], dtype=np.uint32)


def draw(centres, colours=None, diameter=6.0, size=(60, 40)):
    centres = np.array(centres, dtype=float).reshape(-1, 2)
    colours = np.zeros(len(centres), np.uint8) if colours is None else np.array(colours, np.uint8)
    return draw_discs(centres, colours, PALETTE, diameter, size)


def alpha(picture):
    return (picture >> 24) / 255.0


@pytest.mark.parametrize("diameter", [2.0, 4.5, 9.0])
@pytest.mark.parametrize("centre", [(20.0, 15.0), (20.5, 15.5), (20.25, 15.75), (20.9, 15.1)])
def test_a_disc_has_its_area_at_its_place(centre, diameter):
    covered = alpha(draw([centre], diameter=diameter))
    assert covered.sum() == pytest.approx(np.pi * diameter**2 / 4, rel=0.05, abs=0.3)
    rows, columns = np.indices(covered.shape) + 0.5
    place = [(covered * axis).sum() / covered.sum() for axis in (columns, rows)]
    assert np.abs(np.subtract(place, centre)).max() < 0.3


def test_colours_are_premultiplied_and_of_their_palette():
    picture = draw([(10, 10), (40, 20)], [0, 1])
    assert picture[10, 10] == RED
    assert picture[20, 40] == BLUE
    a, r, g, b = ((picture >> shift) & 0xFF for shift in (24, 16, 8, 0))
    assert (np.maximum(np.maximum(r, g), b) == a).all()
    assert {*np.unique(a)} - {0, 255}  # rims are smooth


def test_the_higher_one_covers_the_lower_whole():
    for order in ([0, 1], [1, 0]):  # whichever comes first
        centres = np.array([(20.25, 15.25), (22.25, 18.25)])[order]
        picture = draw(centres, np.array([0, 1])[order])
        alone = draw([(20.25, 15.25)])
        assert (picture[alone == RED] == RED).all()
        assert BLUE in picture


def test_discs_at_the_edge_are_cut_and_those_beyond_do_not_matter():
    whole = draw([(5, 5)], size=(60, 40))
    cut = draw([(-1.0, 3.0), (1e9, -1e9), (-50.0, 10.0), (59.9, 39.9)], size=(60, 40))
    assert cut[3, 0] == RED
    assert cut[39, 59] == RED
    assert alpha(cut).sum() < alpha(whole).sum() * 1.2
    assert draw([], size=(60, 40)).shape == (40, 60)


def test_a_disc_larger_than_the_picture_fills_it():
    assert (draw([(3.0, 3.0)], diameter=50.0, size=(6, 6)) == RED).all()


def test_many_discs_are_where_one_by_one_they_are():
    centres = np.random.default_rng(0).uniform(-5, 65, (300, 2))
    together = alpha(draw(centres)) > 0
    one_by_one = np.any([alpha(draw([centre])) > 0 for centre in centres], axis=0)
    np.testing.assert_array_equal(together, one_by_one)

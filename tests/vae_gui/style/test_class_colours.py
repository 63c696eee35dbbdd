"""The classes' colours: seen on their ground, and told apart by every eye where models confuse."""

from itertools import combinations

import numpy as np
import pytest
from seen_colours import contrast, difference, lab, least_difference, linear

from vae_gui.style.palette import DARK, LIGHT

# The digits that lie nearest to each other in a plane: the 16 pairs with the most neighbours, among
# the ten nearest test digits of each test digit in the bundled model, that have the other label.
# They hold 80 % of all neighbours that do.
CONFUSED = (
    (4, 9), (3, 5), (7, 9), (3, 8), (5, 8), (3, 9), (4, 7), (2, 7),
    (2, 8), (5, 6), (2, 3), (8, 9), (4, 6), (4, 8), (0, 2), (5, 9),
)  # fmt: skip

# Pairs in CIELAB with their differences, from table 1 of Sharma, Wu and Dalal 2005.
PUBLISHED = (
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.903),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.263),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
)
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@pytest.mark.parametrize(("one", "other", "expected"), PUBLISHED)
def test_differences_are_those_of_the_paper(one, other, expected):
    assert difference(one, other) == pytest.approx(expected, abs=5e-5)
    assert difference(other, one) == pytest.approx(expected, abs=5e-5)


def test_lightness_and_contrast_are_known_for_white_and_black():
    assert lab(linear("#ffffff")) == pytest.approx((100.0, 0.0, 0.0), abs=1e-3)
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_every_eye_tells_those_apart_that_models_confuse(theme):
    worst = min(least_difference(theme.classes[a], theme.classes[b]) for a, b in CONFUSED)
    assert worst > 24.0
    # His own ten colours keep 11.9 between any two, on no ground in particular.
    assert min(least_difference(*pair) for pair in combinations(theme.classes, 2)) > 7.5


@THEMES
def test_every_colour_can_be_seen_on_the_plane_and_beside_it(theme):
    for ground in (theme.surface, theme.window):
        assert min(contrast(colour, ground) for colour in theme.classes) >= 3.0


@THEMES
def test_the_colours_of_two_chains_are_seen_and_told_apart_on_a_posterior(theme):
    for colour in theme.chains:
        assert contrast(colour, theme.surface) >= 4.5
        assert least_difference(colour, theme.posterior) > 9.0  # each dot lies on the surface
    assert least_difference(*theme.chains) > 35.0


@pytest.mark.slow
def test_the_confused_pairs_are_those_of_the_bundled_model():
    from model import assets
    from vae_gui.jobs.opening import open_checkpoint
    from vae_gui.state.encoded import EncodedImages

    results = open_checkpoint(assets.PRETRAINED, None)
    test = next(found for found in results if isinstance(found, EncodedImages))
    results.close()
    mixed = np.zeros((10, 10), dtype=int)
    for index, mean in enumerate(test.means):
        distances = np.square(test.means - mean).sum(axis=1)
        distances[index] = np.inf
        np.add.at(mixed[test.labels[index]], test.labels[np.argpartition(distances, 10)[:10]], 1)
    counts = {(a, b): mixed[a, b] + mixed[b, a] for a, b in combinations(range(10), 2)}
    most = sorted(counts, key=counts.__getitem__, reverse=True)[: len(CONFUSED)]
    assert set(most) == set(CONFUSED)
    assert sum(counts[pair] for pair in CONFUSED) / sum(counts.values()) == pytest.approx(
        0.80, abs=0.005
    )

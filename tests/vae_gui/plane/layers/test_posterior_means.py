"""Points: each at its posterior mean, in the colour of its class or of its value."""

import numpy as np
import pytest
from drawn import CLOSER, VIEW, channels, patches, pixel_at
from PySide6.QtGui import QColor

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.posterior_means import TestImagesLayer
from vae_gui.style.colour_maps import amounts
from vae_gui.style.palette import LIGHT


def colour_of(patch, place):
    return QColor(*channels(pixel_at(patch, *place))[:3].tolist()).name()


def alone(places, index, distance):
    """Whether no other point lies near a point."""
    return (np.hypot(*(places - places[index]).T) < distance).sum() == 1


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_a_point_has_the_colour_of_its_class_at_its_mean(workspace, view):
    test = workspace.document.test
    (patch,) = patches(TestImagesLayer(), workspace, view)
    seen = [
        index
        for index, (x, y) in enumerate(test.means)
        if patch.bounds.grown(-0.01).contains(Bounds(x, x, y, y))
        and alone(test.means, index, 6.0 / view.per_unit)
    ]
    assert len(seen) > 8
    for index in seen:
        expected = LIGHT.classes[test.labels[index]]
        assert colour_of(patch, test.means[index]) == expected


def test_values_have_colours_and_what_is_not_known_is_faint(workspace):
    document = workspace.document
    document.measure(document.measures, "elbo", 0, np.linspace(-200.0, -100.0, 100))
    workspace.appearance.colour_by("elbo")
    (patch,) = patches(TestImagesLayer(), workspace, VIEW)
    scale, means = document.measures["elbo"].scale, document.test.means
    known = unknown = 0
    for index, (x, y) in enumerate(means):
        if not VIEW.bounds.contains(Bounds(x, x, y, y)) or not alone(means, index, 0.06):
            continue
        if index < 100:
            value = -200.0 + index * 100.0 / 99.0
            step = round(255 * np.clip((value - scale.low) / (scale.high - scale.low), 0.0, 1.0))
            expected = QColor(int(amounts(LIGHT)[step])).name()
            known += 1
        else:
            expected = LIGHT.line
            unknown += 1
        assert colour_of(patch, (x, y)) == expected
    assert min(known, unknown) > 20

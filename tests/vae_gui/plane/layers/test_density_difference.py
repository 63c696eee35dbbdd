"""The aggregate posterior minus the prior, against a direct sum over all images."""

import numpy as np
import pytest
from drawn import CLOSER, SPOTS, VIEW, densities, patches, pixel_at, points_of_cell

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.style import colour_maps
from vae_gui.style.palette import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_difference_is_that_of_a_direct_sum(trained, theme):
    table = colour_maps.signed_ink(theme is DARK)
    for view in (VIEW, CLOSER):
        for patch in patches(DensityDifferenceLayer(), trained, view, theme):
            for x, y in SPOTS:
                if not patch.bounds.contains(Bounds(x, x, y, y)):
                    continue
                z = points_of_cell(patch, x, y)
                prior = np.exp(-0.5 * (z**2).sum(1)).mean() / (2 * np.pi)
                difference = densities(trained.document.training, z).mean(0).sum() - prior
                step = np.clip((difference / SCALE.high + 1.0) / 2.0 * 255.0, 0, 255)
                found = np.flatnonzero(table == pixel_at(patch, x, y))
                assert np.abs(found - step).min() < 3.0


def test_without_training_images_there_is_nothing_to_draw(workspace):
    layer = DensityDifferenceLayer()
    assert layer.request(workspace.viewpoint, VIEW, LIGHT) is None
    assert layer.source(workspace.viewpoint) == "waits for training digits"

"""The regions of labels, against a direct sum over all images."""

import numpy as np
import pytest
from drawn import (
    CLOSER,
    SPOTS,
    VIEW,
    channels,
    densities,
    only,
    patches,
    picture_of,
    pixel_at,
    points_of_cell,
)
from gui_helpers import make_digits
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.state.encoded import OpenModel
from vae_gui.style.palette import LIGHT


@pytest.mark.parametrize("view", [VIEW, CLOSER])
def test_label_regions_are_those_of_a_direct_sum(trained, view):
    made = patches(LabelRegionsLayer(), trained, view)
    assert [patch.picture.shape[0] for patch in made] == sorted(
        patch.picture.shape[0] for patch in made
    )
    for patch in made:
        for x, y in SPOTS:
            if not patch.bounds.contains(Bounds(x, x, y, y)):
                continue
            density = densities(trained.document.training, points_of_cell(patch, x, y)).mean(0)
            colour = np.array([*QColor(LIGHT.classes[density.argmax()]).getRgb()[:3], 255])
            spread_out = 1.0 / 120  # one image more in a unit of area, of any label
            share = (density.max() + 0.1 * spread_out) / (density.sum() + spread_out)
            certainty = (share - 0.1) / 0.9
            assert np.abs(channels(pixel_at(patch, x, y)) - colour * certainty).max() < 5.0


def test_regions_on_the_screen_have_the_colour_of_the_likeliest_label(plane, workspace):
    digits = make_digits(count=300)
    digits.standard_deviations[:] = 0.3
    digits.labels[:] = (digits.means[:, 0] > 0.0) + 2 * (digits.means[:, 1] > 0.2)
    workspace.document.set_training(digits)
    only(workspace, "regions")
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    for zoom in (0, 4):
        plane.zoom(zoom, np.array([0.2, 0.1]))
        picture = picture_of(plane, workspace)
        view = plane.view()
        checked = 0
        for point in np.random.default_rng(1).normal(scale=0.7, size=(40, 2)):
            if not view.bounds.grown(-0.05).contains(Bounds(*point[[0, 0, 1, 1]])):
                continue
            density = densities(digits, point[None])[0]
            first, second = np.sort(density)[[-1, -2]]
            if first < 1.3 * second:
                continue
            label = density.argmax()
            share = (first + 0.1 / 300) / (density.sum() + 1.0 / 300)
            certainty = (share - 0.1) / 0.9
            expected = 255 + certainty * (
                np.array(QColor(LIGHT.classes[label]).getRgb()[:3]) - 255.0
            )
            found = picture.pixelColor(QPointF(*view.to_pixels(point)).toPoint()).getRgb()[:3]
            assert np.abs(expected - found).max() < 12.0
            checked += 1
        assert checked >= 4


def test_without_training_images_there_is_nothing_to_draw(workspace):
    layer = LabelRegionsLayer()
    assert layer.request(workspace.viewpoint, VIEW, LIGHT) is None
    assert layer.source(workspace.viewpoint) == "waits for training digits"
    document = workspace.document
    model = document.model
    other = OpenModel(model.path, model.title, model.checkpoint)  # a snapshot's, say
    document.replace_weights(other, document.test)
    assert layer.source(workspace.viewpoint) == "encoded where the hand rests"
    document.await_training(True)
    assert layer.source(workspace.viewpoint) == "waits for training digits"
    document.await_training(False, can_come=False)  # its file has gone
    assert layer.source(workspace.viewpoint) == "not encoded at a snapshot"

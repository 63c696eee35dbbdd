"""A slice with axes other than the first two, against direct computation."""

import numpy as np
import pytest
import torch
from drawn import channels, patches, pixel_at, points_of_cell
from gui_helpers import make_digits
from PySide6.QtGui import QColor

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.class_labels import Medians
from vae_gui.plane.layers.density_difference import SCALE, DensityDifferenceLayer
from vae_gui.plane.layers.label_regions import LabelRegionsLayer
from vae_gui.plane.layers.manifold import ManifoldLayer, cells_of, centre_of
from vae_gui.plane.layers.posterior_ellipses import ClassEllipsesLayer
from vae_gui.plane.layers.posterior_marks import ellipses_of
from vae_gui.plane.layers.posterior_means import TestImagesLayer
from vae_gui.plane.viewport import View
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace
from vae_gui.style import colour_maps
from vae_gui.style.palette import LIGHT

# Across: z3; upwards: z1; z2 is fixed.
BASE = np.array([0.3, -0.7, 0.5])
VIEW = View(Bounds(-2.0, 2.0, -1.5, 1.5), left=0.0, top=0.0, per_unit=100.0)


@pytest.fixture
def turned(make_model) -> Workspace:
    workspace = Workspace()
    workspace.document.open(make_model(3))
    workspace.document.set_test(make_digits(3, 60))
    workspace.viewpoint.go_to(Slice(BASE, None, (2, 0)), None, BASE)
    return workspace


def test_points_lie_at_their_third_and_first_coordinates(turned):
    (patch,) = patches(TestImagesLayer(), turned, VIEW)
    test, checked = turned.document.test, 0
    places = np.stack([test.means[:, 2], test.means[:, 0]], axis=1)
    for index, (x, y) in enumerate(places):
        others = np.hypot(*(places - places[index]).T) < 0.06
        if others.sum() > 1 or not VIEW.bounds.contains(Bounds(x, x, y, y)):
            continue
        found = QColor(*channels(pixel_at(patch, x, y))[:3].tolist()).name()
        assert found == LIGHT.classes[test.labels[index]]
        checked += 1
    assert checked > 20


def test_ellipses_reach_as_far_as_the_third_and_first_deviations(turned):
    test, index = turned.document.test, 17
    assert ellipses_of(test, index, turned.viewpoint.slice).standard_deviations == (
        test.standard_deviations[index, 2],
        test.standard_deviations[index, 0],
    )
    test.means[:] = [9.0, 9.0, 9.0]  # alone
    test.means[index] = [0.1, 5.0, -0.2]
    (patch,) = patches(ClassEllipsesLayer(), turned, VIEW)
    rows, columns = np.nonzero(patch.picture)
    x = patch.bounds.left + (columns + 0.5) / VIEW.per_unit
    y = patch.bounds.high - (rows + 0.5) / VIEW.per_unit
    for places, middle, deviation in (
        (x, -0.2, test.standard_deviations[index, 2]),
        (y, 0.1, test.standard_deviations[index, 0]),
    ):
        assert places.min() == pytest.approx(middle - 2.0 * deviation, abs=0.015)
        assert places.max() == pytest.approx(middle + 2.0 * deviation, abs=0.015)


def test_the_names_of_classes_stand_at_the_medians_of_these_coordinates(turned):
    test = turned.document.test
    for label, place in Medians().of(test, turned.viewpoint.slice).items():
        own = test.means[test.labels == label]
        np.testing.assert_allclose(place, np.median(own, axis=0)[[2, 0]])


def test_cells_are_decoded_with_the_second_coordinate_fixed(turned):
    decoder = turned.document.model.checkpoint.vae.decoder
    patch = patches(ManifoldLayer(), turned, VIEW)[-1]
    level = ManifoldLayer().request(turned.viewpoint, VIEW, LIGHT).level
    cells, _ = cells_of(patch.bounds, level)
    for row, column in ((0, 0), (3, 5), (len(cells) - 1, len(cells[0]) - 1)):
        x, y = centre_of(cells[row][column])
        with torch.no_grad():
            means = torch.sigmoid(decoder(torch.tensor([[y, BASE[1], x]]).float()))
        paper, ink = (QColor(colour).green() for colour in (LIGHT.surface, LIGHT.text))
        expected = paper + (ink - paper) * means.view(28, 28).numpy()
        expected *= np.exp(-(x**2 + y**2) / 6.0)  # it fades with the prior
        found = patch.picture[28 * row : 28 * row + 28, 28 * column : 28 * column + 28]
        assert np.abs(((found >> 8) & 0xFF) - expected).max() < 2.0


def density_on_slice(images, points):
    """Q(z3, z1, label | z2), by a direct sum: points (M, 2) -> (M, 10)."""
    off = (BASE[1] - images.means[:, 1]) / images.standard_deviations[:, 1]
    weights = np.exp(-0.5 * off**2) / images.standard_deviations[:, 1]
    found = np.zeros((len(points), 10))
    for index, label in enumerate(images.labels):
        mean, deviation = images.means[index, [2, 0]], images.standard_deviations[index, [2, 0]]
        exponent = -0.5 * (((points - mean) / deviation) ** 2).sum(axis=1)
        density = np.exp(exponent) / (2.0 * np.pi * deviation.prod())
        found[:, label] += weights[index] / weights.sum() * density
    return found


def test_densities_are_those_on_the_slice(turned):
    images = make_digits(3, 400)
    images.standard_deviations[:] *= 3.0
    images.labels[:] = (images.means[:, 0] > 0.0) + 2 * (images.means[:, 2] > 0.0)
    turned.document.set_training(images)
    difference = patches(DensityDifferenceLayer(), turned, VIEW)[-1]
    regions = patches(LabelRegionsLayer(), turned, VIEW)[-1]
    table, scale = colour_maps.signed_ink(False), 255.0 / 2.0
    for x, y in ((-0.9, 0.4), (0.3, -0.8), (0.7, 0.9), (-0.4, -0.3)):
        points = points_of_cell(difference, x, y)
        density = density_on_slice(images, points).mean(axis=0)
        prior = np.exp(-0.5 * (points**2).sum(axis=1)).mean() / (2.0 * np.pi)
        step = np.clip(((density.sum() - prior) / SCALE.high + 1.0) * scale, 0.0, 255.0)
        found = np.flatnonzero(table == pixel_at(difference, x, y))
        assert np.abs(found - step).min() < 3.0
        spread = 1.0 / 400  # as if one more image were spread over a unit of area
        share = (density.max() + 0.1 * spread) / (density.sum() + spread)
        colour = np.array([*QColor(LIGHT.classes[density.argmax()]).getRgb()[:3], 255])
        expected = colour * (share - 0.1) / 0.9
        assert np.abs(channels(pixel_at(regions, x, y)) - expected).max() < 5.0

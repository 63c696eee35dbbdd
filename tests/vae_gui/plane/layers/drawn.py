"""Layers drawn for the tests: two views, and how to read a picture."""

import numpy as np
from gui_helpers import settle_layers
from PySide6.QtGui import QImage

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.table import LAYERS
from vae_gui.plane.viewport import View
from vae_gui.state.appearance import LayerState
from vae_gui.style.palette import LIGHT

VIEW = View(Bounds(-3.0, 3.0, -2.0, 2.0), left=50.0, top=10.0, per_unit=100.0)
CLOSER = View(Bounds(0.3, 1.2, -0.5, 0.1), left=50.0, top=10.0, per_unit=666.0)
# Places with and without images, of which the closer view shows two.
SPOTS = [(0.31, -0.42), (-1.03, 0.77), (0.9, 0.05), (1.15, -0.35)]


def patches(layer, workspace, view, theme=LIGHT):
    """All pictures that a layer draws for a view."""
    request = layer.request(workspace.viewpoint, view, theme)
    return [patch for patch in layer.draw(request) if patch is not None]


def channels(pixel: np.uint32) -> np.ndarray:
    """Red, green, blue and alpha."""
    return np.array([(int(pixel) >> shift) & 0xFF for shift in (16, 8, 0, 24)])


def pixel_at(patch, x, y):
    """The pixel of a patch at a point of the plane."""
    rows, columns = patch.picture.shape
    column = int((x - patch.bounds.left) / patch.bounds.width * columns)
    row = int((patch.bounds.high - y) / patch.bounds.height * rows)
    return patch.picture[row, column]


def pixels_of(image: QImage) -> np.ndarray:
    """Red, green and blue of an opaque picture: (H, W, 3) whole numbers."""
    levels = np.array(image.constBits()).reshape(image.height(), image.width(), 4)
    return levels[..., 2::-1].astype(int)


def only(workspace, *keys):
    """Show these layers alone, opaque."""
    for kind in LAYERS:
        workspace.appearance.set_layer(kind.key, LayerState(kind.key in keys))


def picture_of(plane, workspace) -> QImage:
    """What is on the screen once everything is drawn."""
    settle_layers(workspace)
    return plane.grab().toImage()


def densities(images, z):
    """Q(z, label) by a direct sum: (M, 10)."""
    found = np.zeros((len(z), 10))
    for mean, deviation, label in zip(
        images.means, images.standard_deviations, images.labels, strict=True
    ):
        exponent = -0.5 * (((z - mean) / deviation) ** 2).sum(1)
        found[:, label] += np.exp(exponent) / (2 * np.pi * deviation.prod()) / len(images)
    return found


def points_of_cell(patch, x, y):
    """Points evenly spread over the cell of a patch in which a point lies: (400, 2)."""
    rows, columns = patch.picture.shape
    width, height = patch.bounds.width / columns, patch.bounds.height / rows
    left = patch.bounds.left + np.floor((x - patch.bounds.left) / width) * width
    low = patch.bounds.high - np.ceil((patch.bounds.high - y) / height) * height
    offsets = (np.arange(20) + 0.5) / 20
    return np.stack(np.meshgrid(left + offsets * width, low + offsets * height), -1).reshape(-1, 2)

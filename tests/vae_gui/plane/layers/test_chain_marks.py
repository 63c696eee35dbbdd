"""The clouds of chains: each state has its dot at any place of the view, and nothing else has."""

import numpy as np
import pytest
from drawn import pixels_of
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.chain_marks import Cloud
from vae_gui.plane.viewport import Viewport
from vae_gui.style.palette import LIGHT

WIDTH, HEIGHT = 300, 200


def painted(cloud, view):
    """The red, green and blue of the screen's own pixels: (H, W, 3)."""
    ratio = round(view.ratio)
    image = QImage(WIDTH * ratio, HEIGHT * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("#123456"))
    painter = QPainter(image)
    cloud.paint(painter, QPointF(), view, LIGHT)
    painter.end()
    return pixels_of(image)


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("width", [8.0, 0.5, 1e-3])
def test_each_state_has_its_dot_wherever_one_pans(qtbot, ratio, width):
    z = np.random.default_rng(0).normal(size=(80, 2)) * (0.1 * width) + (0.7, -0.3)
    viewport = Viewport(Bounds(0.7 - width / 2, 0.7 + width / 2, -1.0, 1.0), 20.0, lambda: None)
    viewport.place(0.0, 0.0, WIDTH, HEIGHT)
    viewport.show(Bounds(0.7 - width / 2, 0.7 + width / 2, -0.3, -0.3 + 1e-9))
    ink = np.array(QColor(LIGHT.chains[0]).getRgb()[:3])
    cloud, ground = Cloud(z, 0), np.array([0x12, 0x34, 0x56])
    for _ in range(15):
        viewport.pan_by(np.array([0.083, -0.045]) * width)
        view = viewport.view(ratio)
        found = painted(cloud, view)
        spots = np.floor(view.to_pixels(z) * ratio).astype(int)
        rows, columns = np.nonzero(np.any(found != ground, axis=-1))
        drawn = np.stack([columns, rows], axis=1)
        if len(drawn):  # none farther from a state than half a dot, and a pixel's rounding
            apart = np.abs(drawn[:, None] - spots).max(axis=2).min(axis=1)
            assert apart.max() <= 2 * ratio + 1
        inside = np.all((spots >= 3) & (spots < np.array([WIDTH, HEIGHT]) * ratio - 3), axis=1)
        for x, y in spots[inside]:
            near = found[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3)
            assert np.abs(near - ink).sum(axis=1).min() < 150


def test_a_cloud_out_of_sight_paints_nothing(qtbot):
    viewport = Viewport(Bounds(-1.0, 1.0, -1.0, 1.0), 20.0, lambda: None)
    viewport.place(0.0, 0.0, WIDTH, HEIGHT)
    found = painted(Cloud(np.array([[9.0, 9.0]]), 0), viewport.view())
    assert np.all(found == (0x12, 0x34, 0x56))

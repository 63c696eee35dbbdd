"""The prior's contours: the mass that they hold, and where they are on the screen."""

import numpy as np
import pytest
from drawn import VIEW, pixels_of
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers import prior_contours
from vae_gui.plane.layers.prior_contours import (
    RADII,
    PriorContoursLayer,
    mass_within,
    seen_dashes,
)
from vae_gui.plane.viewport import View
from vae_gui.style.palette import DARK, LIGHT


def test_a_contour_holds_the_mass_that_it_says():
    draws = np.random.default_rng(0).normal(size=(400_000, 2))
    for radius in (1.0, 2.0, 3.0):
        inside = (np.hypot(*draws.T) < radius).mean()
        assert mass_within(radius, 2) == pytest.approx(inside, abs=3e-3)
        assert mass_within(radius, 1) == pytest.approx(
            (np.abs(draws[:, 0]) < radius).mean(), abs=3e-3
        )


@pytest.mark.parametrize("view", [VIEW, View(Bounds(0.5, 2.5, -0.5, 1.5), 0.0, 0.0, 200.0)])
def test_the_contours_are_circles_in_data_units(workspace, qapp, view):
    image = QImage(700, 500, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    PriorContoursLayer().paint(painter, workspace.viewpoint, view, LIGHT)
    painter.end()
    levels = pixels_of(image)
    lightness = (levels.max(axis=-1) + levels.min(axis=-1)) / 2
    dark = np.argwhere(lightness < 160)[:, ::-1]
    spots = (dark + 0.5 - [view.left, view.top]) / view.per_unit
    radii = np.hypot(view.bounds.left + spots[:, 0], view.bounds.high - spots[:, 1])
    near = np.abs(radii[:, None] - [1.0, 2.0, 3.0]).min(1) * view.per_unit < 1.5
    assert near.mean() > 0.6  # the others write the mass
    for angle in np.linspace(0.0, 2.0 * np.pi, 60):
        for radius in (1.0, 2.0):
            spot = view.to_pixels(radius * np.array([np.cos(angle), np.sin(angle)]))
            inside = view.rect_of(view.bounds).adjusted(8.0, 8.0, -8.0, -8.0)
            if not inside.contains(QPointF(*spot)):
                continue
            assert (np.hypot(*(dark + 0.5 - spot).T) < 7.0).any()  # dashes have gaps


@pytest.mark.parametrize("per_unit", [5.0, 100.0, 5e3, 5e6])
@pytest.mark.parametrize("angle", np.linspace(-3.1, 3.1, 9))
def test_however_near_one_looks_a_contour_is_where_it_belongs(per_unit, angle):
    """Every part of a circle that is seen is drawn, and no farther off than a hair."""
    width, height = 700.0 / per_unit, 500.0 / per_unit
    for radius in RADII:
        x, y = radius * np.cos(angle) + 0.2 * width, radius * np.sin(angle) - 0.1 * height
        bounds = Bounds(x - width / 2, x + width / 2, y - height / 2, y + height / 2)
        view = View(bounds, 50.0, 10.0, per_unit)
        dashes = seen_dashes(view, radius)
        assert 1 <= len(dashes) < 1000
        arc, middles = dashes.reshape(-1, 2), dashes.mean(axis=1)
        for spots in (arc, middles):
            z = np.stack(
                [
                    bounds.left + (spots[:, 0] - 50.0) / per_unit,
                    bounds.high - (spots[:, 1] - 10.0) / per_unit,
                ]
            )
            assert np.abs(np.hypot(*z) - radius).max() * per_unit < 0.3
        turns = angle + np.linspace(-np.pi, np.pi, 3001) * min(1.0, 3.0 * width / radius)
        all_around = view.to_pixels(radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1))
        inside = np.all((all_around > [50.0, 10.0]) & (all_around < [750.0, 510.0]), axis=1)
        assert inside.any()
        for spot in all_around[inside][::7]:
            assert np.hypot(*(arc - spot).T).min() < 6.0


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_contours_look_the_same_whether_drawn_or_kept(workspace, qapp, ratio, monkeypatch):
    """The second of the same is kept as a picture; another view, theme or opacity ends that."""
    layer = PriorContoursLayer()
    drawn = []

    def dashes(view, radius):
        drawn.append(radius)
        return seen_dashes(view, radius)

    monkeypatch.setattr(prior_contours, "seen_dashes", dashes)

    def painted(per_unit=100.0, theme=LIGHT, opacity=0.8):
        bounds = Bounds(-3.0, -3.0 + 600.0 / per_unit, -2.0, -2.0 + 400.0 / per_unit)
        image = QImage(round(700 * ratio), round(500 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("seagreen"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(opacity)
        painter.setClipRect(QRectF(51.0, 11.0, 600.0, 400.0))  # as the plane clips its layers
        layer.paint(painter, workspace.viewpoint, View(bounds, 51.0, 11.0, per_unit, ratio), theme)
        painter.end()
        return pixels_of(image)

    others = [{}, {"per_unit": 130.0}, {"theme": DARK}, {"opacity": 0.4}]
    pictures = []
    for count, other in enumerate(others, start=1):
        direct, *kept = (painted(**other) for _ in range(3))
        assert drawn == list(RADII) * 2 * count  # directly, and into the picture
        for one in kept:
            assert np.abs(one - direct).max() <= 3
        assert (direct != direct[0, 0]).any(axis=-1).sum() > 1000
        assert not any(np.array_equal(direct, picture) for picture in pictures)
        pictures.append(direct)


def test_no_dash_is_drawn_twice():
    """Where one is not opaque, it would be darker there."""
    for radius in RADII:
        dashes = seen_dashes(VIEW, radius).round(3)
        assert len(np.unique(dashes.reshape(-1, 4), axis=0)) == len(dashes)


def test_a_contour_that_is_not_seen_is_not_drawn():
    inside = View(Bounds(-0.1, 0.1, -0.1, 0.1), 0.0, 0.0, 3000.0)
    outside = View(Bounds(7.0, 7.1, -0.1, 0.1), 0.0, 0.0, 3000.0)
    for view in (inside, outside):
        assert len(seen_dashes(view, 1.0)) == 0

"""The ellipses that follow the hand."""

import numpy as np
import pytest
from drawn import pixels_of
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.posterior_marks import Ellipses, PosteriorEllipsesLayer
from vae_gui.plane.viewport import View
from vae_gui.state.encoded import Reading
from vae_gui.style.palette import LIGHT


def view_of(per_unit, magnification=1.0):
    return View(Bounds(-1.0, 1.0, -1.0, 1.0), 0.0, 0.0, per_unit, 1.0, magnification)


def test_ellipses_have_the_size_of_the_standard_deviations(workspace):
    """By the mark that follows the hand: its outermost pixels, at two zooms."""
    spread = (0.31, 0.12)
    for per_unit in (100.0, 450.0):
        image = QImage(700, 500, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        Ellipses(spread).paint(painter, QPointF(350.0, 250.0), view_of(per_unit), LIGHT)
        painter.end()
        levels = pixels_of(image)
        blue = levels[..., 2] - levels[..., 0] > 60
        across, down = np.flatnonzero(blue[250]), np.flatnonzero(blue[:, 350])
        for found, part in ((across - 349.5, spread[0]), (down - 249.5, spread[1])):
            for sigmas in (1.0, 2.0):
                reach = sigmas * part * per_unit
                assert np.abs(found - reach).min() < 1.5
                assert np.abs(found + reach).min() < 1.5
            assert np.abs(found).max() < 2.0 * part * per_unit + 2.0


def test_an_ellipse_smaller_than_six_pixels_is_not_drawn_over_its_point():
    for deviation, shown in ((0.7, False), (1.4, False), (1.6, True)):  # pixels at 1 a unit
        image = QImage(60, 60, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        Ellipses((deviation, deviation)).paint(painter, QPointF(30.0, 30.0), view_of(1.0), LIGHT)
        painter.end()
        assert (pixels_of(image) < 250).any() == shown


def test_they_hold_the_mass_that_they_say():
    draws = np.random.default_rng(0).normal(size=(400_000, 2)) * [0.31, 0.12] + [1.0, -2.0]
    for sigmas, mass in ((1.0, 0.39), (2.0, 0.86)):
        inside = ((((draws - [1.0, -2.0]) / [0.31, 0.12]) ** 2).sum(1) < sigmas**2).mean()
        assert inside == pytest.approx(mass, abs=0.006)


def test_the_marks_are_of_the_chosen_and_of_the_nearest_digit(workspace):
    layer = PosteriorEllipsesLayer()
    workspace.viewpoint.select(17)
    z = workspace.document.test.means[42]
    workspace.viewpoint.set_reading(
        Reading(z, np.zeros((28, 28), np.float32), True, workspace.viewpoint.nearest_to(z))
    )
    found = {
        tuple(place): mark.standard_deviations for mark, place in layer.marks(workspace.viewpoint)
    }
    assert found == {
        tuple(workspace.document.test.means[index]): tuple(
            workspace.document.test.standard_deviations[index]
        )
        for index in (17, 42)
    }

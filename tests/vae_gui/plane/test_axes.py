"""The axes: that a number stands where it belongs, and can be told from the next."""

import itertools

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from vae_gui.plane.axes import EVERY, NUMBER_WIDTH, TICK, Axes, fitting, texts_of, ticks_between
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.viewport import View
from vae_gui.style.palette import DARK, LIGHT


@pytest.fixture
def plane(workspace, qtbot):
    view = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.set_theme(LIGHT)
    view.show()
    settle()
    return view


def number(text):
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("pixels", [150.0, 200.0, 260.0])
@pytest.mark.parametrize("width", [0.9, 7.0, 730.0])
def test_a_short_axis_has_three_numbers_nevertheless(pixels, width):
    """As that of z2 on a whole screen, where text is large: one number would tell no scale."""
    assert len(ticks_between(-width / 2, width / 2, pixels / width)) >= 3


@pytest.mark.parametrize("width", [1e-4, 0.013, 0.9, 7.2, 730.0])
@pytest.mark.parametrize("low", [-3.7, 0.0, 12.3456])
def test_ticks_are_round_and_even_and_fill_the_axis(low, width):
    pixels = 600.0
    ticks = ticks_between(low, low + width, pixels / width)
    gaps = np.diff(ticks) * pixels / width
    assert np.ptp(gaps) < 1e-3
    assert EVERY - 1e-6 <= gaps[0] <= 2.5 * EVERY + 1e-6
    assert low <= ticks[0] < low + 2.5 * EVERY * width / pixels
    assert low + width - 2.5 * EVERY * width / pixels < ticks[-1] <= low + width
    step = f"{ticks[1] - ticks[0]:.6e}"
    assert step[0] in "125"
    assert set(step[2:8]) <= {"0"}


@pytest.mark.parametrize("width", [1e-4, 0.013, 0.9, 7.2, 730.0])
def test_numbers_say_where_they_stand_without_prefix_or_factor(width):
    ticks = ticks_between(-0.3 * width, 0.7 * width, 600.0 / width)
    texts = texts_of(ticks)
    step = ticks[1] - ticks[0]
    assert [number(text) for text in texts] == pytest.approx(ticks, abs=1e-3 * step)
    assert len(set(texts)) == len(texts)
    assert "-" not in "".join(texts)  # a minus is no hyphen
    assert any(number(text) == 0.0 and "−" not in text for text in texts)


@pytest.mark.parametrize("zoom", [1.0, 0.031, 3.0])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_tick_is_painted_at_its_own_number(plane, zoom, theme):
    plane.set_theme(theme)
    plane.viewport.zoom(1 / zoom, np.array([0.3, -0.4]))
    settle()
    image = plane.grab().toImage()
    view, seen = plane.view(), plane.view().bounds
    ink = QColor(theme.line)

    def is_ink(x, y):
        return any(
            image.pixelColor(round(x) + dx, round(y) + dy) == ink
            for dx, dy in itertools.product((-1, 0, 1), repeat=2)
        )

    corner = plane.view().pixel_of(seen.left, seen.low)
    across = [
        plane.view().pixel_of(v, seen.low).x()
        for v in ticks_between(seen.left, seen.right, view.per_unit)
    ]
    up = [
        plane.view().pixel_of(seen.left, v).y()
        for v in ticks_between(seen.low, seen.high, view.per_unit)
    ]
    assert len(across) > 2
    assert len(up) > 2
    middle = TICK / 2 + 1
    assert all(is_ink(x, corner.y() + middle) for x in across)
    assert all(is_ink(corner.x() - middle, y) for y in up)
    between = [(a + b) / 2 for a, b in itertools.pairwise(across)]
    assert not any(is_ink(x, corner.y() + middle) for x in between)


@pytest.mark.parametrize(("middle", "width"), [(-2.654, 1e-4), (-26.7, 1e-4), (-5e4, 1.0)])
def test_no_number_is_cut_off_however_near_one_comes(qapp, middle, width):
    texts = texts_of(ticks_between(middle, middle + width, 600.0 / width))
    usual = QFont(qapp.font())
    assert QFontMetricsF(usual).horizontalAdvance(texts[0]) > NUMBER_WIDTH
    font = fitting(usual, texts, NUMBER_WIDTH)
    widths = [QFontMetricsF(font).horizontalAdvance(text) for text in texts]
    assert 0.8 * NUMBER_WIDTH < max(widths) <= NUMBER_WIDTH
    assert fitting(usual, ["−2.5"], NUMBER_WIDTH) == usual


def test_the_numbers_leave_the_title_alone(qapp):
    """Between the title and the longest number there is a column without ink."""
    plane, per_unit = QRectF(72.0, 0.0, 600.0, 600.0), 6e6
    bounds = Bounds(-26.7, -26.7 + 1e-4, -26.7, -26.7 + 1e-4)
    image = QImage(680, 650, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    Axes().paint(painter, qapp.font(), plane, View(bounds, 72.0, 0.0, per_unit), LIGHT)
    painter.end()
    pixels = np.array(image.constBits()).reshape(650, 680, 4)[:600, :60, 0]
    inked = (pixels < 200).any(axis=0)
    columns = np.flatnonzero(inked)
    title, *numbers = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    assert title.max() < 16
    assert numbers
    assert numbers[0].min() > title.max() + 1

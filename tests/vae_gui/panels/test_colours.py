"""Bars and the key to the colours: by their pixels, and by real clicks and keys."""

import itertools

import numpy as np
import pytest
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from model.latent.geometry import log10_magnification, metric_at
from vae_gui.app.main_window import MainWindow
from vae_gui.panels.colour_bar import BAR_HEIGHT, BINS, GAP, HISTOGRAM_HEIGHT
from vae_gui.panels.colour_key import ColourKey
from vae_gui.plane.layers import magnification
from vae_gui.plane.layers.density_difference import SCALE
from vae_gui.plane.layers.table import LAYERS
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.state.measures import MEASURES
from vae_gui.state.plane_decoder import PlaneDecoder
from vae_gui.state.workspace import Workspace
from vae_gui.style import colour_maps
from vae_gui.style.palette import DARK, LIGHT
from vae_gui.style.scales import scale_of
from vae_gui.style.theme import ThemeChoice

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def key(workspace, qtbot):
    for kind in LAYERS:
        workspace.appearance.layers[kind.key] = LayerState(False)
    made = ColourKey(workspace, workspace.viewpoint)
    qtbot.addWidget(made)
    made.resize(made.width(), 800)
    made.show()
    settle()
    return made


def image_of(widget):
    settle()
    return widget.grab().toImage()


def rgb(colour: QColor) -> np.ndarray:
    return np.array(colour.getRgb()[:3])


def pick(choice, title):
    """Choose an entry of a combo by mouse, from its list.

    A list that has just opened takes no release of the mouse for as long as a double click lasts.
    """
    interval = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(1)
    QTest.mouseClick(choice, LEFT)
    for _ in range(200):
        QTest.qWait(20)
        if choice.view().isVisible():
            break
    QTest.qWait(20)
    QApplication.setDoubleClickInterval(interval)
    view = choice.view()
    index = choice.model().index(choice.findText(title), 0)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.visualRect(index).center())
    settle()


# The choice


def test_the_choice_is_made_by_mouse_and_by_keys(key, workspace):
    assert key.choice.currentText() == "Class"
    pick(key.choice, "KL")
    assert workspace.appearance.colouring == "kl"
    assert key.bar.isVisible()
    key.choice.setFocus()
    QTest.keyClick(key.choice, Qt.Key.Key_Down)
    assert workspace.appearance.colouring == "standard_deviation"
    QTest.keyClick(key.choice, Qt.Key.Key_Home)
    assert workspace.appearance.colouring is None
    assert not key.bar.isVisible()


def test_next_goes_round(key, workspace):
    seen = []
    for _ in range(len(MEASURES) + 1):
        key.next()
        seen.append(workspace.appearance.colouring)
    assert seen == [*MEASURES, None]


def test_class_colours_are_shown_only_while_they_mean_something(key, workspace):
    def dots():
        return [
            rgb(image_of(button).pixelColor(7, button.height() // 2))
            for button in key.legend.buttons
        ]

    classes = [rgb(QColor(colour)) for colour in LIGHT.classes]
    np.testing.assert_array_equal(dots(), classes)
    workspace.appearance.colour_by("kl")
    grey = dots()
    assert all((dot == grey[0]).all() for dot in grey)
    workspace.appearance.show_layer("regions", True)
    np.testing.assert_array_equal(dots(), classes)
    workspace.appearance.show_layer("regions", False)
    workspace.appearance.colour_by(None)
    np.testing.assert_array_equal(dots(), classes)


# The bar of a number


def test_its_ends_are_percentiles_and_the_ticks_lie_inside_under_their_colours(key, workspace):
    workspace.appearance.colour_by("kl")
    bar, column = key.bar.bar, workspace.document.measures["kl"]
    scale = column.scale
    assert [scale.low, scale.high] == pytest.approx(np.percentile(column.values, [1, 99]).tolist())
    texts = [number.text for number in bar.numbers(scale)]
    assert texts[:2] == [scale.text_of_end(scale.low), scale.text_of_end(scale.high)]
    image, table = image_of(bar), colour_maps.amounts(LIGHT)
    row, below = round(HISTOGRAM_HEIGHT + 8), round(HISTOGRAM_HEIGHT + GAP + BAR_HEIGHT + 1)
    ground = rgb(image.pixelColor(0, 0))
    for tick in [number.value for number in bar.numbers(scale)]:
        part = (tick - scale.low) / (scale.high - scale.low)
        assert 0.0 <= part <= 1.0
        x = part * bar.width()
        expected = rgb(QColor(int(table[round(255 * part)])))
        at = min(max(int(x), 1), bar.width() - 2)
        assert np.abs(rgb(image.pixelColor(at, row)) - expected).max() < 12
        near = range(max(0, int(x) - 4), min(bar.width(), int(x) + 5))
        marked = [c for c in near if np.abs(rgb(image.pixelColor(c, below)) - ground).max() > 20]
        assert marked
        assert abs(np.mean(marked) + 0.5 - x) <= 1.0


@pytest.mark.parametrize("values", [(-212.4, -35.1), (0.0123, 0.0987), (3.0, 3.0), (-1e60, 1e60)])
def test_numbers_under_the_bar_lie_within_it_and_apart(key, values):
    bar = key.bar.bar
    bar.show()
    settle()
    numbers = np.linspace(*values, 200)
    bar.show_values(numbers, scale_of(numbers))
    boxes = [number.box for number in bar.numbers(bar.scale)]
    assert len(boxes) >= 2
    assert all(0.0 <= box.left() < box.right() <= bar.width() for box in boxes)
    assert not any(one.intersects(other) for one, other in itertools.combinations(boxes, 2))


def test_the_histogram_counts_each_digit_once(key, workspace):
    workspace.appearance.colour_by("kl")
    column = workspace.document.measures["kl"]
    values, scale = column.values, column.scale
    edges = [scale.low + i * (scale.high - scale.low) / BINS for i in range(BINS + 1)]
    expected = [
        sum(
            (low <= value < high) or (i == 0 and value < low) or (i == BINS - 1 and value >= high)
            for value in values
        )
        for i, (low, high) in enumerate(itertools.pairwise(edges))
    ]
    bar = key.bar.bar
    assert bar.counts.tolist() == expected
    assert sum(expected) == len(values)
    # And the highest column of pixels belongs to the fullest bin.
    image = image_of(bar)
    ground = rgb(image.pixelColor(0, image.height() - 1))
    heights = []
    for i in range(BINS):
        x = int((i + 0.5) * bar.width() / BINS)
        column_ = [rgb(image.pixelColor(x, y)) for y in range(round(HISTOGRAM_HEIGHT))]
        heights.append(sum(np.abs(seen - ground).max() > 40 for seen in column_))
    np.testing.assert_allclose(
        np.array(heights) / HISTOGRAM_HEIGHT, np.array(expected) / max(expected), atol=0.06
    )


def test_it_says_how_much_is_known_and_why_nothing_is(key, workspace, make_model):
    workspace.appearance.colour_by("elbo")
    key.set_progress("Measuring the test digits … 0 %")
    assert key.bar.known.text() == "Measuring the test digits … 0 %"
    document = workspace.document
    document.measure(document.measures, "elbo", 0, np.full(50, -90.0))
    assert key.bar.known.text() == "50 of 200 so far"
    document.measure(document.measures, "elbo", 50, np.full(150, -90.0))
    assert not key.bar.known.isVisible()
    document.measure(document.measures, "elbo", 7, [np.nan, np.nan])
    assert key.bar.known.text() == "2 of 200 not resolved"
    workspace.appearance.colour_by("log_likelihood")
    key.set_progress("Integrating log p(x) … 42 %")
    assert key.bar.known.text() == "Integrating log p(x) … 42 %"
    workspace.document.open(make_model(3))
    workspace.document.set_test(make_digits(3))
    assert key.bar.known.text() == "only in 2-D"


# The bar of the densities


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    yield made
    made.close()
    made.join()
    settle()


def densities_minus_prior(digits, z):
    """The mean of q(z|x) minus N(z; 0, I), by a plain sum at one point."""
    found = 0.0
    for mean, spread in zip(digits.means, digits.standard_deviations, strict=True):
        found += np.exp(-0.5 * (((z - mean) / spread) ** 2).sum()) / (2 * np.pi * spread.prod())
    return found / len(digits.means) - np.exp(-0.5 * (z**2).sum()) / (2 * np.pi)


@pytest.mark.parametrize("opacity", [1.0, 0.6])
def test_a_colour_of_the_plane_read_off_the_bar_is_the_density_there(window, opacity):
    workspace, plane = window.workspace, window.plane
    digits = make_digits(count=400)
    digits.standard_deviations[:] = 0.35
    workspace.document.set_training(digits)
    for layer in plane.layers.layers:
        workspace.appearance.set_layer(layer.key, LayerState(layer.key == "difference", opacity))
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    for theme in (LIGHT, DARK):
        window.look.choose(ThemeChoice.LIGHT if theme is LIGHT else ThemeChoice.DARK)
        settle_layers(workspace)
        bar = window.layers.density
        assert bar.isVisible()
        picture, strip = plane.grab().toImage(), image_of(bar)
        values = np.linspace(SCALE.low, SCALE.high, 400)
        middle = bar.height() // 2
        columns = [int(bar.column_of(value) - 1e-6) for value in values]
        colours = np.array([rgb(strip.pixelColor(column, middle)) for column in columns])
        for point in ([0.0, 0.0], [0.6, -0.4], [-1.0, 0.9], [1.6, 1.4], [-0.3, -1.5], [0.0, 2.8]):
            z = np.array(point)
            seen = rgb(picture.pixelColor(plane.view().pixel_of(*z).toPoint()))
            nearest = np.abs(colours - seen).sum(axis=1)
            read = values[nearest <= nearest.min()].mean()
            assert nearest.min() < 12
            assert read == pytest.approx(densities_minus_prior(digits, z), abs=0.012)


def test_the_bar_is_there_while_its_layer_is_and_by_its_key(window):
    window.workspace.document.set_training(make_digits(count=30))
    window.plane.setFocus()
    assert not window.layers.density.isVisible()
    QTest.keyClick(window.plane, Qt.Key.Key_D)
    assert window.layers.density.isVisible()
    QTest.keyClick(window.plane, Qt.Key.Key_D)
    assert not window.layers.density.isVisible()


def test_ticks_of_the_bar_are_round_even_and_hold_the_prior():
    assert SCALE.ticks == pytest.approx([-0.2, -0.1, 0.0, 0.1, 0.2])
    assert (SCALE.low, SCALE.high) == pytest.approx((-0.2, 0.2))
    assert [SCALE.text_of(tick) for tick in SCALE.ticks] == ["−0.2", "−0.1", "0.0", "0.1", "0.2"]
    assert SCALE.high > 1.0 / (2.0 * np.pi)


def test_points_have_the_colour_that_the_bar_gives_their_number(workspace, qtbot):
    plane = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(plane)
    plane.resize(700, 600)
    plane.set_theme(LIGHT)
    plane.show()
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    for kind in LAYERS:
        workspace.appearance.set_layer(kind.key, LayerState(kind.key == "test"))
    workspace.appearance.colour_by("standard_deviation")
    settle_layers(workspace)
    picture = plane.grab().toImage()
    means = workspace.document.test.means
    scale = workspace.document.measures["standard_deviation"].scale
    checked = 0
    for index, mean in enumerate(means):
        gaps = np.abs(means - mean).max(axis=1)
        if np.partition(gaps, 1)[1] < 0.12:  # another may cover it
            continue
        value = np.sqrt(workspace.document.test.standard_deviations[index].prod())
        part = np.clip((value - scale.low) / (scale.high - scale.low), 0.0, 1.0)
        expected = rgb(QColor(int(colour_maps.amounts(LIGHT)[round(255 * part)])))
        seen = rgb(picture.pixelColor(plane.view().pixel_of(*mean).toPoint()))
        assert np.abs(seen - expected).max() < 12
        checked += 1
    assert checked > 20


def test_without_digits_there_is_no_key(qtbot):
    workspace = Workspace()
    key = ColourKey(workspace, workspace.viewpoint)
    qtbot.addWidget(key)
    assert key.isHidden()


def test_a_colour_of_the_magnification_read_off_its_bar_is_the_determinant_there(window):
    workspace, plane = window.workspace, window.plane
    for layer in plane.layers.layers:
        workspace.appearance.set_layer(layer.key, LayerState(layer.key == "magnification"))
    workspace.viewpoint.set_probe(np.array([40.0, 40.0]))
    settle_layers(workspace)
    bar, scale = window.layers.magnification, magnification.SCALE
    assert bar.isVisible()
    assert "log₁₀ √det G" in bar.accessibleName()
    picture, strip = plane.grab().toImage(), image_of(bar)
    values = np.linspace(scale.low, scale.high, 400)
    columns = [int(bar.column_of(value) - 1e-6) for value in values]
    colours = np.array([rgb(strip.pixelColor(column, bar.height() // 2)) for column in columns])
    decode = PlaneDecoder(workspace.document.model, workspace.viewpoint.slice)
    for point in ([0.0, 0.0], [0.5, -0.25], [-1.0, 1.0]):
        z = np.array(point)
        seen = rgb(picture.pixelColor(plane.view().pixel_of(*z).toPoint()))
        nearest = np.abs(colours - seen).sum(axis=1)
        read = values[nearest <= nearest.min() + 1].mean()
        expected = float(log10_magnification(metric_at(decode, z[None]))[0])
        assert read == pytest.approx(np.clip(expected, scale.low, scale.high), abs=0.06)

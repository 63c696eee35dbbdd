"""No text of the window is cut off at 1400 x 900, whatever is shown, at any scale of the screen."""

import os
import subprocess
import sys

import numpy as np
import pytest
from cut_texts import cut_texts
from evidence_window import coarse_tables
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.state.measures import MEASURES
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits, make_model):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    qtbot.waitExposed(made)
    with qtbot.waitSignal(made.opening.finished):
        made.open(make_model().path)
    made.workspace.document.set_training(make_digits(count=300))
    settle_layers(made.workspace)
    yield made
    made.close()
    made.join()
    settle()


def assert_all_fits(window):
    settle()
    assert cut_texts(window) == []


def test_at_first_and_with_a_digit_chosen(window):
    assert_all_fits(window)
    window.workspace.viewpoint.select(18)
    for page in window.inspector.pages.titles:
        window.inspector.pages.choose(page)
        assert_all_fits(window)


@pytest.mark.slow
def test_with_each_layer_and_each_colouring(window, monkeypatch):
    # No text depends on how many nodes it has.
    monkeypatch.setattr("vae_gui.plane.layers.magnification.FINEST", 40.0)
    appearance = window.workspace.appearance
    window.workspace.viewpoint.select(18)
    for key in appearance.layers:
        appearance.show_layer(key, True)
        assert_all_fits(window)
    settle_layers(window.workspace)
    assert_all_fits(window)
    for key in MEASURES:
        appearance.colour_by(key)
        assert_all_fits(window)
    appearance.colour_by(None)
    appearance.toggle_class(3)
    assert_all_fits(window)


@pytest.mark.slow
@pytest.mark.parametrize("z", [(0.0, 0.0), (-12.345678, 11.987654), (19.5, -19.5)])
@pytest.mark.parametrize("width", [900, 1400, 1920])
def test_at_any_point(window, z, width):
    window.resize(width, 900)
    window.workspace.viewpoint.set_probe(np.array(z))
    settle_layers(window.workspace)
    window.sitter.catch_up()
    assert_all_fits(window)
    warned = window.inspector.probe.density.warning.text() != ""
    assert warned is (z != (0.0, 0.0))
    for choice in window.inspector.probe.decoded_as.buttons.values():
        choice.click()
        assert_all_fits(window)


@pytest.mark.parametrize("dimensions", [1, 20])
def test_with_other_dimensions(window, make_model, qtbot, dimensions):
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(dimensions, name=f"d{dimensions}.safetensors").path)
    settle_layers(window.workspace)
    window.workspace.viewpoint.select(18)
    window.sitter.catch_up()
    for page in window.inspector.pages.titles:
        window.inspector.pages.choose(page)
        assert_all_fits(window)


@pytest.mark.slow
def test_on_the_page_evidence(window, monkeypatch):
    coarse_tables(monkeypatch, 40)  # with fewer points the mass of a mode is a shorter number
    QTest.keySequence(window.plane, "Ctrl+E")
    panel = window.evidence.panel
    panel.digit.index.setValue(7)
    settle_layers(window.workspace)
    (mode,) = (one for one in panel.results.modes.buttons if one.picture is not None)
    assert mode.picture.caption == ">99.9 %"
    for part in panel.choices.buttons:
        panel.show_part(part)
        settle_layers(window.workspace)
        assert_all_fits(window)
    panel.masks.put("nothing")
    panel.map.switch.click()
    settle_layers(window.workspace)
    assert_all_fits(window)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1400, 900), (1000, 700)])
def test_in_the_game_up_to_what_the_model_thought(window, size, monkeypatch):
    coarse_tables(monkeypatch)
    window.resize(*size)
    QTest.keySequence(window.plane, "Ctrl+P")
    page, game = window.evidence.game.page, window.evidence.game.game
    game.begin(9999)
    settle_layers(window.workspace)
    assert_all_fits(window)
    page.give_up.click()
    settle_layers(window.workspace)
    assert_all_fits(window)
    bars, view = page.review.bars, page.viewport()
    lowest = bars.mapTo(view, bars.rect().bottomLeft()).y()
    assert lowest < view.height()


def test_a_text_that_is_cut_is_found(window):
    window.inspector.chosen.index.setFixedWidth(20)
    window.header.title.setFixedWidth(30)
    settle()
    found = " ".join(cut_texts(window))
    assert "'Latent plane'" in found


@pytest.mark.slow
@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_all_of_this_on_a_finer_screen(factor):
    """Qt takes the factor at the start of a process alone."""
    words = [sys.executable, "-m", "pytest", "-q", "-n0", "-m", "not slow", __file__]
    environment = {**os.environ, "QT_SCALE_FACTOR": factor}
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-4000:]

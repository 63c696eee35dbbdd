"""The page Evidence and the game with a model with classes: all of it is given one of them."""

import numpy as np
import pytest
from gui_helpers import settle, settle_layers
from labelled_model import write_labelled
from labelled_window import window_of_noise

from benchmarks.hand import hand_over_widget
from vae_gui.plane.layers.encoder_marks import Name, encoder_marks


@pytest.fixture
def opened(qtbot, monkeypatch, tmp_path):
    with window_of_noise(qtbot, monkeypatch) as made:
        with qtbot.waitSignal(made.opening.finished):
            made.open(write_labelled(tmp_path / "m2.safetensors"))
        settle_layers(made.workspace)
        yield made


def press(window, *keys):
    hand_over_widget(window.plane).key(*keys)
    settle_layers(window.workspace)


@pytest.mark.slow
def test_the_page_says_which_class_is_given_and_asks_for_no_label(opened, make_model, qtbot):
    press(opened, "3", "Ctrl+E")
    panel = opened.evidence.panel
    assert panel.hint.text().startswith("All of this is given class 3.")
    assert not panel.results.bars.isVisible()
    press(opened, "8")
    assert panel.hint.text().startswith("All of this is given class 8.")
    with qtbot.waitSignal(opened.opening.finished):
        opened.open(make_model().path)
    settle_layers(opened.workspace)
    assert "given" not in panel.hint.text()
    assert panel.results.bars.isVisible()


@pytest.mark.slow
def test_the_encoder_is_held_against_log_p_of_an_image_given_the_class(opened):
    press(opened, "3")
    opened.workspace.viewpoint.select(5)
    press(opened, "Shift+Y")
    assert opened.evidence.panel.encoder.ends.text().startswith("log p(x|y = 3)")


@pytest.mark.slow
def test_the_mark_of_the_encoder_and_the_density_at_the_probe_name_their_class(opened):
    press(opened, "3")
    opened.workspace.viewpoint.select(5)
    press(opened, "Shift+Y")
    viewpoint = opened.workspace.viewpoint
    names = [mark.text for mark, _ in encoder_marks(viewpoint) if isinstance(mark, Name)]
    assert "q(z|x, y = 3)" in names
    opened.workspace.document.set_training(opened.workspace.document.test)
    viewpoint.set_probe(np.array([-30.0, -29.0]))  # where both numbers are long
    settle()
    said = opened.inspector.probe.density.densities
    assert said.text().startswith("q(z|y = 3) = ")
    room = said.fontMetrics().boundingRect(said.rect(), said.flags.value, said.text())
    assert room.height() <= said.height()


def test_an_image_is_placed_by_log_p_given_the_class(opened):
    press(opened, "3", "Ctrl+E")
    opened.workspace.viewpoint.select(5)
    press(opened, "Shift+X")
    said = opened.evidence.panel.results.place
    assert "“Exact log p(x|y = 3)”" in said.text()
    document = opened.workspace.document
    document.measure(document.measures, "log_likelihood", 0, np.full(200, -1e4))
    settle()
    assert said.text().startswith("Given y = 3: The whole image is likelier than all")


def test_there_is_no_game_and_a_sentence_says_why(opened):
    press(opened, "Ctrl+P")
    place = opened.evidence.game
    assert place.page.hint.text().startswith("The game is for models without classes")
    assert place.game.round is None

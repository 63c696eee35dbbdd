"""The canvas as a value that a hand changes: strokes, masks, digits, and undo of each."""

import numpy as np
import pytest
from gui_helpers import settle

from model.data.masks import mask_named
from model.latent.evidence import UNKNOWN
from vae_gui.state.history import History
from vae_gui.state.observation import BLANK, INK, Observation, WholeImage

SOME = np.array([3, 4, 400])


@pytest.fixture
def digit():
    return WholeImage((np.arange(784) % 5 == 0).astype(np.float32), "test digit 7", 7, 3)


def told(observation):
    calls = []
    observation.changed.connect(lambda: calls.append(observation.sketch))
    return calls


def test_nothing_is_known_at_first_and_a_stroke_is():
    observation = Observation()
    calls = told(observation)
    assert observation.sketch.count == 0
    observation.draw(SOME, INK)
    assert np.flatnonzero(observation.evidence.known).tolist() == SOME.tolist()
    assert (observation.evidence.pixels[SOME] == 1.0).all()
    observation.draw(SOME[:1], BLANK)
    observation.draw(SOME[1:2], UNKNOWN)
    assert observation.evidence.pixels[3] == 0.0
    assert observation.sketch.count == 2
    assert len(calls) == 3


@pytest.mark.parametrize("value", [INK, BLANK, UNKNOWN])
def test_what_is_so_already_changes_nothing(value):
    observation = Observation()
    observation.draw(SOME, value)
    calls = told(observation)
    observation.draw(SOME, value)
    assert calls == []


@pytest.mark.parametrize("name", ["left-half", "quadrants-1", "random-0.8"])
def test_a_mask_shows_a_part_of_the_digit_and_another_one_another_part(digit, name):
    observation = Observation()
    observation.load(digit)
    assert observation.sketch.count == 784
    for mask in ("top-half", name):
        seen = mask_named(mask).seen(1, 0)[0]
        observation.hide_all_but(seen, mask)
        np.testing.assert_array_equal(observation.evidence.known, seen)
        np.testing.assert_array_equal(observation.evidence.pixels[seen], digit.pixels[seen])
        assert observation.sketch.truth is digit.pixels


def test_the_truth_is_not_known_where_a_hand_has_drawn_something_else(digit):
    observation = Observation()
    observation.load(digit)
    observation.draw(np.array([0]), BLANK)  # it is ink in the digit
    assert observation.sketch.truth is None
    observation.draw(np.array([0]), UNKNOWN)
    assert observation.sketch.truth is digit.pixels
    observation.uncover(np.array([0, 1]))
    assert observation.evidence.pixels[:2].tolist() == [1.0, 0.0]


def test_the_rest_is_filled_and_all_is_cleared(digit):
    observation = Observation()
    observation.draw(SOME, INK)
    observation.fill(BLANK)
    assert observation.sketch.count == 784
    assert observation.evidence.pixels.sum() == 3.0
    observation.set_flip(0.2)
    observation.load(digit)
    assert observation.evidence.flip == 0.2
    observation.clear()
    assert observation.sketch.count == 0
    assert observation.sketch.whole is None
    assert observation.evidence.flip == 0.2


def test_each_stroke_is_one_step_of_undo_however_many_moves_it_has(qapp, workspace):
    history, observation = History(workspace, {}), workspace.observation
    for start in (0, 100):
        workspace.begin_gesture()
        for pixel in range(start, start + 10):
            observation.draw(np.array([pixel]), INK)
            settle()
        workspace.end_gesture()
    assert history.stack.count() == 2
    assert history.stack.undoText() == "brush stroke"
    history.undo()
    assert np.flatnonzero(observation.evidence.known).tolist() == list(range(10))
    history.undo()
    assert observation.sketch.count == 0
    history.redo()
    assert observation.sketch.count == 10


def test_what_is_put_on_the_canvas_is_undone_by_name(qapp, workspace, digit):
    history, observation = History(workspace, {}), workspace.observation
    acts = (
        (lambda: observation.load(digit), "loading test digit 7"),
        (lambda: observation.hide_all_but(np.arange(784) < 392, "the top half"), "mask: the top"),
        (lambda: observation.set_flip(0.1), "change of the noise"),
        (observation.clear, "clearing the canvas"),
    )
    for act, name in acts:
        act()
        settle()
        assert history.stack.undoText().startswith(name)
    for _ in acts:
        history.undo()
    assert observation.sketch.count == 0
    assert observation.evidence.flip == 0.0


def test_the_drawing_outlives_another_model_and_undo_does_not_lead_back_over_it(
    qapp, workspace, make_model
):
    history, observation = History(workspace, {}), workspace.observation
    observation.draw(SOME, INK)
    settle()
    workspace.document.open(make_model(seed=1, name="other.safetensors"))
    settle()
    assert not history.stack.canUndo()
    assert observation.sketch.count == 3
    observation.draw(SOME, UNKNOWN)
    settle()
    history.undo()
    assert observation.sketch.count == 3
    history.undo()  # there is nothing more
    assert observation.sketch.count == 3

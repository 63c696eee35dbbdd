"""The game in the real window, played by mouse and keyboard."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from evidence_window import opened_window
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from model.data.binarise import binarise_once
from model.latent.guessing import Rules
from vae_gui.jobs.playing_steps import RULES
from vae_gui.state.game import SURE
from vae_gui.state.guessing_round import GIVEN_UP

MOST = 20
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, make_model, quick_digits, monkeypatch):
    """The model looks at fewer pixels before it must guess: untrained, it is never sure."""
    monkeypatch.setattr("vae_gui.jobs.playing_steps.RULES", replace(RULES, most=MOST))
    with opened_window(qtbot, make_model(), monkeypatch) as made:
        yield made


@pytest.fixture
def page(window):
    return enter(window)


@pytest.fixture
def game(window, page):
    return window.evidence.game.game


def enter(window, number=7):
    window.evidence.game.game.number = number
    QTest.keySequence(window.plane, "Ctrl+P")
    settle_layers(window.workspace)
    return window.evidence.game.page


def click(page, pixel, button=LEFT):
    QTest.mouseClick(page.board, button, pos=page.board.middle_of(pixel).toPoint())


def wrong_label(game):
    return (game.round.hidden.label + 1) % 10


def test_clicks_reveal_pixels_and_the_keys_of_digits_guess(window, page, game):
    test = window.workspace.document.test
    assert game.round.hidden.index == np.random.default_rng(7).permutation(200)[0]
    drawn = binarise_once(torch.from_numpy(test.images)).flatten(1).numpy()
    np.testing.assert_array_equal(game.round.hidden.pixels, drawn[game.round.hidden.index])
    for pixel in (300, 301, 300):
        click(page, pixel)
    assert game.round.looked == (300, 301)
    assert page.mine.text() == "You: 2"
    QTest.keySequence(window.plane, str(wrong_label(game)))
    assert page.mine.text() == "You: 12"
    assert page.news.text().startswith(f"Not {test.class_names[wrong_label(game)]}")
    assert not page.guesses.buttons[wrong_label(game)].isEnabled()
    QTest.mouseClick(page.guesses.buttons[game.round.hidden.label], LEFT)
    assert game.is_round_over
    assert window.workspace.appearance.hidden_classes == frozenset()
    models = game.play.round.cost
    assert game.score.rounds == ((12, models),)
    assert page.score.cells[0][0].text() == "12"
    assert page.score.cells[1][0].text() == page.score.cells[1][-1].text() == str(models)
    won = "yours" if models > 12 else "the model's" if models < 12 else "A draw"
    assert won in page.news.text()


@pytest.mark.slow
def test_a_whole_game_by_the_keyboard_and_the_score_adds_up(window, page, game):
    board, costs = page.board, []
    assert board.hasFocus()
    for number in range(5):
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Space):
            QTest.keyClick(board, key)
        assert len(game.round.looked) == 2
        if number == 2:
            QTest.mouseClick(page.give_up, LEFT)
        else:
            QTest.keySequence(board, str(game.round.hidden.label))
        settle_layers(window.workspace)
        assert game.is_round_over
        costs.append((100 if number == 2 else 2, game.play.round.cost))
        assert game.score.rounds == tuple(costs)
        assert board.hasFocus()
        if number < 4:
            QTest.keyClick(board, Qt.Key.Key_Return)
            settle_layers(window.workspace)
    assert page.score.cells[0][-1].text() == str(sum(mine for mine, _ in costs))
    won = tuple(sum(c[i] < c[1 - i] for c in costs) for i in (0, 1))
    assert f"{won[0]} : {won[1]}" in page.news.text()
    assert page.next.text() == "Next game"
    QTest.mouseClick(page.next, LEFT)
    settle_layers(window.workspace)
    assert (game.number, game.at, game.score.rounds) == (8, 0, ())


def test_the_model_begins_with_the_highest_pixel_of_the_map_and_stops_when_it_is_sure(window, page):
    game = window.evidence.game.game
    QTest.keySequence(window.plane, "O")
    settle_layers(window.workspace)
    assert page.mine.text() == "You: 5"
    assert Rules(SURE, GIVEN_UP) == RULES
    first = game.play.steps[0]
    assert first.pixel == game.told.most_telling == int(game.told.nats.argmax())
    assert first.nats == pytest.approx(game.told.highest)
    QTest.keySequence(window.plane, "Shift+O")
    assert game.round.looked == (first.pixel,)
    last = game.play.steps[-1]
    assert last.guess == game.round.hidden.label
    for step in game.play.steps:
        if step.guess is None:
            assert step.labels.max() < SURE
        else:
            assert step.labels.max() >= SURE or game.play.looks == MOST


def test_the_same_number_gives_the_same_digits_and_the_same_play(window, page, game):
    def summary():
        return game.round.hidden.index, [(s.pixel, s.guess) for s in game.play.steps]

    first = summary()
    for number in ("8", "7"):
        page.number.setFocus()
        page.number.selectAll()
        QTest.keyClicks(page.number, number)
        QTest.keyClick(page.number, Qt.Key.Key_Return)
        settle_layers(window.workspace)
        assert game.number == int(number)
    assert summary() == first


def test_the_review_steps_through_what_the_model_did(window, page, game):
    click(page, 10)
    QTest.keySequence(page.board, str(game.round.hidden.label))
    settle_layers(window.workspace)
    review, steps = page.review, game.play.steps
    assert review.isVisible()
    assert review.slider.value() == len(steps) - 1
    assert "right" in review.sentence.text()
    np.testing.assert_array_equal(np.flatnonzero(review.mine.evidence.known), [10])
    for _ in range(len(steps)):
        QTest.keyClick(page.board, Qt.Key.Key_Left)
    assert review.slider.value() == 0
    assert np.flatnonzero(review.models.evidence.known).tolist() == [steps[0].pixel]
    assert review.models.ringed == steps[0].pixel
    row, column = divmod(steps[0].pixel, 28)
    assert f"row {row}, column {column}, {steps[0].nats:.2f} nats" in review.sentence.text()
    np.testing.assert_array_equal(review.bars.probabilities, steps[0].labels)
    QTest.mouseClick(review.forth, LEFT)
    assert review.slider.value() == 1


def test_neither_canvas_nor_plane_gives_the_digit_away_and_both_come_back(window):
    workspace = window.workspace
    QTest.keySequence(window.plane, "Ctrl+E")
    settle_layers(workspace)
    workspace.observation.draw(np.arange(300, 320), 1.0)
    settle_layers(workspace)
    (layer,) = [one for one in window.plane.layers.layers if one.key == "posterior"]
    viewpoint, sketch = workspace.viewpoint, workspace.observation.sketch
    assert layer.patch(viewpoint, window.look.theme) is not None
    assert layer.spots(viewpoint)
    page = enter(window)
    game = window.evidence.game.game
    click(page, 300)
    QTest.keySequence(window.plane, "O")
    settle_layers(workspace)
    assert workspace.observation.sketch is sketch
    assert layer.patch(viewpoint, window.look.theme) is None
    assert layer.spots(viewpoint) == []
    assert layer.request(viewpoint, window.plane.view(), window.look.theme) is None
    looked = game.round.looked
    QTest.keyClick(page.board, Qt.Key.Key_Escape)
    settle_layers(workspace)
    assert window.evidence.panel.isVisible()
    assert workspace.observation.sketch is sketch
    assert layer.patch(viewpoint, window.look.theme) is not None
    QTest.keySequence(window.plane, "3")  # classes are switched again
    assert workspace.appearance.hidden_classes == {3}
    enter(window)
    assert game.round.looked == looked  # the round goes on


def test_the_models_board_goes_to_the_canvas_and_undo_takes_it_off(window, page, game):
    sketch = window.workspace.observation.sketch
    QTest.mouseClick(page.give_up, LEFT)
    settle_layers(window.workspace)
    page.review.slider.setValue(0)
    QTest.mouseClick(page.show_it, LEFT)
    settle_layers(window.workspace)
    shown = window.workspace.observation.sketch
    assert np.flatnonzero(shown.evidence.known).tolist() == [game.play.steps[0].pixel]
    assert shown.whole.index == game.round.hidden.index
    assert window.evidence.panel.isVisible()
    QTest.keySequence(window.plane, "Ctrl+Z")
    assert window.workspace.observation.sketch is sketch


def test_another_model_in_the_middle_begins_the_game_anew(window, page, game, make_model, qtbot):
    click(page, 300)
    QTest.keySequence(page.board, str(game.round.hidden.label))
    settle_layers(window.workspace)
    QTest.keyClick(page.board, Qt.Key.Key_Return)
    settle_layers(window.workspace)
    click(page, 300)
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(seed=2, name="other.safetensors").path)
    settle_layers(window.workspace)
    assert (game.number, game.at, game.score.rounds) == (7, 0, ())
    assert game.round.looked == ()
    assert game.play is not None
    assert game.play.steps[0].pixel is not None


@pytest.mark.slow
def test_other_numbers_of_dimensions_have_a_sentence_instead(window, page, game, make_model, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(3, name="three.safetensors").path)
    settle_layers(window.workspace)
    assert "two latent dimensions" in page.hint.text()
    assert game.round is None
    click(page, 300)
    QTest.keySequence(page.board, "4")
    assert not page.give_up.isEnabled()
    assert not any(button.isEnabled() for button in page.guesses.buttons)
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model(name="two.safetensors").path)
    settle_layers(window.workspace)
    assert game.round is not None
    assert game.play is not None


def test_a_player_can_be_quicker_than_the_table(window):
    window.workspace.document.set_test(make_digits())
    window.evidence.game.game.number = 7
    QTest.keySequence(window.plane, "Ctrl+P")
    game = window.evidence.game.game
    while game.round is None:
        settle()
    page = window.evidence.game.page
    click(page, 300)
    QTest.keySequence(page.board, str(game.round.hidden.label))
    settle_layers(window.workspace)
    assert game.is_round_over
    assert game.score.rounds == ((1, game.play.round.cost),)


def test_the_window_may_close_in_the_middle(window):
    QTest.keySequence(window.plane, "Ctrl+P")
    settle()
    window.close()


def test_a_button_on_the_page_begins_it_and_the_board_takes_the_keyboard(window):
    QTest.keySequence(window.plane, "Ctrl+E")
    settle_layers(window.workspace)
    QTest.mouseClick(window.evidence.panel.play, LEFT)
    settle_layers(window.workspace)
    page = window.evidence.game.page
    assert page.isVisible()
    assert page.board.hasFocus()
    assert not window.evidence.panel.isVisible()
    QTest.mouseClick(page.back, LEFT)
    assert window.evidence.panel.isVisible()


@pytest.mark.slow
def test_a_digits_key_either_guesses_or_switches_a_class(window):
    made = window.actions_by_name

    def enabled(what):
        return [made[f"{what}_{label}"].isEnabled() for label in range(10)]

    assert (enabled("guess"), enabled("class")) == ([False] * 10, [True] * 10)
    enter(window)
    assert (enabled("guess"), enabled("class")) == ([True] * 10, [False] * 10)
    window.workspace.document.set_test(make_digits())
    assert (enabled("guess"), enabled("class")) == ([True] * 10, [False] * 10)
    window.show_page("layers")
    assert (enabled("guess"), enabled("class")) == ([False] * 10, [True] * 10)


def test_every_control_of_the_game_has_a_name(page):
    for button in (*page.guesses.buttons, page.review.back, page.review.forth, page.map):
        assert button.accessibleName()
    for part in (page.board, page.number, page.review.slider, page.review.models, page.score):
        assert part.accessibleName()
    click(page, 300)
    assert page.board.accessibleDescription().startswith("row 10, column 20: ")
    assert not page.board.accessibleDescription().endswith("hidden")

"""The state of the game, without a window and without a model."""

import numpy as np
import pytest

from vae_gui.state.game import ROUNDS, Game, ModelPlay, ModelStep
from vae_gui.state.guessing_round import Hidden, Round
from vae_gui.state.pixel_map import PixelInformation


def hidden(label=3):
    return Hidden(np.ones(784, dtype=np.float32), label, 0)


def play_of(what, cost):
    now = Round(what)
    for pixel in range(cost):
        now = now.look_at(pixel)
    labels = np.full(10, 0.1)
    steps = [ModelStep(pixel, 0.3, None, labels) for pixel in range(cost)]
    steps.append(ModelStep(None, 0.0, what.label, labels))
    return ModelPlay(now.guess(what.label), tuple(steps), "made-up digits")


@pytest.fixture
def game(qapp):
    made = Game(7)
    made.asks = []
    made.asked.connect(lambda: made.asks.append((made.number, made.at)))
    made.see(True)
    return made


def test_the_number_says_which_digits_are_hidden():
    def indices(number):
        game = Game(number)
        found = []
        for at in range(ROUNDS):
            game.at = at
            found.append(game.index_of(10_000))
        return found

    assert indices(7) == indices(7)
    assert indices(7) != indices(8)
    assert len(set(indices(7))) == ROUNDS


@pytest.mark.parametrize("model_first", [True, False])
def test_a_round_is_counted_once_when_both_have_ended(game, model_first):
    what = hidden()
    game.hide(what)
    if model_first:
        game.show_play(play_of(what, 6))
        assert game.score.rounds == ()
    game.look_at(4)
    game.guess(3)
    if not model_first:
        assert game.score.rounds == ()
        assert not game.is_round_over
        game.show_play(play_of(what, 6))
    assert game.is_round_over
    assert game.score.rounds == ((1, 6),)
    game.guess(3)
    game.look_at(9)
    game.show_play(play_of(what, 6))
    assert game.score.rounds == ((1, 6),)


def test_after_five_rounds_the_next_game_begins(game):
    assert game.asks == [(7, 0)]
    for at in range(ROUNDS):
        game.next_round()  # it does nothing before the round is over
        what = hidden(at)
        game.hide(what)
        game.show_play(play_of(what, 2))
        game.guess(at)
        assert game.is_over is (at == ROUNDS - 1)
        game.next_round()
    assert game.asks == [(7, 0), (7, 1), (7, 2), (7, 3), (7, 4), (8, 0)]
    assert game.score.rounds == ()
    assert game.round is None


def test_a_play_of_another_digit_is_not_taken(game):
    game.hide(hidden())
    game.show_play(play_of(hidden(), 3))
    assert game.play is None


def test_the_map_costs_and_is_gone_in_the_next_round(game):
    what = hidden()
    game.hide(what)
    assert not game.pixel_map.is_on
    game.look_at_most_telling()  # without the map there is none
    assert game.round.looked == ()
    game.use_map()
    assert game.round.cost == 5
    nats = np.linspace(0.0, 1.0, 784, dtype=np.float32)
    game.pixel_map.show(PixelInformation(game.round.evidence, nats))
    game.look_at_most_telling()
    assert game.round.looked == (783,)
    game.look_at_most_telling()  # the map is of what was known before
    assert game.round.looked == (783,)
    game.show_play(play_of(what, 3))
    game.give_up()
    game.next_round()
    assert not game.pixel_map.is_on
    assert game.pixel_map.information is None


def test_what_the_model_knew_after_each_step():
    play = play_of(hidden(), 3)
    assert [int(play.evidence_after(n).known.sum()) for n in range(5)] == [0, 1, 2, 3, 3]
    assert play.looks == 3


def test_other_weights_play_the_round_anew(game):
    what = hidden()
    game.hide(what)
    game.look_at(1)
    game.show_play(play_of(what, 3))
    game.forget_play()
    assert game.play is None
    assert game.round.looked == (1,)
    game.show_play(play_of(what, 5))
    game.guess(3)
    game.forget_play()  # what has ended stays
    assert game.score.rounds == ((1, 5),)
    assert game.play is not None

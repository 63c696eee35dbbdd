"""A round of the game and the score: what each act costs."""

import numpy as np
import pytest

from vae_gui.state.guessing_round import GIVEN_UP, MAP, WRONG, Ending, Hidden, Round, Score


@pytest.fixture
def hidden():
    pixels = np.random.default_rng(0).integers(0, 2, 784).astype(np.float32)
    return Hidden(pixels, 3, 18)


def test_looks_cost_one_wrong_guesses_ten_and_the_map_five_once(hidden):
    now = Round(hidden)
    for pixel in (5, 700, 5, 6):  # a pixel that is known costs nothing more
        now = now.look_at(pixel)
    assert (now.looked, now.cost) == ((5, 700, 6), 3)
    now = now.guess(8).guess(8).guess(1)
    assert (now.wrong, now.cost) == ((8, 1), 3 + 2 * WRONG)
    now = now.use_map().use_map()
    assert now.cost == 3 + 2 * WRONG + MAP == 28
    won = now.guess(3)
    assert (won.ending, won.cost) == (Ending.GUESSED, 28)


def test_what_is_known_is_what_was_looked_at(hidden):
    now = Round(hidden).look_at(5).look_at(700)
    assert np.flatnonzero(now.evidence.known).tolist() == [5, 700]
    np.testing.assert_array_equal(now.evidence.pixels[[5, 700]], hidden.pixels[[5, 700]])
    assert now.evidence is now.evidence


def test_to_give_up_costs_at_least_a_hundred(hidden):
    assert Round(hidden).look_at(1).give_up().cost == GIVEN_UP == 100
    dear = Round(hidden)
    for label in (0, 1, 2, 4, 5, 6, 7, 8, 9):
        dear = dear.guess(label)
    for pixel in range(20):
        dear = dear.look_at(pixel)
    assert dear.give_up().cost == 110


def test_after_its_end_nothing_changes_a_round(hidden):
    for ended in (Round(hidden).guess(3), Round(hidden).give_up()):
        for act in (ended.look_at(1), ended.guess(4), ended.use_map(), ended.give_up()):
            assert act is ended


def test_pixels_that_are_not_there_are_not_looked_at(hidden):
    now = Round(hidden)
    assert now.look_at(-1) is now
    assert now.look_at(784) is now


def test_fewer_pixels_win_a_round_and_equal_ones_nobody():
    score = Score().with_round(12, 20).with_round(30, 9).with_round(7, 7).with_round(1, 100)
    assert score.won == (2, 1)
    assert score.pixels == (50, 136)
    assert len(score.rounds) == 4

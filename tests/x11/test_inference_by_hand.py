"""What the plane says of a drawing, under a real X server, by real mouse and key events."""

import math
from itertools import pairwise

import numpy as np
import pytest
from x11_program import MAIN, Explorer, StartExplorer, State

from model import assets

pytestmark = pytest.mark.x11

SEVEN = [(7, 8), (20, 8), (17, 14), (13, 21)]  # column and row of the corners of a drawn 7
PRIOR_ENTROPY = math.log(2.0 * math.pi * math.e)  # of N(0, I) in the plane, in nats
LOWER = [(2, row) if row % 4 == 0 else (25, row) for row in range(16, 27, 2)]


def pixel_of(explorer: Explorer, column: int, row: int) -> tuple[int, int]:
    """Where a pixel of the canvas is on the screen."""
    x, y, width, height = explorer.state["rectangles"]["canvas"]
    return round(x + (column + 0.5) * width / 28), round(y + (row + 0.5) * height / 28)


def draw(explorer: Explorer, corners: list[tuple[int, int]]) -> None:
    """Draw a line through pixels of the canvas, with a step of the mouse for each pixel."""
    places = []
    for before, after in pairwise(corners):
        steps = max(abs(before[0] - after[0]), abs(before[1] - after[1]))
        for step in np.linspace(0.0, 1.0, steps + 1):
            column, row = (1.0 - step) * np.array(before) + step * np.array(after)
            places.append(pixel_of(explorer, round(column), round(row)))
    explorer.hand.drag(*places)
    explorer.hand.release()


def wait_for_numbers(explorer: Explorer, what: str, condition) -> State:
    """Wait until the numbers of what is on the canvas are there, and fulfil a condition."""
    state = explorer.wait_until_it_stays(
        what,
        lambda state: "nats" in state["evidence"] and condition(state["evidence"]),
        lambda state: state["evidence"],
    )
    found: State = state["evidence"]
    return found


def test_a_drawn_seven_loses_its_half_and_a_path_leads_to_a_one(start: StartExplorer) -> None:
    explorer = start()
    explorer.wait_until_open(assets.PRETRAINED)
    explorer.click_widget("end of tour")
    whole = _draw_a_seven(explorer)
    _refine_the_encoder(explorer)
    _erase_its_lower_half(explorer, whole)
    _pull_a_path(explorer)
    _play_a_round(explorer)
    explorer.quit()


def _draw_a_seven(explorer: Explorer) -> State:
    explorer.look_to(MAIN)
    explorer.hand.key("ctrl+e")
    explorer.wait("the page is there", lambda state: "canvas" in state["rectangles"])
    nothing = wait_for_numbers(explorer, "nothing is known", lambda found: found["known"] == 0)
    assert nothing["nats"] == pytest.approx(0.0, abs=1e-3)
    assert nothing["entropy"] == pytest.approx(PRIOR_ENTROPY, abs=1e-3)
    draw(explorer, SEVEN)
    drawn = wait_for_numbers(explorer, "a 7 is drawn", lambda found: found["known"] > 30)
    assert drawn["entropy"] < nothing["entropy"]
    explorer.click_widget("rest is blank")
    return wait_for_numbers(explorer, "all is known", lambda found: found["known"] == 784)


def _refine_the_encoder(explorer: Explorer) -> None:
    explorer.look_to(MAIN)
    explorer.hand.key("shift+y")
    before = explorer.wait("the gap is known", lambda state: "elbo" in state["evidence"])
    assert not before["evidence"]["refined"]
    explorer.hand.key("y")
    after = explorer.wait("q is refined", lambda state: state["evidence"].get("refined"))
    assert after["evidence"]["elbo"] > before["evidence"]["elbo"]


def _erase_its_lower_half(explorer: Explorer, whole: State) -> None:
    explorer.look_to(MAIN)
    explorer.hand.key("u")
    draw(explorer, LOWER)
    half = wait_for_numbers(explorer, "a half is left", lambda found: found["known"] < 740)
    assert half["nats"] > whole["nats"]  # less is known, so less had to be guessed
    # It may be less than of the whole: only its mean over all images must be more.
    assert half["entropy"] < PRIOR_ENTROPY
    explorer.hand.key("ctrl+z")
    again = wait_for_numbers(explorer, "all is known again", lambda found: found["known"] == 784)
    assert again["nats"] == pytest.approx(whole["nats"], abs=2e-3)
    explorer.hand.key("ctrl+shift+z")
    wait_for_numbers(explorer, "a half is left again", lambda found: found["known"] < 740)


def _play_a_round(explorer: Explorer) -> None:
    """Look at some pixels, and guess through all digits: one of them is right."""
    known = explorer.state["evidence"]["known"]
    explorer.hand.key("ctrl+p")
    explorer.wait("a digit is hidden", lambda state: state["game"] and not state["game"]["over"])
    x, y, width, height = explorer.state["rectangles"]["board"]
    for column, row in ((0.5, 0.3), (0.5, 0.5), (0.4, 0.7)):
        explorer.hand.click((round(x + column * width), round(y + row * height)))
    explorer.wait("three pixels are seen", lambda state: state["game"]["looked"] == 3)
    explorer.look_to(MAIN)
    explorer.hand.key(*"0123456789")
    explorer.wait("the round is over", lambda state: state["game"]["over"])
    explorer.hand.key("Escape")
    state = explorer.wait("the canvas is back", lambda state: state["game"] is None)
    assert state["evidence"]["known"] == known
    assert state["hidden"] == []  # the keys of classes were the guesses'


def _pull_a_path(explorer: Explorer) -> None:
    """From a place of ones to a place of sevens, by their class names."""
    explorer.look_to(MAIN)
    explorer.hand.key("w")
    explorer.hand.drag(explorer.in_plot(0.7, 0.35), explorer.in_plot(0.65, 0.45))
    explorer.hand.move(explorer.in_plot(0.6, 0.48))
    explorer.hand.release()
    state = explorer.wait("a path is there", lambda state: state["path"])
    path = state["path"]
    assert 0.0 < path["length"] <= path["straight"] * 1.001
    assert path["stops"] >= 5
    explorer.hand.key("Escape")
    explorer.wait("it is gone", lambda state: state["path"] is None)

"""A model with classes under a real X server: its planes, ten digits of one z, its analogies."""

import numpy as np
import pytest
from x11_program import MAIN, Explorer, StartExplorer, State

from model import assets

pytestmark = pytest.mark.x11


def of_class(explorer: Explorer, label: int) -> State:
    """Wait until the plane of a class is shown, with everything that belongs to it."""
    return explorer.wait(
        f"the plane of class {label}",
        lambda state: (
            (state["classes"] or {}).get("label") == label
            and state["classes"]["row"] is not None
            and state["settled"]
        ),
    )


def test_ten_digits_follow_the_hand_and_keys_lead_from_plane_to_plane(start: StartExplorer) -> None:
    explorer = start(assets.M2)
    explorer.wait_until_open(assets.M2)
    explorer.click_widget("end of tour")
    explorer.look_to(MAIN)
    first = of_class(explorer, 0)
    assert len(set(first["classes"]["row"])) == 10
    _drag(explorer, first)
    _go_from_class_to_class(explorer)
    _ask_what_it_says_of_a_digit(explorer)
    explorer.quit()


def _drag(explorer: Explorer, first: State) -> None:
    """All ten digits change under the hand, and stay where it lets go."""
    explorer.hand.drag(explorer.in_plot(0.5, 0.5), explorer.in_plot(0.6, 0.55))
    explorer.hand.move(explorer.in_plot(0.65, 0.6))
    moved = explorer.wait(
        "ten other digits", lambda state: state["classes"]["row"] != first["classes"]["row"]
    )
    explorer.hand.release()
    explorer.wait("all is drawn where it let go", lambda state: state["settled"])
    changed = np.array(moved["classes"]["row"]) != np.array(first["classes"]["row"])
    assert changed.all()


def _go_from_class_to_class(explorer: Explorer) -> None:
    """By a key, and by a click on a digit; the probe stays where it is."""
    before = explorer.wait_until_it_stays(
        "the probe is placed",
        lambda state: state["probe"] != [0.0, 0.0],
        lambda state: state["probe"],
    )
    explorer.hand.key("7")
    seven = of_class(explorer, 7)
    assert "y = 7" in seven["classes"]["header"]
    assert seven["probe"] == before["probe"]
    assert len(set(seven["classes"]["row"])) == 10
    assert seven["digits"] == before["digits"] == 10_000
    explorer.click_widget("ten digits", across=0.35)  # the fourth of ten
    assert of_class(explorer, 3)["hidden"] == []


def _ask_what_it_says_of_a_digit(explorer: Explorer) -> None:
    """q(y|x) beside exact p(y|x), and the styles of digits as other classes."""
    explorer.hand.key("Return")
    explorer.wait("a digit is chosen", lambda state: state["selected"] is not None)
    explorer.hand.key("ctrl+k")
    state = explorer.wait("p(y|x) is known", lambda state: state["classes"]["p"] is not None)
    assert sum(state["classes"]["p"]) == pytest.approx(1.0)
    state = explorer.wait("analogies", lambda state: state["classes"]["analogies"])
    assert state["classes"]["analogies"] >= 1
    explorer.hand.key("ctrl+n")
    explorer.wait(
        "a digit that q(y|x) is wrong about",
        lambda later: later["selected"] not in (None, state["selected"]),
    )

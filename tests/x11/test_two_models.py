"""Two models side by side under a real X server, by real mouse and key events."""

from pathlib import Path

import numpy as np
import pytest
from x11_desktop import Desktop
from x11_program import MAIN, Explorer, StartExplorer, State

from model import assets

pytestmark = pytest.mark.x11


def middle(rectangle: list[float]) -> tuple[int, int]:
    x, y, width, height = rectangle
    return round(x + width / 2), round(y + height / 2)


def wait_for_second(explorer: Explorer, what: str, condition) -> State:
    state = explorer.wait(what, lambda state: state["second"] and condition(state["second"]))
    second: State = state["second"]
    return second


def click_in_second(explorer: Explorer, across: float, up: float) -> np.ndarray:
    """Click in the second plane; returns the place there."""
    second = explorer.state["second"]
    x, y, width, height = second["plot"]
    position = round(x + across * width), round(y + (1.0 - up) * height)
    (left, right), (low, high) = second["range"]
    explorer.hand.click(position)
    return np.array(
        [
            left + (position[0] - x) / width * (right - left),
            high - (position[1] - y) / height * (high - low),
        ]
    )


def test_two_models_are_compared_linked_aligned_and_parted(
    start: StartExplorer, desktop: Desktop, checkpoints: dict[int, Path], bad_file: Path
) -> None:
    explorer = start()
    explorer.wait_until_open(assets.PRETRAINED)
    explorer.click_widget("end of tour")
    _compare_by_dialog(explorer, checkpoints[2])
    _move_either_probe(explorer, desktop)
    _link_through_z_without_alignment(explorer)
    _a_bad_file_changes_nothing(explorer, bad_file, checkpoints[2])
    second = explorer.state["second"]
    explorer.hand.click(middle(second["stop"]))
    explorer.wait("there is one plane", lambda state: state["second"] is None)
    explorer.quit()


def _choose_a_file(explorer: Explorer) -> None:
    """By the list that a key opens, whose last rows lead to the dialogs."""
    explorer.hand.key("ctrl+m")
    explorer.wait("the list is there", lambda state: "QMenu" in state["windows"])
    explorer.hand.key("c")
    explorer.look_to("OpenDialog")


def _compare_by_dialog(explorer: Explorer, path: Path) -> None:
    explorer.look_to(MAIN)
    _choose_a_file(explorer)
    explorer.hand.type(str(path))
    explorer.wait("the path is typed", lambda state: state["typed"] == str(path))
    explorer.hand.key("Return")
    second = wait_for_second(
        explorer, "the second is open", lambda s: s["aligned"] and s["visible"]
    )
    assert second["model"] == str(path)
    assert "turned by" in second["sentence"]
    explorer.look_to(MAIN)
    state = explorer.state
    assert state["range"] == pytest.approx(np.array(second["range"]))


def _move_either_probe(explorer: Explorer, desktop: Desktop) -> None:
    before = desktop.look_at(explorer.state["second"]["digit"]).copy()
    explorer.hand.click(explorer.in_plot(0.3, 0.6))
    wait_for_second(explorer, "the second probe follows", lambda s: s["probe"] != [0.0, 0.0])
    place = click_in_second(explorer, 0.55, 0.45)
    second = wait_for_second(
        explorer,
        "the second probe is where the click was",
        lambda s: np.allclose(s["place"], place, atol=0.03),
    )
    explorer.wait("its digit is on the screen", lambda state: state["settled"])
    assert (desktop.look_at(second["digit"]) != before).any()
    explorer.look_to(MAIN)
    explorer.hand.key("Return")
    second = wait_for_second(explorer, "a digit is chosen", lambda s: s["selected"] is not None)
    assert explorer.state["selected"] == second["selected"]
    assert second["probe"] == second["mean"]


def _link_through_z_without_alignment(explorer: Explorer) -> None:
    explorer.hand.click(middle(explorer.state["second"]["z"]))
    wait_for_second(explorer, "linked through z", lambda s: s["link"] == "z")
    explorer.hand.click(middle(explorer.state["second"]["align"]))
    wait_for_second(explorer, "not aligned", lambda s: not s["aligned"])
    explorer.hand.click(explorer.in_plot(0.6, 0.7))
    state = explorer.wait(
        "both probes have the same z",
        lambda state: np.allclose(state["probe"], state["second"]["probe"]),
    )
    assert np.linalg.norm(state["probe"]) > 0.1
    explorer.look_to(MAIN)
    explorer.hand.key("ctrl+z", "ctrl+z")
    wait_for_second(explorer, "aligned again", lambda s: s["aligned"])


def _a_bad_file_changes_nothing(explorer: Explorer, bad_file: Path, path: Path) -> None:
    _choose_a_file(explorer)
    explorer.hand.type(str(bad_file))
    explorer.wait("the path is typed", lambda state: state["typed"] == str(bad_file))
    explorer.hand.key("Return")
    state = explorer.wait("it is refused", lambda state: state["message"])
    assert bad_file.name in state["message"]
    assert state["second"]["model"] == str(path)
    assert state["model"] == str(assets.PRETRAINED)
    explorer.look_to(MAIN)


def test_closing_the_window_while_it_compares(
    start: StartExplorer, checkpoints: dict[int, Path]
) -> None:
    explorer = start("--compare", checkpoints[5])
    explorer.wait_until_open(assets.PRETRAINED)
    second = wait_for_second(explorer, "they are linked", lambda s: s["link"] == "digit")
    assert "2 and 5 latent dimensions" in second["sentence"]
    explorer.quit()

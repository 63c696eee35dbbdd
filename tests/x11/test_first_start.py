"""The first start: four steps float over the window until they are closed."""

from pathlib import Path

import pytest
from x11_desktop import Desktop
from x11_program import Explorer, Program

pytestmark = pytest.mark.x11


def test_the_first_steps_come_once_and_follow_the_hand(
    desktop: Desktop, tmp_path: Path, cache: Path, started: list[Program]
) -> None:
    environment = desktop.environment(tmp_path / "home", cache, sees_the_tour=True)

    def start() -> Explorer:
        desktop.put_the_hand_away()
        folder = tmp_path / f"run-{len(started)}"
        started.append(explorer := Explorer(desktop, environment, folder, []))
        return explorer

    explorer = start()
    explorer.wait("the tour begins", lambda state: state["tour"].startswith("Move the mouse"))
    for step in range(14):
        before = explorer.state["reading"]["z"]
        explorer.hand.move(explorer.in_plot(0.2 + 0.02 * step, 0.6))
        explorer.wait("it is seen", lambda state, before=before: state["reading"]["z"] != before)
    explorer.wait("it is ticked", lambda state: state["tour"].startswith("✓ Move"))
    press(explorer, "next of tour")
    explorer.wait("it goes on", lambda state: state["tour"].startswith("Click, or drag"))
    press(explorer, "end of tour")
    explorer.wait("it is closed", lambda state: state["tour"] == "")
    explorer.quit()

    again = start()
    again.wait_until_open()
    assert again.state["tour"] == ""
    again.quit()


def press(explorer: Explorer, button: str) -> None:
    x, y, width, height = explorer.state["rectangles"][button]
    explorer.hand.click((x + width / 2, y + height / 2))

"""The first window, and one that comes back, on the screens that people have."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from x11_desktop import Desktop
from x11_program import MAIN, Explorer, Program

pytestmark = pytest.mark.x11

LAPTOP, FINE = (1366, 768), (1920, 1200)
TITLE_BAR = 40  # pixels of a window manager above the window; there is none in these tests

Start = Callable[..., Explorer]


@pytest.fixture
def start_on(
    desktop: Desktop, tmp_path: Path, cache: Path, started: list[Program]
) -> Iterator[Start]:
    """Start the explorer of one user on a screen of a size of its own, with a scale factor."""
    screens: list[Desktop] = []

    def start(size: tuple[int, int], factor: int = 1) -> Explorer:
        folder = tmp_path / f"screen-{len(screens)}"
        folder.mkdir()
        screens.append(Desktop(folder, size))
        environment = screens[-1].environment(tmp_path / "home", cache)
        environment["QT_SCALE_FACTOR"] = str(factor)
        explorer = Explorer(screens[-1], environment, tmp_path / f"run-{len(screens)}", [])
        started.append(explorer)
        return explorer

    yield start
    for program in started:
        program.clean_up()
    for screen in screens:
        screen.stop()


def see_it_whole(explorer: Explorer, size: tuple[int, int], factor: int = 1) -> float:
    """The window, as the program and as the X server have it, lies on the screen.

    Returns:
        Its upper edge; where a window never stood, a window manager would choose it.
    """
    state = explorer.wait_until_open()
    left, top, width, height = (factor * value for value in state["rectangles"]["window"])
    assert left >= 0
    assert left + width <= size[0]
    assert max(top, factor * TITLE_BAR) + height <= size[1]
    number = state["windows"][MAIN]
    told = explorer.desktop.xdotool("getwindowgeometry", "--shell", number).split()
    by_name = dict(line.split("=") for line in told)
    assert [int(by_name[name]) for name in ("WIDTH", "HEIGHT")] == [width, height]
    for part in ("plane", "status"):
        x, y, part_width, part_height = (factor * value for value in state["rectangles"][part])
        assert x >= left
        assert y >= top
        assert x + part_width <= left + width
        assert y + part_height <= top + height
    return float(top)


@pytest.mark.parametrize(("size", "factor"), [(LAPTOP, 1), (FINE, 2)])
def test_the_first_window_is_whole(start_on: Start, size: tuple[int, int], factor: int) -> None:
    explorer = start_on(size, factor)
    see_it_whole(explorer, size, factor)
    explorer.quit()


def test_a_window_comes_back_whole_on_a_smaller_screen(start_on: Start) -> None:
    explorer = start_on(FINE)
    explorer.wait_until_open()
    number = explorer.state["windows"][MAIN]
    explorer.desktop.xdotool("windowmove", number, 500, 280)
    explorer.desktop.xdotool("windowsize", number, 1400, 900)
    explorer.wait(
        "it is large", lambda state: state["rectangles"]["window"] == [500, 280, 1400, 900]
    )
    explorer.quit()
    again = start_on(LAPTOP)
    see_it_whole(again, LAPTOP)
    number = again.state["windows"][MAIN]
    again.desktop.xdotool("windowmove", number, 300, 10)  # no room for a title bar
    again.wait("it is high up", lambda state: state["rectangles"]["window"][1] == 10)
    again.quit()
    last = start_on(LAPTOP)
    assert see_it_whole(last, LAPTOP) >= TITLE_BAR
    last.quit()

"""The program itself under a real X server, moved by real mouse and key events."""

import socket
import time
from pathlib import Path

import numpy as np
import pytest
from x11_desktop import CORNER, Desktop, wait_until
from x11_program import (
    DIALOG,
    MAIN,
    DragSource,
    Explorer,
    Program,
    StartDragSource,
    StartExplorer,
    StartProgram,
    State,
)

from benchmarks.hand import MIDDLE
from model import assets

pytestmark = pytest.mark.x11

DOUBLE_CLICK = 0.6  # seconds, more than Qt allows between the two clicks of one
TICK = 10  # pixels from the middle of the probe's mark to its four ticks


def at(reading: State, z: np.ndarray, tolerance: float) -> bool:
    return bool(np.abs(np.array(reading["z"][:2]) - z).max() <= tolerance)


def probe_is_at(reading: State, z: np.ndarray, tolerance: float) -> bool:
    """Also when the hand only hovers there, the reading is of that point: until it has clicked."""
    return at(reading, z, tolerance) and not reading["is_peek"]


def in_single_precision(z: list[float]) -> list[float]:
    """A point as the decoder takes it, which is what a reading tells."""
    return np.float32(z).astype(float).tolist()


def assert_says_one_sentence(message: str | None, file: Path) -> None:
    assert message is not None
    assert file.name in message
    assert message.endswith(".")
    assert "\n" not in message
    assert message.count(". ") == 0


def assert_digit_is_seen(explorer: Explorer) -> np.ndarray:
    """The digit's pixels on the screen, once they are not all black."""

    wait_until(lambda: explorer.see_digit().max() > 100, "a digit is on the screen")
    return explorer.see_digit()


# 1. The hand in the plane


def test_the_digit_follows_clicks_drags_and_the_cursor(
    start: StartExplorer, desktop: Desktop
) -> None:
    explorer = start()
    explorer.wait_until_open(assets.PRETRAINED)
    _click_two_places(explorer)
    _see_the_mark_where_the_click_was(explorer, desktop)
    _drag(explorer)
    _hover(explorer, desktop)
    explorer.quit()


def _click_two_places(explorer: Explorer) -> None:
    seen = []
    for place in ((0.3, 0.55), (0.55, 0.75)):
        position = explorer.in_plot(*place)
        expected = explorer.latent_at(position)
        explorer.hand.click(position)
        reading = explorer.wait_for_reading(
            "a reading at the click",
            lambda reading, z=expected: probe_is_at(reading, z, explorer.pixel),
        )
        assert reading["z"] == in_single_precision(explorer.state["probe"])
        seen.append(assert_digit_is_seen(explorer))
    wait_until(
        lambda: (explorer.see_digit() != seen[0]).mean() > 0.02, "another digit at another place"
    )


def _see_the_mark_where_the_click_was(explorer: Explorer, desktop: Desktop) -> None:
    x, y = explorer.in_plot(0.9, 0.9)  # no points there
    explorer.hand.click((x, y))
    desktop.put_the_hand_away()
    ticks = [(x + TICK, y), (x - TICK, y), (x, y + TICK), (x, y - TICK)]

    def marked() -> bool:
        screen = desktop.screen()
        return all(screen[down, across].max() < 80 for across, down in ticks)

    wait_until(marked, "the probe's mark is painted where the click was")


def _drag(explorer: Explorer) -> None:
    angles = np.linspace(0.0, 2.0 * np.pi, 30, endpoint=False)
    path = [explorer.in_plot(0.5 + 0.2 * np.cos(a), 0.5 + 0.25 * np.sin(a)) for a in angles]
    mark = explorer.mark()
    explorer.hand.press(at=path[0])
    for position in path:
        explorer.hand.move(position)
        expected = explorer.latent_at(position)
        explorer.wait_for_reading(
            f"the drag is read at {position}",
            lambda reading, z=expected: probe_is_at(reading, z, explorer.pixel),
        )
    (_, right), (low, _) = explorer.state["range"]
    explorer.hand.move(CORNER)
    explorer.wait_for_reading(
        "outside, the drag is read at the plane's nearest corner",
        lambda reading: at(reading, np.array([right, low]), explorer.pixel),
    )
    # Faster than the eye: whatever is skipped on the way, the last place counts.
    explorer.hand.move(*path[::-1])
    explorer.hand.release()
    expected = explorer.latent_at(path[0])
    explorer.wait_for_reading(
        "the last reading is where the button was released",
        lambda reading: at(reading, expected, explorer.pixel),
    )
    np.testing.assert_allclose(explorer.state["probe"], expected, atol=explorer.pixel)
    readings = explorer.readings_since(mark + 1)  # the pointer may have come as a peek
    assert len(readings) > len(path)
    assert not any(reading["is_peek"] for reading in readings)


def _hover(explorer: Explorer, desktop: Desktop) -> None:
    probe = explorer.state["probe"]
    for place in ((0.2, 0.4), (0.6, 0.3), (0.7, 0.6)):
        position = explorer.in_plot(*place)
        expected = explorer.latent_at(position)
        explorer.hand.move(position)
        explorer.wait_for_reading(
            "a peek under the cursor",
            lambda reading, z=expected: at(reading, z, explorer.pixel) and reading["is_peek"],
        )
        assert explorer.state["probe"] == probe
    desktop.put_the_hand_away()
    reading = explorer.wait_for_reading("the peek ends", lambda reading: not reading["is_peek"])
    assert reading["z"] == in_single_precision(probe)


# 2. Numbers, keys, wheel


def test_fields_keys_and_wheel(start: StartExplorer, desktop: Desktop) -> None:
    explorer = start()
    explorer.wait_until_open()
    _type_coordinates(explorer)
    _scroll_over_controls(explorer)
    _nudge(explorer)
    _snap(explorer, desktop)
    _zoom_pan_and_fit(explorer)
    _open_the_sheet_of_keys(explorer)
    explorer.quit()


def _type_coordinates(explorer: Explorer) -> None:
    explorer.type_into("z1", "1.5")
    explorer.wait(
        "z1 is typed, and the plane has the keys again",
        lambda state: state["probe"][0] == 1.5 and state["focus"] == "Latent plane",
    )
    explorer.click_widget("z1", across=0.3)
    explorer.wait("z1 takes keys", lambda state: state["focus"] == "z1 of the probe")
    explorer.hand.key("ctrl+a")
    explorer.hand.type("1.25")
    explorer.hand.key("Tab")
    explorer.wait("Tab goes on to z2", lambda state: state["focus"] == "z2 of the probe")
    assert explorer.state["probe"][0] == 1.25
    explorer.type_into("z2", "-0,75")  # as half of the world writes it
    explorer.wait_for_reading("both are decoded", lambda reading: reading["z"] == [1.25, -0.75])
    assert explorer.state["probe"] == [1.25, -0.75]


def _scroll_over_controls(explorer: Explorer) -> None:
    """The wheel edits nothing, and a click on a control leaves the keys to the plane."""
    before = explorer.state
    for name in ("z1", "z2", "colour by"):
        x, y, width, height = before["rectangles"][name]
        explorer.hand.move((x + width / 3, y + height / 2))
        explorer.hand.wheel(3)
        explorer.hand.wheel(-3)
    explorer.click_widget("layer prior", across=0.1)
    explorer.wait("the box hides the prior", lambda state: not state["layers"]["prior"])
    for unchanged in ("probe", "colouring"):
        assert explorer.state[unchanged] == before[unchanged]
    explorer.hand.key("Right")
    there = np.array(before["probe"]) + np.array([0.05, 0.0])
    explorer.wait_for_reading("the arrow nudges", lambda reading: at(reading, there, 1e-6))


def _nudge(explorer: Explorer) -> None:
    position = explorer.in_plot(0.45, 0.45)
    expected = explorer.latent_at(position)
    explorer.hand.click(position)
    explorer.wait_for_reading(
        "the click", lambda reading: probe_is_at(reading, expected, explorer.pixel)
    )
    start = np.array(explorer.state["probe"])
    explorer.hand.key("Right", "Right", "Up", "shift+Left", "ctrl+Down")
    there = start + np.array([0.05 + 0.05 - 0.01, 0.05 - 0.5])
    explorer.wait_for_reading("the arrows are decoded", lambda reading: at(reading, there, 1e-6))


def _snap(explorer: Explorer, desktop: Desktop) -> None:
    desktop.put_the_hand_away()
    here = explorer.wait_for_reading("no peek", lambda reading: not reading["is_peek"])
    explorer.hand.key("Return")
    explorer.wait(
        "Enter goes to the nearest test digit",
        lambda state: state["selected"] == here["nearest"] and state["reading"]["distance"] == 0.0,
    )
    position = explorer.in_plot(0.35, 0.6)
    expected = explorer.latent_at(position)
    explorer.hand.click(position)
    clicked = explorer.wait_for_reading(
        "the click", lambda reading: probe_is_at(reading, expected, explorer.pixel)
    )
    time.sleep(DOUBLE_CLICK)
    explorer.hand.click(position, times=2)
    explorer.wait(
        "a double click goes to the nearest test digit",
        lambda state: (
            state["selected"] == clicked["nearest"] and state["reading"]["distance"] == 0.0
        ),
    )


def _zoom_pan_and_fit(explorer: Explorer) -> None:
    fitted = explorer.state["range"]
    probe = explorer.state["probe"]
    position = explorer.in_plot(0.7, 0.3)
    under, pixel = explorer.latent_at(position), explorer.pixel
    explorer.hand.move(position)
    explorer.hand.wheel(5)
    explorer.wait("the wheel zooms in", lambda _: explorer.pixel < 0.7 * pixel)
    np.testing.assert_allclose(explorer.latent_at(position), under, atol=pixel)

    pixel, (across, down) = explorer.pixel, (80, -50)
    there = (position[0] + across, position[1] + down)
    under = explorer.latent_at(position)
    explorer.hand.press(MIDDLE)
    explorer.hand.move((position[0] + across // 2, position[1]), there)
    explorer.wait(
        "the plane is under the hand that pans",
        lambda _: np.abs(explorer.latent_at(there) - under).max() < pixel,
    )
    explorer.hand.release(MIDDLE)
    panned = explorer.state["range"]
    explorer.hand.hold("space")
    explorer.hand.drag(there, position)
    explorer.wait(
        "Space and the left button pan too",
        lambda _: np.abs(explorer.latent_at(position) - under).max() < pixel,
    )
    explorer.hand.release()
    explorer.hand.let_go("space")
    assert explorer.state["range"] != panned
    assert explorer.state["probe"] == probe

    explorer.hand.key("Home")
    state = explorer.wait("Home fits", lambda state: np.allclose(state["range"], fitted))
    for axis in (0, 1):
        low, high = state["range"][axis]
        assert low <= state["bounds"][0][axis]
        assert high >= state["bounds"][1][axis]


def _open_the_sheet_of_keys(explorer: Explorer) -> None:
    explorer.hand.key("?")
    explorer.look_to("KeysSheet")
    explorer.hand.key("Escape")
    explorer.wait("the sheet is gone", lambda state: "KeysSheet" not in state["windows"])
    explorer.look_to(MAIN)


# 3. Opening


def test_files_from_the_command_line_the_dialog_and_the_recent_list(
    start: StartExplorer, checkpoints: dict[int, Path], bad_file: Path
) -> None:
    explorer = start(checkpoints[5])
    explorer.wait_until_open(checkpoints[5])
    explorer.open_by_dialog(checkpoints[2])
    opened = explorer.wait_until_open(checkpoints[2])
    explorer.open_by_dialog(bad_file)
    state = explorer.wait("the bar says what is wrong", lambda state: state["message"])
    assert_says_one_sentence(state["message"], bad_file)
    for unchanged in ("model", "digits", "probe", "source"):
        assert state[unchanged] == opened[unchanged]
    _read_the_details_and_dismiss_them(explorer)
    _assert_a_click_decodes(explorer)
    explorer.click_action("File")
    explorer.click_action("Quit")
    explorer.assert_ended_well()

    again = start()
    again.wait_until_open(assets.PRETRAINED)
    again.click_action("File")
    again.click_action("Open recent")
    listed = again.wait("the recent files", lambda state: "Clear this list" in state["actions"])
    assert {str(checkpoints[2]), str(checkpoints[5])} <= set(listed["actions"])
    assert str(bad_file) not in listed["actions"]
    again.click_action(str(checkpoints[2]))
    again.wait_until_open(checkpoints[2])
    again.quit()


def _read_the_details_and_dismiss_them(explorer: Explorer) -> None:
    explorer.click_widget("details")
    explorer.wait("the details", lambda state: state["details"])
    explorer.click_widget("dismiss")
    explorer.wait("the message is gone", lambda state: state["message"] is None)


def _assert_a_click_decodes(explorer: Explorer) -> None:
    position = explorer.in_plot(0.4, 0.6)
    expected = explorer.latent_at(position)
    explorer.hand.click(position)
    explorer.wait_for_reading(
        "the click is decoded", lambda reading: probe_is_at(reading, expected, explorer.pixel)
    )
    assert_digit_is_seen(explorer)


def test_a_bad_file_on_the_command_line_leaves_a_window_that_can_open_another(
    start: StartExplorer, checkpoints: dict[int, Path], bad_file: Path
) -> None:
    explorer = start(bad_file)
    state = explorer.wait("the bar says what is wrong", lambda state: state["message"])
    assert_says_one_sentence(state["message"], bad_file)
    assert state["model"] is None
    explorer.hand.click(explorer.in_plot(0.5, 0.5))  # nothing to decode: nothing happens
    explorer.open_by_dialog(checkpoints[2])
    explorer.wait_until_open(checkpoints[2])
    assert explorer.state["message"] is None
    explorer.quit()


def test_a_dialog_that_is_cancelled_changes_nothing(start: StartExplorer) -> None:
    explorer = start()
    opened = explorer.wait_until_open()
    explorer.look_to(MAIN)
    explorer.hand.key("ctrl+o")
    explorer.look_to(DIALOG)
    explorer.hand.key("Escape")
    state = explorer.wait("the dialog is gone", lambda state: DIALOG not in state["windows"])
    assert (state["model"], state["message"]) == (opened["model"], None)
    explorer.quit()


def test_five_latent_dimensions_are_stated_and_decoded(
    start: StartExplorer, checkpoints: dict[int, Path]
) -> None:
    explorer = start(checkpoints[5])
    state = explorer.wait_until_open(checkpoints[5])
    assert "5 latent dimensions" in state["statement"]
    assert f"test digit {state['selected']:,}" in state["statement"]
    before = state["probe"]
    assert len(before) == 5
    _assert_a_click_decodes(explorer)
    assert explorer.state["probe"][2:] == before[2:]
    explorer.quit()


# 4. Dropping


def test_dropped_files(
    start: StartExplorer,
    drag_source: StartDragSource,
    checkpoints: dict[int, Path],
    bad_file: Path,
) -> None:
    explorer = start()
    explorer.wait_until_open(assets.PRETRAINED)
    explorer.look_to(MAIN)
    explorer.desktop.xdotool("windowsize", explorer.state["windows"][MAIN], 1100, 900)
    explorer.wait("there is room", lambda state: state["rectangles"]["window"][2:] == [1100, 900])

    source = drag_source(checkpoints[2])
    _drop(explorer, source)
    opened = explorer.wait_until_open(checkpoints[2])
    source.close()
    source = drag_source(bad_file)
    _drop(explorer, source)
    state = explorer.wait("the bar says what is wrong", lambda state: state["message"])
    source.close()
    assert_says_one_sentence(state["message"], bad_file)
    for unchanged in ("model", "digits", "probe", "source"):
        assert state[unchanged] == opened[unchanged]
    _assert_a_click_decodes(explorer)
    source = drag_source(checkpoints[5], checkpoints[2])
    _drop(explorer, source)
    state = explorer.wait_until_open(checkpoints[5])
    assert "2 files were dropped" in state["message"]
    explorer.quit()


def _drop(explorer: Explorer, source: DragSource) -> None:
    source.drag_to(explorer.in_plot(0.5, 0.5))
    source.wait_until_taken()
    explorer.wait("the plane says so", lambda state: state["sign"].startswith("Drop to open "))
    assert source.drop() == "CopyAction"
    explorer.wait("the sign is gone", lambda state: not state["sign"])


# 5. Closing while it loads


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.8, 1.5, 3.0])
def test_closing_while_it_loads(
    start_plain: StartProgram, desktop: Desktop, seconds: float
) -> None:
    program = start_plain()
    windows = wait_until(lambda: desktop.windows("VAE explorer"), "the window is on the screen")
    time.sleep(seconds)

    def gone() -> bool:
        desktop.xdotool("windowfocus", windows[0], "key", "ctrl+q")
        time.sleep(0.2)
        return program.process.poll() is not None

    wait_until(gone, "the program ends")
    program.assert_ended_well()


def test_closing_between_the_model_and_its_digits(start: StartExplorer) -> None:
    explorer = start()
    explorer.wait("the window is alive", lambda _: True)
    wait_until(lambda: explorer.state["model"], "the model is open")
    explorer.quit()


# 6. Without a display


@pytest.mark.parametrize("display", [None, ":4242"])
def test_without_a_display_it_says_so(start_plain: StartProgram, display: str | None) -> None:
    _assert_it_says_so(start_plain(changes={"DISPLAY": display}))


def test_a_wayland_socket_that_nobody_listens_to_is_no_display(
    start_plain: StartProgram,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(environment["XDG_RUNTIME_DIR"])  # a socket's whole name must be short
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind("wayland-0")
    changes = {"DISPLAY": None, "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}
    _assert_it_says_so(start_plain(changes=changes))


def _assert_it_says_so(program: Program) -> None:
    assert program.wait_for_its_end() == 2
    out, err = program.printed
    assert out == ""
    assert err.endswith(".\n")
    assert err.count("\n") == 1
    assert "display" in err
    assert "--screenshot" in err

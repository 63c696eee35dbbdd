"""The explorer as a user has it before him: started as a process, moved by hand, looked at."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from x11_desktop import PATIENCE, Desktop, wait_until

from benchmarks.hand import Place

HERE = Path(__file__).resolve().parent
MAIN, DIALOG = "ObservedWindow", "OpenDialog"

State = dict[str, Any]
Condition = Callable[[State], object]


class Program:
    """One run of the program on a desktop."""

    def __init__(
        self, desktop: Desktop, environment: dict[str, str], folder: Path, command: list[str]
    ) -> None:
        """Start a command of the Python that runs the tests; `folder` gets what it prints."""
        self.desktop = desktop
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def printed(self) -> tuple[str, str]:
        """What is on stdout and stderr so far."""
        return (self._folder / "stdout").read_text(), (self._folder / "stderr").read_text()

    def wait_for_its_end(self) -> int:
        """The exit code."""
        return self.process.wait(PATIENCE)

    def assert_ended_well(self) -> None:
        """Exit code 0, and not a word on the terminal."""
        ended = (self.wait_for_its_end(), *self.printed)
        assert ended == (0, "", ""), f"exit code, stdout, stderr: {ended}"

    def clean_up(self) -> None:
        """After a test that failed halfway: a picture for people, and no process left behind."""
        if self.process.poll() is None:
            self.desktop.save_picture(self._folder / "screen.png")
            self.desktop.let_go()
            self.process.kill()
            self.process.wait(PATIENCE)


class Explorer(Program):
    """The explorer, with what `observed.py` tells of it."""

    def __init__(
        self, desktop: Desktop, environment: dict[str, str], folder: Path, arguments: list[str]
    ) -> None:
        self._told = folder / "observed.jsonl"
        environment = environment | {"VAE_GUI_OBSERVED": str(self._told)}
        super().__init__(desktop, environment, folder, [str(HERE / "observed.py"), *arguments])
        self.hand = desktop.hand
        self._read = 0
        self.events: list[State] = []
        self.states: list[State] = []

    # What it tells

    @property
    def state(self) -> State:
        """The newest account of everything."""
        self._listen()
        return self.states[-1] if self.states else {}

    def readings_since(self, mark: int) -> list[State]:
        """The readings after a mark: an earlier length of `events`."""
        self._listen()
        return [event for event in self.events[mark:] if event["event"] == "reading"]

    def mark(self) -> int:
        """For `readings_since`."""
        self._listen()
        return len(self.events)

    def wait(self, what: str, condition: Condition) -> State:
        """Wait until the state fulfils a condition, and the window has come to rest in it."""

        def fulfilled() -> State | None:
            state = self.state
            assert self.process.poll() is None, f"the program has ended: {self.printed}"
            at_rest = len(self.states) > 2 and _layout(self.states[-2]) == _layout(state)
            return state if at_rest and condition(state) else None

        return wait_until(fulfilled, what, lambda: json.dumps(self.state))

    def wait_until_it_stays(
        self, what: str, condition: Condition, part: Callable[[State], object]
    ) -> State:
        """Wait for a condition, and until a part of the state has been the same for a second.

        What the hand has done may still be on its way: a busy window takes its moves one by one.
        """
        last: object = None
        begun = 0.0

        def stays(state: State) -> bool:
            nonlocal last, begun
            if not condition(state) or part(state) != last:
                last, begun = part(state) if condition(state) else None, time.monotonic()
                return False
            return time.monotonic() - begun > 1.0

        return self.wait(what, stays)

    def wait_until_open(self, path: Path | None = None) -> State:
        """Wait for a model (this one), its digits, and a digit on the screen."""
        return self.wait(
            f"{path or 'a model'} is open",
            lambda state: (
                state["model"] is not None
                and (path is None or state["model"] == str(path))
                and state["digits"]
                and state["reading"]
                and state["reading"]["nearest"] is not None
            ),
        )

    def wait_for_reading(self, what: str, condition: Condition) -> State:
        """Wait until the newest reading fulfils a condition; returns the reading."""
        state = self.wait(what, lambda state: state["reading"] and condition(state["reading"]))
        reading: State = state["reading"]
        return reading

    def _listen(self) -> None:
        if not self._told.exists():
            return
        with self._told.open() as file:
            file.seek(self._read)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break  # the rest of it is on its way
                self._read += len(line)
                told = json.loads(line)
                (self.states if told["event"] == "state" else self.events).append(told)

    # Where things are

    def latent_at(self, position: Place) -> NDArray[np.float64]:
        """Which point of the plane is at a position on the screen, by the plane's own edges."""
        x, y, width, height = self.state["rectangles"]["plot"]
        (left, right), (low, high) = self.state["range"]
        across, up = (position[0] - x) / width, 1.0 - (position[1] - y) / height
        return np.array([left + across * (right - left), low + up * (high - low)])

    @property
    def pixel(self) -> float:
        """The size of a pixel of the plane, in latent units."""
        left, right = self.state["range"][0]
        width: float = self.state["rectangles"]["plot"][2]
        return (right - left) / width

    def in_plot(self, across: float, up: float) -> tuple[int, int]:
        """A position on the screen, by fractions of the plane."""
        x, y, width, height = self.state["rectangles"]["plot"]
        return round(x + across * width), round(y + (1.0 - up) * height)

    def see_digit(self) -> NDArray[np.uint8]:
        """The pixels of the decoded digit, as they are on the screen."""
        return self.desktop.look_at(self.state["rectangles"]["digit"])

    # The hand

    def click_widget(self, name: str, across: float = 0.5) -> None:
        """Click on a widget that the observer knows."""
        x, y, width, height = self.state["rectangles"][name]
        self.hand.click((x + across * width, y + height / 2))

    def click_action(self, text: str) -> None:
        """Click on an entry of the menu bar or of an open menu."""
        state = self.wait(f"there is {text!r} to click", lambda state: text in state["actions"])
        x, y, width, height = state["actions"][text]
        self.hand.click((x + width / 2, y + height / 2))

    def look_to(self, window: str) -> State:
        """Give a window the keyboard, as a window manager would, once it is there."""

        def active(state: State) -> bool:
            if window in state["windows"] and state["active"] != window:
                self.desktop.xdotool("windowfocus", state["windows"][window])
            return bool(state["active"] == window)

        return self.wait(f"{window} has the keyboard", active)

    def type_into(self, field: str, text: str) -> None:
        """Type a number over the one in a field."""
        self.look_to(MAIN)
        self.click_widget(field, across=0.3)
        name = f"{field} of the probe"
        self.wait(f"{field} takes keys", lambda state: state["focus"] == name)
        self.hand.key("ctrl+a")
        self.hand.type(text)
        self.hand.key("Return")

    def open_by_dialog(self, path: Path) -> None:
        """Ctrl+O, the path, Enter."""
        self.look_to(MAIN)
        self.hand.key("ctrl+o")
        self.look_to(DIALOG)
        self.hand.type(str(path))
        self.wait("the path is typed", lambda state: state["typed"] == str(path))
        self.hand.key("Return")
        self.wait("the dialog is gone", lambda state: DIALOG not in state["windows"])
        self.look_to(MAIN)

    def quit(self) -> None:
        """Ctrl+Q in the main window."""
        self.look_to(MAIN)
        self.hand.key("ctrl+q")
        self.assert_ended_well()


class DragSource(Program):
    """A window to drag files out of; it stands to the right of the explorer."""

    def __init__(
        self,
        desktop: Desktop,
        environment: dict[str, str],
        folder: Path,
        corner: tuple[int, int],
        paths: list[Path],
    ) -> None:
        script = str(HERE / "drag_source.py")
        arguments = [*(str(value) for value in corner), *(str(path) for path in paths)]
        super().__init__(desktop, environment, folder, [script, *arguments])
        self._middle = (corner[0] + 60, corner[1] + 60)
        self._wait_for("ready")

    def drag_to(self, position: Place) -> None:
        """Take hold of the files and hold them there, with the button down."""
        self.desktop.hand.press(at=self._middle)
        for step in np.linspace(self._middle, position, 13)[1:]:
            self.desktop.hand.move(step)
            time.sleep(0.02)  # a hand is not faster

    def wait_until_taken(self) -> None:
        """Wait for the window under the cursor to say that it would take the files."""
        self._wait_for("action", "CopyAction")

    def drop(self) -> str:
        """Let go; returns what the other window will do with the files, which it then asks for."""
        self.desktop.hand.release()
        return self._wait_for("end")["what"]

    def close(self) -> None:
        """Take the window away."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def _wait_for(self, event: str, what: str | None = None) -> dict[str, str]:
        def told() -> dict[str, str] | None:
            lines = [json.loads(line) for line in self.printed[0].splitlines()]
            found = [line for line in lines if line["event"] == event]
            return found[-1] if found and what in (None, found[-1]["what"]) else None

        said = f"the drag source says {event} {what or ''}"
        return wait_until(told, said, lambda: str(self.printed))


StartProgram = Callable[..., Program]
StartExplorer = Callable[..., Explorer]
StartDragSource = Callable[..., DragSource]


def _layout(state: State) -> tuple[object, ...]:
    return state["rectangles"], state["range"], state["windows"]

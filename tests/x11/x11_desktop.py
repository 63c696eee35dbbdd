"""A screen of one's own: an X server without a monitor, the hand of xdotool, and what is seen."""

import os
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.hand import MIDDLE, hand_over_screen

SIZE = (1400, 1000)
PATIENCE = 60.0  # seconds; a busy machine is slow, not wrong
CORNER = (SIZE[0] - 2, SIZE[1] - 2)  # no window of the tests lies there

_Result = TypeVar("_Result")


def wait_until(
    condition: Callable[[], _Result], what: str, told: Callable[[], str] = str
) -> _Result:
    """Poll until a condition holds, and return its value; `told` explains a failure."""
    end = time.monotonic() + PATIENCE
    while not (result := condition()):
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s in vain: {what}\n{told()}"
        time.sleep(0.02)
    return result


class Desktop:
    """Xvfb on a display that was free, without a window manager: nobody else moves the focus."""

    def __init__(self, folder: Path, size: tuple[int, int] = SIZE) -> None:
        """Start a server of a size in pixels; `folder` gets its framebuffer and its log."""
        self._framebuffer = folder / "Xvfb_screen0"
        reader, writer = os.pipe()
        with (folder / "xvfb.log").open("wb") as log:
            self._server = subprocess.Popen(
                [
                    *("Xvfb", "-displayfd", str(writer), "-fbdir", str(folder)),
                    *("-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp", "-noreset"),
                ],
                pass_fds=[writer],
                stdout=log,
                stderr=log,
            )
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()  # empty if the server has ended instead
        if not number:
            self.stop()
            raise RuntimeError(f"Xvfb did not start: {(folder / 'xvfb.log').read_text()}")
        self.display = f":{number}"
        self.hand = hand_over_screen(self.xdotool)

    def stop(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait(PATIENCE)

    def environment(
        self, home: Path, cache: Path | None = None, *, sees_the_tour: bool = False
    ) -> dict[str, str]:
        """For a program on this screen, started by a user whose home is empty.

        The steps of the first start would lie over the plane: this user has closed them before,
        unless the test is about them.
        """
        runtime = home / "run"
        runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = home / "config" / "vae-gui" / "vae-gui.conf"
        if not sees_the_tour and not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text("[General]\nhas_seen_tour=true\n")
        return without_a_desktop() | {
            "DISPLAY": self.display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CACHE_HOME": str(cache or home / "cache"),
            "XDG_RUNTIME_DIR": str(runtime),
        }

    def xdotool(self, *arguments: object) -> str:
        """Let the hand or a window manager act, or ask for windows; a refusal is silence."""
        done = subprocess.run(
            ["xdotool", *(str(argument) for argument in arguments)],
            env=without_a_desktop() | {"DISPLAY": self.display},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout

    def windows(self, title: str) -> list[str]:
        """The X numbers of the visible windows whose title contains a text."""
        return self.xdotool("search", "--onlyvisible", "--name", title).split()

    def put_the_hand_away(self) -> None:
        """Move the pointer to where it touches no window."""
        self.hand.move(CORNER)

    def let_go(self) -> None:
        """Release what a test that failed halfway may have left held."""
        self.hand.release()
        self.hand.release(MIDDLE)
        self.hand.let_go("space")

    def screen(self) -> NDArray[np.uint8]:
        """What is on the screen now, (height, width, 3): red, green, blue."""
        content = self._framebuffer.read_bytes()  # the server maps its screen there, as an XWD file
        header = struct.unpack(">25I", content[:100])
        size, width, height, line, colours = (header[at] for at in (0, 4, 5, 12, 19))
        rows = np.frombuffer(content, np.uint8, height * line, size + 12 * colours)
        return rows.reshape(height, line)[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1]

    def look_at(self, rectangle: list[float]) -> NDArray[np.uint8]:
        """A part of the screen: x, y, width, height."""
        x, y, width, height = (int(value) for value in rectangle)
        return self.screen()[y : y + height, x : x + width]

    def save_picture(self, path: Path) -> None:
        """Write the screen as a PNG, for people."""
        from PySide6.QtGui import QImage

        pixels = np.ascontiguousarray(self.screen())
        height, width, _ = pixels.shape
        picture = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        picture.save(str(path))


def without_a_desktop() -> dict[str, str]:
    """This process's environment without what tells of a user's desktop, or of Qt's platform."""
    desktops = ("QT_", "QML", "XDG_", "WAYLAND_", "DBUS_", "GNOME_", "KDE_", "GTK_", "DESKTOP_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(desktops) and name not in ("DISPLAY", "XAUTHORITY")
    }

"""Pan, zoom and recolour the plane, in the real window.

    python -m benchmarks.plane [--points N] [--times N]

`pan_ms` and `zoom_ms` are the times from a mouse event of a drag with the middle button, or of the
wheel, to the painted plane, which shows the last picture of the points, moved and stretched. The
plane is sharp again when a worker has redrawn the points: `sharp_ms`, from the last event of a row.

`recolour_ms` is the time from the request, by class or by number in turn, to the painted plane with
all points in their new colours; `classes_ms` the same from a click on a class in the legend, which
hides it or shows it again.

The window is at rest before each measurement (see benchmarks.window). Each event follows when the
one before has been painted.
"""

import argparse
import json
import os
from collections.abc import Callable
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from benchmarks import machine
from benchmarks.hand import MIDDLE, hand_over_widget
from benchmarks.window import PaintClock, open_window, rest, summary
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first

BUDGET = {"pan_p99_ms": 16.0, "zoom_p99_ms": 16.0, "recolour_p50_ms": 50.0}
ROW = 20  # events, after which the plane comes to rest


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=70_000)
    parser.add_argument("--times", type=int, default=200)
    arguments = parser.parse_args()
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    make_application()
    with open_window(arguments.points) as window:
        found = measure(window, arguments.times)
    result = {"points": arguments.points, "times": arguments.times}
    result |= {name: summary(times) for name, times in found.items()}
    print(json.dumps(result | {"budget": BUDGET, "machine": machine.describe()}))


def measure(window: MainWindow, times: int) -> dict[str, list[float]]:
    """Milliseconds of each event, for each kind."""
    workspace, legend = window.workspace, window.layers.colours.legend
    clock = PaintClock(window.plane)
    hand = Gestures(window)
    found: dict[str, list[float]] = {"sharp_ms": []}
    found["pan_ms"] = _in_rows(window, clock, hand.pan, times, found["sharp_ms"])
    found["zoom_ms"] = _in_rows(window, clock, hand.zoom, times, found["sharp_ms"])
    window.plane.fit()
    rest(window)

    def recolour(index: int) -> None:
        workspace.appearance.colour_by("kl" if index % 2 == 0 else None)

    def switch(index: int) -> None:
        QTest.mouseClick(legend.buttons[index // 2 % 10], Qt.MouseButton.LeftButton)

    found["recolour_ms"] = _all_settled(window, clock, recolour, times)
    found["classes_ms"] = _all_settled(window, clock, switch, times)
    return found


class Gestures:
    """A hand over the middle of the plane that pans in circles, or zooms in and out."""

    def __init__(self, window: MainWindow) -> None:
        viewport = window.plane
        self._middle = viewport.rect().center().toTuple()
        self._hand = hand_over_widget(viewport)

    def pan(self, index: int) -> None:
        """Hold the middle button from the first event on; move around in a circle."""
        if index == 0:
            self._hand.press(MIDDLE, self._middle)
        angle = 2.0 * np.pi * index / (2 * ROW)
        x, y = 120.0 * np.sin(angle), 90.0 * (np.cos(angle) - 1.0)
        x += 0.5 * (index % 2) + 1.0  # the first is a move, too
        self._hand.move((self._middle[0] + x, self._middle[1] + y))

    def zoom(self, index: int) -> None:
        """Half a notch in for the length of a row, then as far out."""
        if index == 0:
            self._hand.release(MIDDLE)
            self._hand.move(self._middle)
        self._hand.wheel(0.5 if index // ROW % 2 == 0 else -0.5)


def _in_rows(
    window: MainWindow,
    clock: PaintClock,
    act: Callable[[int], None],
    times: int,
    until_sharp: list[float],
) -> list[float]:
    """Times of events to the next paint; appends those of each row's last to the last paint."""
    found = []
    for index in range(times):
        last = index % ROW == ROW - 1
        if last:
            until_sharp.append(
                clock.time(partial(act, index), until=lambda: window.workspace.pending.is_settled)
            )
        else:
            found.append(clock.time(partial(act, index)))
    rest(window)
    return found


def _all_settled(
    window: MainWindow, clock: PaintClock, act: Callable[[int], None], times: int
) -> list[float]:
    """Times of events until all layers are redrawn and painted."""
    rest(window)
    return [
        clock.time(partial(act, index), until=lambda: window.workspace.pending.is_settled)
        for index in range(times)
    ]


if __name__ == "__main__":
    main()

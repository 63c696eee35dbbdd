"""A soak test: ten minutes of everything that a hand can do in the real window. Does memory grow?

    python -m benchmarks.soak [--minutes N]

Dragging, hovering, zooming, panning, nudging, switching layers, colours and classes, and opening
another checkpoint each round: the bundled one, and two that are written here, of two and of five
dimensions. Real events do all of it, each handled before the next. `memory_mb` is the resident
memory of the process at rest with the bundled model open, without the allocator's reserves: `start`
after first rounds with each of the checkpoints, `end` after last ones. One such reading varies by
20 MB with the allocator's choices: each figure is the median of five, with rounds between, and
`spread` is the range of the five. `blocks` are the events that held the GUI thread up for more than
10 ms (vae_gui.app.watchdog) between start and end; in those of work it computed for so long, and
did not wait for other programs or threads.
"""

import argparse
import ctypes
import gc
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks import machine
from benchmarks.hand import LEFT, MIDDLE, Place, hand_over_widget
from benchmarks.window import kept_open, rest, wander
from model import assets
from vae_gui.app.application import silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first, spare_the_collector
from vae_gui.app.watchdog import LIMIT_MS, Blocks, WatchedApplication
from vae_gui.style.theme import ThemeChoice

BUDGET = {"events": 100_000, "growth_mb": 20.0, "threads_left": 0, "blocks": 0}
KINDS_TOLD = 8
READINGS = 5


def main() -> None:
    """Soak and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    application = WatchedApplication(["vae-gui"])
    application.setStyle("Fusion")
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        result = soak(application, checkpoints(Path(folder)), minutes)
    print(json.dumps(result | {"budget": BUDGET, "machine": machine.describe()}))


def checkpoints(folder: Path) -> list[Path]:
    """The bundled checkpoint, and two untrained ones of two and of five dimensions."""
    from model.files.checkpoint import Checkpoint, write_checkpoint
    from model.network.initialisation import build
    from model.network.vae import VAEConfig
    from model.train.train_config import TrainConfig

    found = [assets.PRETRAINED]
    for dimensions in (2, 5):
        vae = build(VAEConfig(dimensions, hidden=128, blocks=2), seed=dimensions).eval()
        path = folder / f"untrained-{dimensions}.safetensors"
        metrics = {"validation": {"elbo": -200.0, "reconstruction": -190.0, "kl": 10.0}}
        write_checkpoint(path, Checkpoint(vae.requires_grad_(False), TrainConfig(), 1, metrics, {}))
        found.append(path)
    return found


def soak(application: WatchedApplication, paths: list[Path], minutes: float) -> dict[str, object]:
    """Warm up, soak, close; returns the figures."""
    with kept_open(MainWindow(ThemeChoice.LIGHT, remember=False)) as window:
        window.resize(1200, 800)
        spare_the_collector(window.opening)
        window.show()
        hands = Hands(window)
        for path in paths:
            hands.open(path)
            hands.round()
        before = readings(window, hands, paths)
        hands.events, application.blocks = 0, Blocks()
        begin = time.monotonic()
        course = []
        rounds = 0
        while time.monotonic() - begin < 60.0 * minutes:
            rounds += 1
            hands.open(paths[rounds % len(paths)])
            hands.round()
            course.append(round(memory_mb(), 1))
        taken = (time.monotonic() - begin) / 60.0
        events, blocks = hands.events, application.blocks
        application.blocks = Blocks()  # of what follows, which is not asked for
        after = readings(window, hands, paths)
    start, end = statistics.median(before), statistics.median(after)
    memory = {
        "start": start,
        "end": end,
        "growth": round(end - start, 1),
        "spread": [round(max(some) - min(some), 1) for some in (before, after)],
        "course": course[::5],
    }
    return {
        "minutes": round(taken, 2),
        "events": events,
        "rounds": rounds,
        "memory_mb": memory,
        "threads_left": threading.active_count() - 1,
        "blocks": told(blocks),
    }


class Hands:
    """Two hands on mouse and keyboard, and the number of events that they have sent."""

    def __init__(self, window: MainWindow) -> None:
        self.events = 0
        self._window = window
        self._hand = hand_over_widget(window.plane)
        self._middle = window.plane.rect().center().toTuple()

    def open(self, path: Path) -> None:
        """Open a checkpoint, and wait for its test digits while the mouse moves over the plane."""
        workspace = self._window.workspace
        self._window.open(path)
        step = 0
        while (
            workspace.document.model is None
            or workspace.document.model.path != path
            or workspace.document.test is None
        ):
            self._move(20.0 * (step % 7), 10.0 * (step % 5))
            step += 1

    def round(self) -> None:
        """Everything once."""
        self.drag(400)
        self.hover(200)
        self._hand.move(self._middle)
        for notches in (0.5, -0.5):
            for _ in range(20):
                self._do(self._hand.wheel, notches)
        self.pan(60)
        self.nudge()
        self.switch_layers()
        self.switch_colours()
        self.switch_classes()
        self._key(self._window.plane, "Home")

    def drag(self, count: int) -> None:
        """Hold the probe and wander."""
        self._do(self._hand.press, LEFT, self._middle)
        for x, y in wander(count):
            self._move(80.0 * x, 60.0 * y)
        self._do(self._hand.release, LEFT)

    def hover(self, count: int) -> None:
        """Peek here and there, then leave."""
        for x, y in wander(count):
            self._move(90.0 * y, 70.0 * x)
        self._do(QApplication.sendEvent, self._window.plane, QEvent(QEvent.Type.Leave))

    def pan(self, count: int) -> None:
        """Hold the plane and move it there and back."""
        self._do(self._hand.press, MIDDLE, self._middle)
        for index in range(count):
            self._move(4.0 * min(index, count - 1 - index), 0.0)
        self._do(self._hand.release, MIDDLE)

    def nudge(self) -> None:
        """Arrows, and Enter for the nearest digit."""
        for key in ("Left", "Up", "Right", "Down", "Return"):
            self._key(self._window.plane, key)

    def switch_layers(self) -> None:
        """Each layer on and off, or off and on, and another opacity, with a drag between."""
        for row in self._window.layers.rows.values():
            self._click(row.box)
            self.drag(20)
            for key in ("Left", "Right"):
                self._key(row.slider, key)
            self._click(row.box)

    def switch_colours(self) -> None:
        """By each number that does not take minutes, then by class."""
        choice = self._window.layers.colours.choice
        numbers = choice.findData("log_likelihood") - 1
        for key in ("Down", "Up"):
            for _ in range(numbers):
                self._key(choice, key)
                self.drag(10)

    def switch_classes(self) -> None:
        """Hide one class, show one alone, show all."""
        buttons = self._window.layers.colours.legend.buttons
        self._click(buttons[3])
        self._click(buttons[3])
        for _ in range(2):
            self._click(buttons[7])
            self._click(buttons[7], times=2)
            self.drag(10)

    def _move(self, x: float, y: float) -> None:
        place: Place = (self._middle[0] + x, self._middle[1] + y)
        self._do(self._hand.move, place)

    def _key(self, widget: QWidget, key: str) -> None:
        self._do(hand_over_widget(widget).key, key)

    def _click(self, button: QWidget, times: int = 1) -> None:
        place = (8, button.height() // 2)  # on the box itself, where it is a box with a text
        self._do(hand_over_widget(button).click, place, times)

    def _do(self, act: Callable[..., object], *arguments: object) -> None:
        act(*arguments)
        self.events += 1
        QApplication.processEvents()


def readings(window: MainWindow, hands: Hands, paths: list[Path]) -> list[float]:
    """Five of the memory at rest, in MB, with a round with one of the checkpoints before each."""
    found = []
    for index in range(READINGS):
        hands.open(paths[index % len(paths)])
        hands.round()
        found.append(memory_at_rest(window, hands, paths[0]))
    return found


def memory_at_rest(window: MainWindow, hands: Hands, path: Path) -> float:
    """Resident memory with a checkpoint open, everything computed, and no garbage left, in MB."""
    hands.open(path)
    while window.workspace.document.training is None:
        QApplication.processEvents()
    rest(window)
    gc.collect()
    if sys.platform == "linux":
        # What the allocator keeps for later is given back first: it differs by tens of MB.
        ctypes.CDLL(None).malloc_trim(0)
    return round(memory_mb(), 1)


def memory_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def told(blocks: Blocks) -> dict[str, object]:
    """The blocks to print, those that worked longest first."""
    kinds = sorted(blocks.kinds.items(), key=lambda item: item[1][2], reverse=True)
    return {
        "limit_ms": LIMIT_MS,
        "count": blocks.count,
        "count_of_work": blocks.worked,
        "longest": str(blocks.longest) if blocks.longest else None,
        "kinds": {
            name: {"count": count, "longest_ms": round(most, 1), "most_work_ms": round(work, 1)}
            for name, (count, most, work) in kinds[:KINDS_TOLD]
        },
    }


if __name__ == "__main__":
    main()

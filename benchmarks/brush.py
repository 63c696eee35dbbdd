"""From a move of the brush to the painted posterior, in the real window.

    python -m benchmarks.brush [--moves N] [--size PIXELS]

Each move is a real mouse event of strokes that wander over the canvas of the page Evidence, ink and
blank in turn. The time ends when both the canvas and the plane, with the new exact posterior, have
been painted. The window is at rest before the first move: the table of decodes is made, which is
what `table_s` and `table_mb` are of, and all images are encoded.
"""

import argparse
import json
import os
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from benchmarks import machine
from benchmarks.hand import LEFT, hand_over_widget, settle
from benchmarks.window import PaintClock, open_window, rest, summary
from model.latent.decode_table import SIDE
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first
from vae_gui.panels.evidence.brush import covered
from vae_gui.panels.evidence.canvas import SCALE
from vae_gui.panels.evidence.panel import EvidencePanel
from vae_gui.panels.evidence.tools import Paint

BUDGET_P99_MS = 8.0
STROKE = 40  # moves
WARM_UP = 80
LIMIT_S = 120.0

Place = tuple[float, float]


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=1000)
    parser.add_argument("--size", type=int, choices=(1, 2, 3, 5), default=3, help="of the brush")
    arguments = parser.parse_args()
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    make_application()
    with open_window(10_000) as window:
        took = make_table(window)
        table = window.workspace.viewpoint.inference.table
        assert table is not None
        window.evidence.panel.tools.sizes.choose(str(arguments.size))
        times = measure(window, arguments.moves)
        found = {
            "grid": f"{table.side} x {table.side}",
            "brush": {"moves": len(times), "size": arguments.size, **summary(times)},
            "table_s": round(took, 2),
            "table_mb": round(table.bytes / 1e6, 1),
            "budget": {"p99_ms": BUDGET_P99_MS},
            "machine": machine.describe(),
        }
    print(json.dumps(found))


def make_table(window: MainWindow) -> float:
    """Show the page Evidence, and wait for its table; the seconds that it took."""
    start = time.perf_counter()
    window.show_page("evidence")
    inference = window.workspace.viewpoint.inference
    while inference.table is None or inference.table.side != SIDE:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        if time.perf_counter() - start > LIMIT_S:
            raise SystemExit(f"there was no table within {LIMIT_S:.0f} s: {inference.status}")
    took = time.perf_counter() - start
    rest(window)
    return took


def measure(window: MainWindow, moves: int) -> list[float]:
    """Milliseconds of each move."""
    panel = window.evidence.panel
    hand, path = hand_over_widget(panel.canvas), wander(panel, moves + WARM_UP)
    clock = PaintClock(panel.canvas, window.plane)
    times = []
    for index, place in enumerate(path):
        if index % STROKE == 0:
            hand.release(LEFT)
            panel.tools.paints.choose("blank" if index // STROKE % 2 else "ink")
            hand.press(LEFT, place)
            settle()
            continue
        if changes_something(window, path[index - 1], place):
            times.append(clock.time(lambda place=place: hand.move(place)))
        else:
            hand.move(place)
    hand.release(LEFT)
    return times[WARM_UP:]


def changes_something(window: MainWindow, start: Place, end: Place) -> bool:
    """Whether a stroke does: where all of its pixels are so already, nothing is summed."""
    brush, pixels = window.evidence.panel.brush, window.workspace.observation.evidence.pixels
    touched = covered(
        (start[0] / SCALE, start[1] / SCALE), (end[0] / SCALE, end[1] / SCALE), brush.size
    )
    value = 1.0 if brush.paint is Paint.INK else 0.0
    return bool((pixels[touched] != value).any())


def wander(panel: EvidencePanel, count: int) -> list[Place]:
    """A path over the canvas whose places are about two pixels of the image apart."""
    t = np.linspace(0.0, 0.16 * count, count)
    middle = panel.canvas.width() / 2.0
    x = middle * (1.0 + 0.9 * np.sin(1.3 * t))
    y = middle * (1.0 + 0.9 * np.sin(1.7 * t + 0.5))
    return list(zip(x.tolist(), y.tolist(), strict=True))


if __name__ == "__main__":
    main()

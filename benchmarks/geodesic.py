"""From a mouse event to the painted shortest path, in the real window.

    python -m benchmarks.geodesic [--moves N]

Each move is a real mouse event of a drag with the path tool that wanders over the plane. `drag` is
the time until the plane has been painted with the path to that place; `probe` is the same for a
drag of the probe, in the same window a moment later, which a busy machine slows down as much: the
yardstick. `settled_ms` that from the
last move to the path drawn taut and measured by decoding, with its digits. `press_ms` is the time
from a press to the rings of equal Fisher distance painted around it; `distances_ms` that of the
distances to all nodes of the grid alone, and `survey_s` what the plane's metric took, once for a
model, to the coarse grid and to the fine one. The window is at rest before the first move.
"""

import argparse
import json
import os
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from benchmarks import machine
from benchmarks.hand import hand_over_widget, mouse_event, settle
from benchmarks.window import PaintClock, open_window, rest, summary, wander
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first
from vae_gui.jobs.path_finding import PathFinding
from vae_gui.jobs.plane_survey import Cost

BUDGET_P99_MS = 16.0
POINTS = 10_000
WARM_UP = 20
TIMES = 20  # of distances and presses
LIMIT_S = 300.0


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=1000)
    arguments = parser.parse_args()
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    make_application()
    with open_window(POINTS) as window:
        print(json.dumps(measure(window, arguments.moves)))


def measure(window: MainWindow, moves: int) -> dict[str, object]:
    """All figures."""
    finding = window.paths.finding
    survey_s = survey(window, finding)
    rest(window)
    clock = PaintClock(window.plane)
    presses = [press(window, finding, clock, xy) for xy in wander(TIMES)]
    drag, settled_ms = drag_about(window, finding, clock, moves)
    probe = drag_the_probe(window, clock, moves)
    distances_ms = distances(finding)
    assert finding.survey is not None
    return {
        "grid": list(finding.survey.grid.metric.shape[:2]),
        "moves": moves,
        "drag": drag,
        "probe": probe,
        "press_ms": summary(presses),
        "settled_ms": round(settled_ms, 1),
        "distances_ms": round(distances_ms, 2),
        "survey_s": survey_s,
        "budget": {"p99_ms": BUDGET_P99_MS},
        "machine": machine.describe(),
    }


def survey(window: MainWindow, finding: PathFinding) -> dict[str, float]:
    """Take the tool into the hand; seconds until its two surveys are there."""
    start = time.perf_counter()
    hand_over_widget(window.plane).key("W")
    wait(lambda: finding.survey is not None)
    coarse = time.perf_counter() - start
    wait(lambda: finding.is_settled)
    return {"coarse": round(coarse, 2), "fine": round(time.perf_counter() - start, 2)}


def press(window: MainWindow, finding: PathFinding, clock: PaintClock, xy: np.ndarray) -> float:
    """Milliseconds from a press at a point of the plane (2,) to its rings, painted."""
    act = event(window, QEvent.Type.MouseButtonPress, xy)
    found = clock.time(
        lambda: QApplication.sendEvent(window.plane, act), lambda: finding.reach is not None
    )
    QApplication.sendEvent(window.plane, event(window, QEvent.Type.MouseButtonRelease, xy))
    settle()
    return found


def drag_about(
    window: MainWindow, finding: PathFinding, clock: PaintClock, moves: int
) -> tuple[dict[str, float], float]:
    """Milliseconds of each move of a drag; and from the last one to the measured path."""
    path = wander(moves + WARM_UP)
    press_at = np.array([0.5, -1.0])
    QApplication.sendEvent(window.plane, event(window, QEvent.Type.MouseButtonPress, press_at))
    wait(lambda: finding.reach is not None)
    times = []
    for xy in path:
        act = event(window, QEvent.Type.MouseMove, xy)
        times.append(clock.time(lambda act=act: QApplication.sendEvent(window.plane, act)))
        assert finding.path is not None
        assert np.abs(finding.path.points[-1] - finding.survey.grid.inside(xy)).max() < 1e-6
    start = time.perf_counter()
    wait(lambda: finding.is_settled)
    settled_ms = 1000.0 * (time.perf_counter() - start)
    QApplication.sendEvent(window.plane, event(window, QEvent.Type.MouseButtonRelease, path[-1]))
    return summary(times[WARM_UP:]), settled_ms


def drag_the_probe(window: MainWindow, clock: PaintClock, moves: int) -> dict[str, float]:
    """Milliseconds of each move of a drag of the probe: it paints its mark, and no path."""
    hand_over_widget(window.plane).key("W")
    path = wander(moves + WARM_UP)
    QApplication.sendEvent(window.plane, event(window, QEvent.Type.MouseButtonPress, path[0]))
    settle()
    times = []
    for xy in path:
        act = event(window, QEvent.Type.MouseMove, xy)
        times.append(clock.time(lambda act=act: QApplication.sendEvent(window.plane, act)))
    return summary(times[WARM_UP:])


def distances(finding: PathFinding) -> float:
    """The median of milliseconds for the distances from a place to all nodes."""
    assert finding.survey is not None
    network, times = finding.survey.networks[Cost.LENGTH], []
    for xy in wander(TIMES):
        start = time.perf_counter()
        network.from_point(xy)
        times.append(1000.0 * (time.perf_counter() - start))
    return float(np.median(times))


def event(window: MainWindow, kind: QEvent.Type, xy: np.ndarray) -> QEvent:
    """A mouse event at a point of the plane (2,), with the left button."""
    left = Qt.MouseButton.LeftButton
    return mouse_event(window.plane, kind, window.plane.view().pixel_of(*xy), left, left)


def wait(until: Callable[[], bool]) -> None:
    """Let events happen until something is so."""
    deadline = time.monotonic() + LIMIT_S
    while not until():
        QApplication.processEvents()
        time.sleep(0.001)
        if time.monotonic() > deadline:
            raise SystemExit(f"the path was not there within {LIMIT_S:.0f} s")


if __name__ == "__main__":
    main()

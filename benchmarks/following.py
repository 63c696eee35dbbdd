"""Following a training: until its points are seen, and how the hand fares meanwhile."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.hand import hand_over_widget, settle
from benchmarks.window import (
    LIMIT_AT_REST_S,
    PaintClock,
    kept_open,
    rest,
    summary,
    wait_until,
    wander,
)
from model import assets
from model.files.run import RunPaths
from vae_gui.app.main_window import MainWindow
from vae_gui.jobs.trainer import Trainer
from vae_gui.style.theme import ThemeChoice

EPOCHS_FOLLOWED = 3
EPOCHS = 100  # of the training, which is ended before
MOVES = 1000
STEPS = 196  # in an epoch, with default settings


def measure_following(folder: Path) -> dict[str, object]:
    """How long it takes until the points of a training are seen, and how the hand fares."""
    with kept_open(MainWindow(ThemeChoice.LIGHT, remember=False)) as window:
        window.resize(1400, 900)
        window.show()
        window.open(assets.PRETRAINED)  # as when a training is started from the window
        wait_until(lambda: window.workspace.document.training is not None, LIMIT_AT_REST_S)
        rest(window)
        trainer = Trainer(window)
        start = time.perf_counter()
        trainer.start(["--quiet", "--epochs", str(EPOCHS), "--out", str(folder)])
        try:
            first = _first_points(window, folder, start)
            epochs = _epochs(window, RunPaths(folder))
            drag = _drag(window)
        finally:
            _end(trainer)
    found = {"first_points_s": round(first, 2), "epoch_to_paint_ms": round(max(epochs), 1)}
    return found | {"drag": summary(drag)}


def _end(trainer: Trainer) -> None:
    pid = trainer.pid
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not trainer.is_running, LIMIT_AT_REST_S)


def _first_points(window: MainWindow, folder: Path, start: float) -> float:
    """Seconds from a start to the paint of the first points of a run."""
    clock, document = PaintClock(window.plane), window.workspace.document
    wait_until((folder / "config.json").exists, LIMIT_AT_REST_S)
    window.open(folder)

    def is_shown() -> bool:
        is_open = document.model is not None and folder in document.model.path.parents
        return is_open and document.test is not None and window.plane.layers.is_settled

    wait_until(is_shown, LIMIT_AT_REST_S)
    settle()
    return clock.painted[window.plane] - start


def _epochs(window: MainWindow, run: RunPaths) -> list[float]:
    """Milliseconds from each epoch's file to the paint of its points, where they arrive."""
    clock = PaintClock(window.plane)
    document, timeline = window.workspace.document, window.timeline
    found = []
    for epoch in range(1, EPOCHS_FOLLOWED + 1):
        path = run.snapshot(STEPS * epoch)
        wait_until(path.exists, LIMIT_AT_REST_S)
        start = time.perf_counter()

        def has_arrived(path: Path = path) -> bool:
            shown = timeline.shown
            is_there = shown is not None and timeline.moments[shown].path == path
            return is_there and document.glide is None and window.plane.layers.is_settled

        wait_until(has_arrived, LIMIT_AT_REST_S)
        settle()
        found.append(1000.0 * (clock.painted[window.plane] - start))
    return found


def _drag(window: MainWindow) -> list[float]:
    """Milliseconds from each move of a drag to the paint of plane and digit, while it trains."""
    clock = PaintClock(window.plane, window.inspector.probe.digit)
    viewpoint, hand = window.workspace.viewpoint, hand_over_widget(window.plane)
    first, *places = (window.plane.view().pixel_of(*xy) for xy in wander(MOVES + 1))
    hand.press(at=(first.x(), first.y()))
    settle()
    times = []
    for place in places:

        def is_decoded() -> bool:
            reading = viewpoint.reading
            return reading is not None and np.allclose(reading.z, viewpoint.probe, atol=1e-6)

        move = partial(hand.move, (place.x(), place.y()))
        times.append(clock.time(move, is_decoded))
    hand.release()
    return times

"""From a mouse event on the timeline to the painted snapshot, and from a training to its points.

    python -m benchmarks.timeline [--points N] [--moves N] [--layers KEY ...] [--without-following]

`scrub`: a run of a hundred snapshots is made in a temporary folder, by the program's own writers.
Its network is the default one, as large as that of the bundled model; its weights are eight blends
of an untrained network and the bundled one, in turn, so that points and digit move at each step.
The window opens it and makes all snapshots ready. Then each move of a real mouse drags the handle
to another snapshot; the time ends when the plane with the points of that snapshot, and the layers
that are shown, and the digit at the probe have been painted.

`follow`: a training with default settings is started as the window starts one, and its folder is
opened as soon as it is there. `first_points_s` is the time from then to the first points
on the screen; `epoch_to_paint_ms` that from the file of an epoch's snapshot, complete in the
folder, until its points are painted where they arrive, which includes their glide. `drag` is the
time from each move of a mouse that drags the probe meanwhile to the paint of plane and digit.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

import numpy as np

from benchmarks import machine
from benchmarks.following import measure_following
from benchmarks.hand import hand_over_widget, settle
from benchmarks.window import (
    LIMIT_AT_REST_S,
    PaintClock,
    kept_open,
    resized,
    rest,
    summary,
    wait_until,
)
from model import assets
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first, spare_the_collector
from vae_gui.style.theme import ThemeChoice

SNAPSHOTS, DISTINCT = 100, 8
BUDGET_P99_MS = 30.0  # at 10,000 points
WARM_UP = 20


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=500)
    parser.add_argument("--layers", nargs="*", help="the layers that are shown (default: as ever)")
    parser.add_argument("--without-following", action="store_true", help="leave out the training")
    arguments = parser.parse_args()
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder) / "run")
        with open_run(run, arguments.points) as window:
            show_layers(window, arguments.layers)
            times = scrub(window, arguments.moves)
        follow = {} if arguments.without_following else measure_following(Path(folder) / "live")
    print(json.dumps(report(arguments.points, times, follow)))


def make_run(folder: Path) -> Path:
    """A finished run of a hundred snapshots, of eight blends of untrained and trained weights."""
    import torch

    from model.data.datasets import load_splits
    from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
    from model.files.run_writer import RunWriter
    from model.network.initialisation import build
    from model.train.snapshot_schedule import DENSE_STEPS
    from model.train.train_config import TrainConfig

    trained = read_checkpoint(assets.PRETRAINED)
    untrained = build(trained.config, 0).state_dict()
    data = load_splits("mnist")
    each = -(-len(data.train) // trained.training.batch_size)
    steps = [step for step in DENSE_STEPS if step < each]
    epochs = SNAPSHOTS - len(steps)
    steps += [each * epoch for epoch in range(1, epochs + 1)]
    config = TrainConfig(epochs=epochs, batch_size=trained.training.batch_size)
    writer = RunWriter(folder, trained.config, config, data, [])
    final = {name: weight.clone() for name, weight in trained.vae.state_dict().items()}
    for index in range(DISTINCT):
        part = (index + 1) / DISTINCT
        trained.vae.load_state_dict(
            {name: torch.lerp(untrained[name], final[name], part) for name in final}
        )
        blend = Checkpoint(trained.vae, config, index, {}, data.checksums)
        first = writer.paths.snapshot(steps[index])
        write_checkpoint(first, blend, torch.float16)
        for step in steps[index + DISTINCT :: DISTINCT]:
            os.link(first, writer.paths.snapshot(step))
    write_checkpoint(writer.paths.best, Checkpoint(trained.vae, config, epochs, {}, {}))
    with writer.paths.metrics.open("w") as file:
        for epoch in range(1, epochs + 1):
            elbo = {"elbo": -140.0 - 40.0 / epoch, "reconstruction": -134.0, "kl": 6.0}
            line = {"kind": "epoch", "epoch": epoch, "step": each * epoch, "validation": elbo}
            file.write(json.dumps(line) + "\n")
    writer.end("finished")
    return folder


@contextmanager
def open_run(run: Path, points: int) -> Iterator[MainWindow]:
    """The real window on a run, with all of its snapshots ready, at rest."""
    with kept_open(MainWindow(ThemeChoice.LIGHT, remember=False)) as window:
        window.resize(1400, 900)
        spare_the_collector(window.opening)
        window.show()
        window.open(run)
        document, timeline = window.workspace.document, window.timeline
        wait_until(lambda: document.test is not None, LIMIT_AT_REST_S)
        assert document.test is not None
        if points != len(document.test):
            document.set_test(resized(document.test, points))
        wait_until(lambda: len(timeline.made) == SNAPSHOTS, LIMIT_AT_REST_S)
        rest(window)
        yield window


def show_layers(window: MainWindow, keys: list[str] | None) -> None:
    """Show these layers alone; None: those that are shown at first."""
    appearance = window.workspace.appearance
    for key in appearance.layers if keys is not None else ():
        appearance.show_layer(key, key in (keys or ()))
    rest(window)


def scrub(window: MainWindow, moves: int) -> list[float]:
    """Milliseconds from each move of the handle to the last paint of its snapshot."""
    timeline, track = window.timeline, window.strip.track
    clock = PaintClock(window.plane, window.inspector.probe.digit)
    hand = hand_over_widget(track)
    middle = track.height() / 2.0
    hand.press(at=(track.column_of(0), middle))
    settle()
    times = []
    for index in path(moves + WARM_UP):
        place = (track.column_of(int(index)), middle)

        def is_shown(index: int = int(index)) -> bool:
            return timeline.shown == index and window.plane.layers.is_settled

        times.append(clock.time(lambda place=place: hand.move(place), is_shown))
    hand.release()
    return times[WARM_UP:]


def path(count: int) -> np.ndarray:
    """Snapshots in the order of a hand that scrubs: back and forth, each another than the last."""
    t = np.arange(count)
    wave = 0.5 + 0.5 * np.sin(0.05 * t) * np.cos(0.013 * t)
    places = np.round((SNAPSHOTS - 1) * wave).astype(int)
    for i in range(1, count):
        if places[i] == places[i - 1]:
            places[i] = places[i] - 1 if places[i] == SNAPSHOTS - 1 else places[i] + 1
    return places


def report(points: int, times: list[float], follow: dict[str, object]) -> dict[str, object]:
    """The figures to print."""
    figures = summary(times)
    return {
        "points": points,
        "snapshots": SNAPSHOTS,
        "moves": len(times),
        "scrub": figures,
        "follow": follow,
        "budget": {"p99_ms": BUDGET_P99_MS},
        "machine": machine.describe(),
    }


if __name__ == "__main__":
    main()

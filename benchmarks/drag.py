"""From a mouse event to the painted digit, in the real window.

    python -m benchmarks.drag [--points N] [--moves N] [--while-training] [--beside CHECKPOINT]
                              [--classes CHECKPOINT]

Each move is a real mouse event of a drag that wanders over the plane. The time ends when both the
decoded image and the plane, with its moved mark, have been painted. `plain` is the yardstick: a
plain ScatterPlotItem of as many points, with a marker that follows the mouse but no image; its time
ends when the plot has been painted. Both are measured in turn, in blocks, in one run. `decoding` is
the decoder's share of our time, which a plain plot does not have; `ratio_without_decoding_p50`
compares the rest, in which both move a mark over the points.

The window is at rest before the first move: all images are encoded, all numbers measured. With
`--while-training`, a training with default settings runs on the same machine meanwhile. With more
than 10,000 points, the training images are shown too. With `--beside`, another model is compared,
its probe linked through z: the time ends when both planes and both digits have been painted.
With `--classes`, a model with classes is open: the time ends when its ten digits have been painted
too, and `decoding` is that of all eleven.
"""

import argparse
import json
import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as app.thread_priority, for numpy below

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from benchmarks import background, machine
from benchmarks.hand import mouse_event, settle
from benchmarks.window import (
    LIMIT_AT_REST_S,
    PaintClock,
    open_window,
    rest,
    summary,
    wait_until,
    wander,
)
from model import assets
from model.files.checkpoint import read_checkpoint
from model.latent.class_decoder import ClassDecoder
from model.latent.point_decoder import PointDecoder
from vae_gui.app.application import make_application, silence_offscreen_platform
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import let_the_gui_thread_go_first
from vae_gui.state.comparison import Link
from vae_gui.style.palette import CLASS_COUNT, LIGHT

BUDGET_P99_MS = {"idle": 4.0, "while training": 10.0}
BUDGET_P99_MS_OF_TWO = 10.0  # planes
BUDGET_RATIO = 10.0  # at 70,000 points
BLOCK = 100
PLAIN_SIZE = 900


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=2000)
    parser.add_argument(
        "--while-training", action="store_true", help="let a training run on the same machine"
    )
    parser.add_argument(
        "--beside", type=Path, help="a second model, whose plane and digit follow the same hand"
    )
    parser.add_argument(
        "--classes", type=Path, help="a model with classes, whose ten digits follow the hand too"
    )
    arguments = parser.parse_args()
    let_the_gui_thread_go_first()
    silence_offscreen_platform()
    make_application()
    with open_window(arguments.points, arguments.classes or assets.PRETRAINED) as window:
        if arguments.beside is not None:
            compare(window, arguments.beside)
        if arguments.classes is not None:
            wait_until(lambda: len(window.classes.choosing.ready) == CLASS_COUNT, LIMIT_AT_REST_S)
        plain = Plain(places_and_labels(window))
        with background.training() if arguments.while_training else nullcontext():
            times = measure(window, plain, arguments.moves)
            load = machine.describe()
    state = "while training" if arguments.while_training else "idle"
    found = report(arguments.points, state, times)
    if arguments.beside is not None:
        found["budget"] = {"p99_ms": BUDGET_P99_MS_OF_TWO}
    found |= {"planes": 1 + (arguments.beside is not None)}
    if arguments.classes is not None:
        found |= {"digits": 11, "units": units_of(arguments.classes)}
    print(json.dumps(found | {"machine": load}))


def units_of(path: Path) -> str:
    """What a checkpoint's network is, in a few words."""
    return read_checkpoint(path).config.summary


def compare(window: MainWindow, path: Path) -> None:
    """Open a second model beside the first, and wait until both are at rest."""
    opening = window.second.comparing.model.opening
    failures: list[str] = []
    opening.failed.connect(lambda sentence, _: failures.append(sentence))
    window.second.open(path)
    document = window.workspace.documents[1]
    while document.training is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if failures:
            raise SystemExit(failures[0])
    window.workspace.comparison.choose_link(Link.Z)
    rest(window)


@dataclass
class Times:
    """Milliseconds of each move: ours, the decoder's share of them, and the plain plot's."""

    ours: list[float] = field(default_factory=list)
    decoding: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


def measure(window: MainWindow, plain: "Plain", moves: int) -> Times:
    """The times of each move in the window and in the plain plot, in blocks in turn."""
    drag = Drag(window)
    path = wander(moves + BLOCK)
    times = Times()
    for start in range(0, len(path), BLOCK):
        some = path[start : start + BLOCK]
        for xy in some:
            times.ours.append(drag.time(xy))
            times.decoding.append(1000.0 * drag.take_seconds())
        times.plain += [plain.time(xy) for xy in some]
    # the first block warms up
    return Times(times.ours[BLOCK:], times.decoding[BLOCK:], times.plain[BLOCK:])


def places_and_labels(window: MainWindow) -> tuple[np.ndarray, np.ndarray]:
    """Places (N, 2) and labels (N,) of all points that the window shows."""
    workspace = window.workspace
    sets = [
        workspace.document.test,
        workspace.document.training if workspace.appearance.is_shown("training") else None,
    ]
    shown = [digits for digits in sets if digits is not None]
    places = np.concatenate([digits.means for digits in shown])
    return places, np.concatenate([digits.labels for digits in shown])


class TimedDecoder:
    """The decoder of a window's model, with a stopwatch."""

    def __init__(self, decoder: PointDecoder | ClassDecoder) -> None:
        self._decoder = decoder
        self.seconds = 0.0

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Decode, and add to `seconds`."""
        start = time.perf_counter()
        image = self._decoder.decode(z)
        self.seconds += time.perf_counter() - start
        return image


class Drag:
    """A mouse whose left button is held over the plane."""

    def __init__(self, window: MainWindow) -> None:
        model = window.workspace.document.model
        assert model is not None
        self.decoder = TimedDecoder(model.point_decoder)
        vars(model)["point_decoder"] = self.decoder  # a cached property keeps its value there
        self.of_classes = TimedDecoder(decoder) if (decoder := model.class_decoder) else None
        if self.of_classes is not None:
            vars(model)["_class_decoder"] = self.of_classes
        self._plane = window.plane
        painted = [window.plane, window.inspector.probe.digit]
        if window.workspace.comparison.is_on:
            two = window.second.comparing
            painted = [window.plane, two.plane, window.floating, two.floating]
        if self.of_classes is not None:
            painted.append(window.classes.strip.row)
        self._clock = PaintClock(*painted)
        QApplication.sendEvent(window.plane, self._event(QEvent.Type.MouseButtonPress, np.zeros(2)))
        settle()

    def take_seconds(self) -> float:
        """What all decoders have taken since this was asked for last."""
        decoders = [self.decoder] if self.of_classes is None else [self.decoder, self.of_classes]
        seconds = sum(decoder.seconds for decoder in decoders)
        for decoder in decoders:
            decoder.seconds = 0.0
        return seconds

    def time(self, xy: np.ndarray) -> float:
        """Milliseconds from a move to a point of the plane (2,) to its last paint."""
        event = self._event(QEvent.Type.MouseMove, xy)
        return self._clock.time(lambda: QApplication.sendEvent(self._plane, event))

    def _event(self, kind: QEvent.Type, xy: np.ndarray) -> QMouseEvent:
        left = Qt.MouseButton.LeftButton
        at = self._plane.view().pixel_of(*xy)
        return mouse_event(self._plane, kind, at, left, left)


class Plain:
    """The usual plot: a ScatterPlotItem and a marker that follows the mouse, with default options.

    One option differs: by default pyqtgraph drops mouse events that come within 10 ms of the last,
    which would be measured as waiting.
    """

    def __init__(self, points: tuple[np.ndarray, np.ndarray]) -> None:
        places, labels = points
        pg.setConfigOption("mouseRateLimit", -1)
        self.plot = pg.PlotWidget(background="w")
        self.plot.resize(PLAIN_SIZE, PLAIN_SIZE)
        brushes = [pg.mkBrush(colour) for colour in LIGHT.classes]
        self.plot.addItem(
            pg.ScatterPlotItem(
                x=places[:, 0],
                y=places[:, 1],
                size=5,
                pen=None,
                brush=[brushes[label] for label in labels],
            )
        )
        self.marker = pg.TargetItem(movable=False)
        self.plot.addItem(self.marker)
        self.plot.disableAutoRange()
        self.plot.scene().sigMouseMoved.connect(self._follow)
        self._at = QPoint()
        self._clock = PaintClock(self.plot.viewport())
        self.plot.show()
        settle()

    def time(self, xy: np.ndarray) -> float:
        """Milliseconds from a move of the mouse to a point (2,) to the painted plot."""
        viewport = self.plot.viewport()
        at = self.plot.mapFromScene(self.plot.getViewBox().mapViewToScene(QPointF(*xy)))
        if at == self._at:  # a plot knows whole pixels only, and would not repaint
            at += QPoint(1, 0)
        self._at = at
        event = mouse_event(viewport, QEvent.Type.MouseMove, QPointF(at))
        return self._clock.time(lambda: QApplication.sendEvent(viewport, event))

    def _follow(self, place: QPointF) -> None:
        self.marker.setPos(self.plot.getViewBox().mapSceneToView(place))


def report(points: int, state: str, times: Times) -> dict[str, object]:
    """The figures to print."""
    ours, plain = np.array(times.ours), np.array(times.plain)
    without = ours - times.decoding
    return {
        "points": points,
        "state": state,
        "moves": len(ours),
        "ours": summary(times.ours),
        "decoding": summary(times.decoding),
        "plain": summary(times.plain),
        "ratio_p50": round(float(np.median(plain) / np.median(ours)), 2),
        "ratio_without_decoding_p50": round(float(np.median(plain) / np.median(without)), 2),
        "budget": {"p99_ms": BUDGET_P99_MS[state], "ratio_p50_at_70000": BUDGET_RATIO},
    }


if __name__ == "__main__":
    main()

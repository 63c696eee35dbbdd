"""From a mouse event to the painted digit, in the real window.

    python -m benchmarks.drag [--points N] [--moves N]

Each move is a real mouse event of a drag that wanders over the plane. The time ends when both the
decoded digit and the plane, with its moved mark, have been painted. `plain` is the yardstick: a
plain ScatterPlotItem of as many points with a moving marker, where no digit is decoded at all;
its time ends when the plot has been painted. Both are measured in turn, in blocks, in one run.

More than 10,000 points: the training images are encoded too, and then the set is repeated.
"""

import argparse
import json
import os
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks import machine
from model import assets
from vae_gui.application import make_application, silence_offscreen_platform
from vae_gui.main_window import MainWindow
from vae_gui.opened import EncodedDigits
from vae_gui.theme import CLASS_COLOURS, ThemeChoice

BUDGET_P99_MS = 4.0  # on an idle machine
BLOCK = 100
_ARRAYS = ("means", "spreads", "images", "labels")
PLAIN_SIZE = 900


class PaintClock(QObject):
    """Notes when each watched widget has last been painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.painted: dict[QWidget, float] = {}
        self.watched = len(widgets)
        self._inside = False
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the widget paint, then take the time."""
        if event.type() != QEvent.Type.Paint or self._inside:
            return False
        assert isinstance(watched, QWidget)
        self._inside = True
        watched.removeEventFilter(self)
        QApplication.sendEvent(watched, event)
        watched.installEventFilter(self)
        self._inside = False
        self.painted[watched] = time.perf_counter()
        return True


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=2000)
    arguments = parser.parse_args()
    silence_offscreen_platform()
    make_application()
    window = _window(arguments.points)
    plain = _Plain(window.session.digits)
    ours_clock = PaintClock(window.plane.viewport(), window.inspector.probe.digit)
    plain_clock = PaintClock(plain.plot.viewport())
    ours: list[float] = []
    theirs: list[float] = []
    path = _wander(arguments.moves + BLOCK)
    _block(ours_clock, _drag(window), path[:BLOCK])  # warm up
    _block(plain_clock, plain.move, path[:BLOCK])
    for start in range(BLOCK, len(path), BLOCK):
        ours += _block(ours_clock, _drag(window), path[start : start + BLOCK])
        theirs += _block(plain_clock, plain.move, path[start : start + BLOCK])
    window.close()
    window.join()
    print(json.dumps(_summary(arguments.points, ours, theirs)))


def _window(points: int) -> MainWindow:
    """The real window on the bundled model, with that many points."""
    window = MainWindow(ThemeChoice.LIGHT)
    window.resize(1200, 800)
    window.show()
    waiting = QEventLoop()
    window.opener.finished.connect(waiting.quit)
    window.opener.failed.connect(waiting.quit)
    window.open(assets.PRETRAINED)
    waiting.exec()
    digits = window.session.digits
    if digits is None:
        raise SystemExit(window.messages.text.text())
    if points != len(digits.labels):
        window.session.set_digits(_resized(window, digits, points))
    window.plane.fit()
    _settle()
    return window


def _resized(window: MainWindow, digits: EncodedDigits, points: int) -> EncodedDigits:
    """Test and training images, encoded, cut or repeated to a number of points."""
    training = _wait_for_training(window)
    index = np.arange(points) % (len(digits.labels) + len(training.labels))
    pairs = ((getattr(digits, name), getattr(training, name)) for name in _ARRAYS)
    means, spreads, images, labels = (np.concatenate(pair)[index] for pair in pairs)
    return EncodedDigits(
        means, spreads, images, labels, digits.class_names, f"{points:,} posterior means"
    )


def _wait_for_training(window: MainWindow) -> EncodedDigits:
    while window.session.training is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return window.session.training


class _Plain:
    """What most programs do: a ScatterPlotItem, a marker above it, everything by default."""

    def __init__(self, digits: EncodedDigits | None) -> None:
        assert digits is not None
        self.plot = pg.PlotWidget(background="w")
        self.plot.resize(PLAIN_SIZE, PLAIN_SIZE)
        brushes = [pg.mkBrush(colour) for colour in CLASS_COLOURS]
        self.plot.addItem(
            pg.ScatterPlotItem(
                x=digits.means[:, 0],
                y=digits.means[:, 1],
                size=5,
                pen=None,
                brush=[brushes[label] for label in digits.labels],
            )
        )
        self.marker = pg.TargetItem(movable=False)
        self.plot.addItem(self.marker)
        self.plot.disableAutoRange()
        self.plot.show()
        _settle()

    def move(self, xy: np.ndarray) -> None:
        self.marker.setPos(*xy)


def _drag(window: MainWindow) -> Callable[[np.ndarray], None]:
    """A function that moves the held mouse to a point of the plane (2,), by a real event."""
    viewport = window.plane.viewport()

    def send(kind: QEvent.Type, xy: np.ndarray) -> None:
        position = window.plane.position_of(xy)
        event = QMouseEvent(
            kind,
            position,
            QPointF(viewport.mapToGlobal(QPoint(0, 0))) + position,
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport, event)

    send(QEvent.Type.MouseButtonPress, np.zeros(2))
    _settle()
    return lambda xy: send(QEvent.Type.MouseMove, xy)


def _block(clock: PaintClock, move: Callable[[np.ndarray], None], path: np.ndarray) -> list[float]:
    """Milliseconds from each move to its last paint."""
    times = []
    for xy in path:
        clock.painted.clear()
        start = time.perf_counter()
        move(xy)
        while len(clock.painted) < clock.watched:
            QApplication.processEvents()
            if time.perf_counter() - start > 5.0:
                raise SystemExit("a move was not painted within 5 s")
        times.append(1000.0 * (max(clock.painted.values()) - start))
    return times


def _wander(count: int) -> np.ndarray:
    """A smooth path over the plane, (count, 2), that never stands still."""
    t = np.linspace(0.0, 40.0, count)
    return np.stack([2.5 * np.sin(1.3 * t), 2.5 * np.sin(1.7 * t + 0.5)], axis=1)


def _settle() -> None:
    for _ in range(20):
        QApplication.processEvents()


def _summary(points: int, ours: list[float], plain: list[float]) -> dict[str, object]:
    def percentiles(times: list[float]) -> dict[str, float]:
        p50, p99 = np.percentile(times, [50, 99])
        return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}

    return {
        "points": points,
        "moves": len(ours),
        "ours": percentiles(ours),
        "plain": percentiles(plain),
        "ratio_p50": round(float(np.median(plain) / np.median(ours)), 2),
        "budget": {"p99_ms": BUDGET_P99_MS},
        "machine": machine.describe(),
    }


if __name__ == "__main__":
    main()

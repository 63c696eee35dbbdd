"""Shared by the benchmarks of the window: the real window with N points at rest, and clocks.

At rest means that nothing is computed any more: the training images are encoded, the numbers of
the test images are measured, every layer is drawn. A user waits half a minute for that after
opening a model; a measurement before that would include the program's own background work.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.hand import settle
from model import assets
from vae_gui.app.main_window import MainWindow
from vae_gui.app.thread_priority import spare_the_collector
from vae_gui.state.encoded import EncodedImages
from vae_gui.style.theme import ThemeChoice

Array = NDArray[np.float64]
LIMIT_S = 5.0  # for one paint
LIMIT_AT_REST_S = 600.0
ALARM_MS = 5


class PaintClock(QObject):
    """A clock that notes when each watched widget was last painted."""

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

    def time(self, act: Callable[[], object], until: Callable[[], bool] | None = None) -> float:
        """Milliseconds from an act to the paint of the watched widgets.

        With `until`, the last paint that there is when that has become true.
        """
        self.painted.clear()
        start = time.perf_counter()
        act()
        wait_until(
            lambda: len(self.painted) >= self.watched and (until is None or until()), LIMIT_S
        )
        if until is not None:
            settle()  # what was drawn last may still have to be painted
        return 1000.0 * (max(self.painted.values()) - start)


def wait_until(is_so: Callable[[], bool], limit_s: float) -> None:
    """Let the window work until something is so; between events it sleeps, as it does in use.

    To ask without a pause would take Python's lock from the workers that one waits for.
    """
    deadline = time.monotonic() + limit_s
    alarm = QTimer(interval=ALARM_MS)  # what one waits for may come without an event
    alarm.start()
    while not is_so():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > deadline:
            raise SystemExit(f"what was waited for did not come within {limit_s:.0f} s")


@contextmanager
def open_window(points: int, model: Path = assets.PRETRAINED) -> Iterator[MainWindow]:
    """The real window on a model, the bundled one as a rule, with that many points, at rest.

    More than the 10,000 test digits: the layer of the training digits is shown too, with as many
    of them; where that is more than there are, they are repeated.
    """
    with kept_open(MainWindow(ThemeChoice.LIGHT, remember=False)) as window:
        window.resize(1200, 800)
        spare_the_collector(window.opening)
        window.show()
        window.open(model)
        digits, training = wait_for_digits(window)
        more = points - len(digits.labels)
        if more < 0:
            window.workspace.document.set_test(resized(digits, points))
        elif more > 0:
            if more != len(training.labels):
                window.workspace.document.set_training(resized(training, more))
            window.workspace.appearance.show_layer("training", True)
        window.plane.fit()
        rest(window)
        yield window


@contextmanager
def kept_open(window: MainWindow) -> Iterator[MainWindow]:
    """Close a window in the end, whatever happens: its threads would keep the process alive."""
    try:
        yield window
    finally:
        window.close()
        window.join()


def wait_for_digits(window: MainWindow) -> tuple[EncodedImages, EncodedImages]:
    """The test digits and the training digits, when both are encoded."""
    failures: list[str] = []
    window.opening.failed.connect(lambda sentence, _: failures.append(sentence))
    workspace = window.workspace
    while workspace.document.test is None or workspace.document.training is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if failures:
            raise SystemExit(failures[0])
    return workspace.document.test, workspace.document.training


def rest(window: MainWindow) -> None:
    """Wait until nothing is computed any more."""
    deadline = time.monotonic() + LIMIT_AT_REST_S
    for _ in range(3):  # what was measured may have layers drawn
        settle()
        while not window.workspace.pending.is_settled:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 100)
            if time.monotonic() > deadline:
                raise SystemExit(f"the window was not at rest within {LIMIT_AT_REST_S:.0f} s")
    settle()


def resized(digits: EncodedImages, count: int) -> EncodedImages:
    """So many digits: the set cut, or repeated."""
    index = np.arange(count) % len(digits.labels)
    return replace(
        digits,
        means=digits.means[index],
        standard_deviations=digits.standard_deviations[index],
        images=digits.images[index],
        labels=digits.labels[index],
        source=f"{count:,} posterior means",
    )


def wander(count: int) -> Array:
    """A smooth path over the plane, (count, 2), that never stands still."""
    t = np.linspace(0.0, 0.02 * count, count)
    return np.stack([2.5 * np.sin(1.3 * t), 2.5 * np.sin(1.7 * t + 0.5)], axis=1)


def summary(times: list[float]) -> dict[str, float]:
    """Mean and percentiles of milliseconds."""
    p50, p99 = np.percentile(times, [50, 99])
    found = {"mean_ms": np.mean(times), "p50_ms": p50, "p99_ms": p99, "max_ms": max(times)}
    return {name: round(float(value), 3) for name, value in found.items()}

"""The whole window as a PNG, without a display and without a user."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from vae_gui.app.main_window import MainWindow


class ScreenshotError(Exception):
    """The picture cannot be made; the message is one sentence for the user."""


@dataclass(frozen=True)
class Shot:
    """What to render.

    Attributes:
        out: the PNG file.
        size: of the window, in pixels.
        checkpoint: what to open.
        z: the probe's place in the plane, one or two numbers; the origin if empty.
        digit: the index of the chosen test digit; None for none.
        layers: the keys of the layers that are shown; None for those shown by default.
        colour_by: the key of the measure that images are coloured by; None: by class.
    """

    out: Path
    size: QSize
    checkpoint: Path
    z: Sequence[float] = ()
    digit: int | None = None
    layers: Sequence[str] | None = None
    colour_by: str | None = None


def take(window: MainWindow, shot: Shot) -> None:
    """Open the checkpoint, place the probe, and write the picture.

    Raises:
        ScreenshotError: the checkpoint cannot be opened, what is asked for does not fit it, or the
            picture cannot be written.
    """
    window.resize(shot.size)
    window.show()
    if window.size() != shot.size:
        least = window.size()
        raise ScreenshotError(f"--size must be at least {least.width()}x{least.height()}.")
    _open(window, shot.checkpoint)
    _show_layers(window, shot.layers)
    _choose(window, shot.digit)
    _place_probe(window, shot.z)
    window.workspace.appearance.colour_by(shot.colour_by)
    _wait(window)
    if not window.grab().save(str(shot.out), "PNG"):
        raise ScreenshotError(f"{shot.out} could not be written; choose another place.")


def _open(window: MainWindow, checkpoint: Path) -> None:
    """Open a checkpoint and wait until its digits are encoded."""
    waiting = QEventLoop()
    failures: list[str] = []
    window.opening.failed.connect(lambda sentence, _: failures.append(sentence))
    window.opening.unready.connect(lambda _, sentence: failures.append(sentence))
    window.opening.failed.connect(waiting.quit)
    window.opening.unready.connect(waiting.quit)
    window.opening.finished.connect(waiting.quit)
    window.open(checkpoint)
    waiting.exec()
    if failures:
        raise ScreenshotError(failures[0])


def _show_layers(window: MainWindow, shown: Sequence[str] | None) -> None:
    if shown is None:
        return
    layers = window.workspace.appearance.layers
    if unknown := sorted(set(shown) - set(layers)):
        raise ScreenshotError(
            f"There is no layer {unknown[0]!r}; the layers are {', '.join(layers)}."
        )
    for key in layers:
        window.workspace.appearance.show_layer(key, key in shown)


def _choose(window: MainWindow, digit: int | None) -> None:
    if digit is None:
        return
    test = window.workspace.document.test
    assert test is not None
    if not 0 <= digit < len(test):
        raise ScreenshotError(f"--digit must be from 0 to {len(test) - 1}, not {digit}.")
    window.workspace.viewpoint.select(digit)


def _wait(window: MainWindow) -> None:
    """Wait until all is settled: images encoded and measured, layers drawn."""
    pending = window.workspace.pending
    QApplication.processEvents()
    while not pending.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()


def _place_probe(window: MainWindow, z: Sequence[float]) -> None:
    if not z:
        return
    viewpoint = window.workspace.viewpoint
    dimensions = len(viewpoint.slice.shown)
    if len(z) != dimensions:
        raise ScreenshotError(f"--z needs {dimensions} numbers for this model, not {len(z)}.")
    viewpoint.set_probe(viewpoint.slice.to_latent(np.array(z, dtype=float)))

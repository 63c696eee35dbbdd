"""The whole window as a PNG, without a display and without a user."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from vae_gui.main_window import MainWindow


class ScreenshotError(Exception):
    """The picture cannot be made; the message is one sentence for the user."""


@dataclass(frozen=True)
class Shot:
    """What to render.

    Attributes:
        out: the PNG file.
        size: of the window, in pixels.
        z: where the probe is to be, in the plane: one or two numbers; the origin if empty.
        checkpoint: what to open.
    """

    out: Path
    size: QSize
    z: Sequence[float]
    checkpoint: Path


def take(window: MainWindow, shot: Shot) -> None:
    """Open the checkpoint, place the probe, and write the picture.

    Raises:
        ScreenshotError: the checkpoint cannot be opened, `z` does not fit it, or the picture
            cannot be written.
    """
    window.resize(shot.size)
    window.show()
    if window.size() != shot.size:
        least = window.size()
        raise ScreenshotError(f"--size must be at least {least.width()}x{least.height()}.")
    _open(window, shot.checkpoint)
    _place_probe(window, shot.z)
    _wait_for_layers(window)
    if not window.grab().save(str(shot.out), "PNG"):
        raise ScreenshotError(f"{shot.out} could not be written; choose another place.")


def _open(window: MainWindow, checkpoint: Path) -> None:
    """Open a checkpoint and wait until its digits are encoded."""
    waiting = QEventLoop()
    failures: list[str] = []
    window.opener.failed.connect(lambda sentence, _: failures.append(sentence))
    window.opener.failed.connect(waiting.quit)
    window.opener.finished.connect(waiting.quit)
    window.open(checkpoint)
    waiting.exec()
    if failures:
        raise ScreenshotError(failures[0])


def _wait_for_layers(window: MainWindow) -> None:
    """Let the plane paint itself, which asks for pictures, until none is on its way."""
    window.grab()
    while not window.plane.is_settled:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        window.grab()
    QApplication.processEvents()


def _place_probe(window: MainWindow, z: Sequence[float]) -> None:
    if not z:
        return
    plane = window.session.plane
    dimensions = min(2, plane.dimensions)
    if len(z) != dimensions:
        raise ScreenshotError(f"--z needs {dimensions} numbers for this model, not {len(z)}.")
    window.session.set_probe(plane.to_latent(np.array(z, dtype=float)))

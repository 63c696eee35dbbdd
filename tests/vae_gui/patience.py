"""Waiting in the tests of the window: long, since a busy machine is slow and not wrong."""

import time
from collections.abc import Callable
from functools import partialmethod

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from benchmarks.hand import settle

PATIENCE_MS = 120_000
"""How long a test waits for what must come, in milliseconds."""


class PatientBot(QtBot):
    """The hand of pytest-qt, with more than its five seconds of patience."""

    waitExposed = partialmethod(QtBot.waitExposed, timeout=PATIENCE_MS)  # noqa: N815 - Qt's names
    waitSignal = partialmethod(QtBot.waitSignal, timeout=PATIENCE_MS)  # noqa: N815
    waitSignals = partialmethod(QtBot.waitSignals, timeout=PATIENCE_MS)  # noqa: N815
    waitUntil = partialmethod(QtBot.waitUntil, timeout=PATIENCE_MS)  # noqa: N815


def wait_until(condition: Callable[[], bool]) -> None:
    """Handle events until something holds; leaves the core to what it waits for."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < end
        QApplication.processEvents()
        time.sleep(0.002)


def settle_when(condition: Callable[[], bool]) -> None:
    """Wait until something holds, and handle what follows from it."""
    wait_until(condition)
    settle()

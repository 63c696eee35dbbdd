"""The folder of runs: where trainings write, and which the list of runs shows."""

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal

RUNS = Path("runs")  # where train_cli.py writes, unless it is told otherwise


class RunsFolder(QObject):
    """One folder, that of the command line at first.

    Signals:
        changed: it is another one.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = RUNS

    def choose(self, path: Path) -> None:
        """Take another folder; one below the current folder is named from there."""
        here = Path.cwd()
        inside = path.is_absolute() and path != here and path.is_relative_to(here)
        new = Path(os.path.relpath(path, here)) if inside else path
        if new != self.path:
            self.path = new
            self.changed.emit()

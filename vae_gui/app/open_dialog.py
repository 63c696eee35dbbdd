"""Asking which checkpoint or which run to open."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QDir,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QUrl,
)
from PySide6.QtWidgets import QFileDialog, QFileSystemModel, QLineEdit, QSplitter, QWidget

from model import assets
from model.files.run import RunPaths, checkpoint_of, is_run, run_around
from vae_gui.app.preferences import Preferences

RUNS = Path("runs")  # where train_cli.py writes, unless it is told otherwise
FILTERS = ("Checkpoints and runs (*.safetensors config.json)", "All files (*)")
SIZE, SIDE = QSize(820, 500), 130  # of the dialog, and of its places at the side, in pixels
BESIDE = (".numbers.safetensors", ".preview.safetensors")


class OpenDialog(QFileDialog):
    """Asks for a checkpoint; whoever enters a run's folder finds its best one chosen already.

    It is Qt's own dialog: those of the systems offer every file of an ending, also those of a run
    that are no checkpoints, and cannot be told otherwise.
    """

    def __init__(
        self,
        folder: Path,
        places: Sequence[Path],
        parent: QWidget | None = None,
        title: str = "Open a checkpoint or a run",
    ) -> None:
        """Begin in a folder; `places` stand at the side."""
        super().__init__(parent, title, str(folder))
        self.setOption(QFileDialog.Option.DontUseNativeDialog)
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilters(FILTERS)
        self.setProxyModel(_WhatCanBeOpened(self))
        self.setSidebarUrls([QUrl.fromLocalFile(str(place)) for place in places])
        self.resize(SIZE)
        splitter = self.findChild(QSplitter)
        if splitter is not None:
            splitter.setSizes([SIDE, SIZE.width() - SIDE])
        self.directoryEntered.connect(self._choose_best)

    def _choose_best(self, folder: str) -> None:
        """Write the name of what a run means where the user would type it.

        `selectFile` would not: it leaves that field alone while it has the keyboard, as it has from
        the start.
        """
        run = Path(folder)
        best = checkpoint_of(run)
        if best == run and is_run(run):
            best = RunPaths(run).config
        field = self.findChild(QLineEdit, "fileNameEdit")
        if best != run and field is not None:
            field.setText(best.name)


class _WhatCanBeOpened(QSortFilterProxyModel):
    """The files of a folder without those of ours that are no checkpoints."""

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        """Whether a file is offered; the settings of a run stand for it until it has more."""
        files = self.sourceModel()
        assert isinstance(files, QFileSystemModel)
        path = Path(files.filePath(files.index(row, 0, parent)))
        run = RunPaths(path.parent)
        if path == run.config:
            return checkpoint_of(run.folder) == run.folder and is_run(run.folder)
        return path != run.resume and not path.name.endswith(BESIDE)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort as the file system's model does: folders first."""
        self.sourceModel().sort(column, order)


def ask_for_checkpoint(
    parent: QWidget,
    opened: Path | None,
    preferences: Preferences,
    do: Callable[[Path], object],
    verb: str = "Open",
) -> None:
    """Ask for a checkpoint or a run; call `do` with what is chosen.

    Args:
        parent: the window.
        opened: the checkpoint that is open.
        preferences: those with the recent files.
        do: opens a path.
        verb: what it does, for the title.
    """
    runs = [RUNS.absolute()] if RUNS.is_dir() else []
    places, title = [Path(QDir.homePath()), *runs], f"{verb} a checkpoint or a run"
    dialog = OpenDialog(_start(opened, preferences), places, parent, title)
    dialog.fileSelected.connect(lambda name: do(Path(name)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_for_run(
    parent: QWidget,
    opened: Path | None,
    preferences: Preferences,
    do: Callable[[Path], object],
    verb: str = "Open",
) -> None:
    """Ask for the folder of a run, in the system's own dialog; call `do` with it."""
    start = _start(opened, preferences)
    name = QFileDialog.getExistingDirectory(
        parent, f"{verb} a run folder", str(start.parent if is_run(start) else start)
    )
    if name:
        do(Path(name))


def _start(opened: Path | None, preferences: Preferences) -> Path:
    """The folder of what is open, or was last; nobody looks for files beside the bundled model."""
    known = [] if opened in (None, *assets.MODELS) else [opened]
    for path in (*known, *preferences.recent_files):
        assert path is not None
        return run_around(path) or path.parent
    return RUNS.absolute() if RUNS.is_dir() else Path(QDir.homePath())

"""The button that names the folder of runs, and asks for another one."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from model.printable import printable
from vae_gui.state.runs_folder import RunsFolder
from vae_gui.style.labels import wrapped

PAD = 16


class RunsFolderButton(QPushButton):
    """As much of the path as there is room for; its tooltip has all of it."""

    def __init__(self, runs: RunsFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.setAccessibleName("Folder of the runs")
        self.clicked.connect(self._ask)
        runs.changed.connect(self._show)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """A few letters wide: a path can be of any length."""
        return QSize(60, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for more."""
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        path, room = printable(self._runs.path), max(40, self.width() - PAD)
        shown = self.fontMetrics().elidedText(path, Qt.TextElideMode.ElideLeft, room)
        self.setText(shown.replace("&", "&&"))
        whole = printable(self._runs.path.absolute())
        self.setToolTip(wrapped(f"The runs are in {whole}. Click to choose another folder."))

    def _ask(self) -> None:
        start = str(self._runs.path.absolute())
        name = QFileDialog.getExistingDirectory(self, "Choose a folder for runs", start)
        if name:
            self._runs.choose(Path(name))

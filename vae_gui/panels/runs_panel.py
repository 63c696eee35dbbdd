"""The page with all runs of a folder: to sort, to open, to compare."""

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from model.files.run_summary import RunSummary
from vae_gui.jobs.run_list import RunList
from vae_gui.jobs.settings_check import as_typed
from vae_gui.jobs.trainer import shown_program
from vae_gui.panels.run_rows import ORDERS, RunPainter, RunRows
from vae_gui.panels.runs_folder_button import RunsFolderButton
from vae_gui.state.runs_folder import RunsFolder
from vae_gui.style.labels import label

MARGIN = 16
EMPTY = "There are no runs in this folder. Train a model: each training becomes one."


class RunsPanel(QWidget):
    """A list of runs, what is said of the folder, and what can be done with the chosen run.

    Signals:
        opened (Path): a run is to be opened.
        compared (Path): a run is to be compared with what is open.
        trained (Path): the training of a run is to be shown.
    """

    opened = Signal(Path)
    compared = Signal(Path)
    trained = Signal(Path)

    def __init__(self, folder: RunsFolder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = RunList(folder, self)
        self._folder = RunsFolderButton(folder)
        self.order = QComboBox()
        self.rows = RunRows()
        self.list = QListView()
        self.note = label("caption")
        self.open = QPushButton("Open")
        self.training = QPushButton("Training")
        self.compare = QPushButton("Compare with what is open")
        self.show_folder = QPushButton("Show folder")
        self.copy = QPushButton("Copy command")
        self._set_up()
        self._lay_out()
        self._connect()
        self._show()

    @property
    def chosen(self) -> RunSummary | None:
        """The run that is chosen."""
        index = self.list.currentIndex()
        return self.rows.runs[index.row()] if index.isValid() else None

    def offer_to_compare(self) -> None:
        """Show the button that compares: somebody listens to `compared`."""
        self.compare.show()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the folder while it is seen."""
        super().showEvent(event)
        self._looks.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._looks.watch(False)

    def _set_up(self) -> None:
        self.order.addItems(list(ORDERS))
        self.order.setAccessibleName("Order of the runs")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(RunPainter(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)  # rows show that they are under the mouse
        self.list.setAccessibleName("Runs")
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().setAutoFillBackground(False)
        self.compare.hide()
        for button, tip in (
            (self.open, "Show its best epoch in the plane (Enter, double click)"),
            (self.training, "Its curves; to pause it, to stop it, to go on with it"),
            (self.compare, "Show it beside the model that is open"),
            (self.show_folder, "Show its folder among the files of this system"),
            (self.copy, "Copy the command line that trains it"),
        ):
            button.setToolTip(tip)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(6)
        above.addWidget(self._folder, 1)
        above.addWidget(self.order, 1)
        below = QGridLayout()
        below.setSpacing(6)
        for place, button in enumerate((self.open, self.training, self.show_folder, self.copy)):
            below.addWidget(button, place // 2, place % 2)
        below.addWidget(self.compare, 2, 0, 1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 12, MARGIN, 12)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self.note)
        layout.addWidget(self.list, 1)
        layout.addLayout(below)

    def _connect(self) -> None:
        self._looks.changed.connect(self._show)
        self.order.currentTextChanged.connect(self._show)
        self.list.activated.connect(self._open_row)
        self.list.selectionModel().currentChanged.connect(self._show_buttons)
        self.open.clicked.connect(self._open)
        self.training.clicked.connect(self._train)
        self.compare.clicked.connect(self._compare)
        self.show_folder.clicked.connect(self._show_its_folder)
        self.copy.clicked.connect(self._copy)

    def _show(self) -> None:
        chosen = self.chosen
        self.rows.show_runs(self._looks.runs, self.order.currentText())
        row = self.rows.row_of(None if chosen is None else chosen.folder)
        if row >= 0 and row != self.list.currentIndex().row():
            self.list.setCurrentIndex(self.rows.index(row))
        note = self._looks.problem or ("" if self._looks.runs else EMPTY)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._show_buttons()

    def _show_buttons(self) -> None:
        run = self.chosen
        self.open.setEnabled(run is not None and (run.epoch > 0 or run.stage.is_under_way))
        self.compare.setEnabled(run is not None and run.epoch > 0)
        self.copy.setEnabled(run is not None and bool(run.command))
        for button in (self.training, self.show_folder):
            button.setEnabled(run is not None)

    def _open_row(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.runs[index.row()].folder)

    def _open(self) -> None:
        if (run := self.chosen) is not None:
            self.opened.emit(run.folder)

    def _train(self) -> None:
        if (run := self.chosen) is not None:
            self.trained.emit(run.folder)

    def _compare(self) -> None:
        if (run := self.chosen) is not None:
            self.compared.emit(run.folder)

    def _show_its_folder(self) -> None:
        if (run := self.chosen) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder.absolute())))

    def _copy(self) -> None:
        if (run := self.chosen) is not None:
            words = [*shown_program(), *run.command[1:]]
            QGuiApplication.clipboard().setText(as_typed(words))

"""Training in the window: connects form, process, runs and what is open; asks before it closes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMessageBox, QWidget

from model.files.run import RunPaths, run_around
from vae_gui.jobs.training import Training
from vae_gui.panels.first_epoch import Watched
from vae_gui.panels.layers_panel import LayersPanel
from vae_gui.panels.left_panel import LeftPanel
from vae_gui.state.runs_folder import RunsFolder
from vae_gui.widgets.late_page import LatePage

if TYPE_CHECKING:
    from vae_gui.panels.runs_panel import RunsPanel
    from vae_gui.panels.training_panel import TrainingPanel

ASK = "A training is under way."
KEEP = "It can go on without the window: open its run at any time to see it again."
KEEP_PAUSED = "It is paused, and waits without the window: open its run at any time to go on."


class TrainingPlace(QObject):
    """What of the window trains.

    Attributes:
        training: the run that is shown, and its process.
        left: the panel with the pages.

    Signals:
        opened (Path): a run is to be opened.
        compared (Path): a run is to be compared with what is open.
        failed (str, Exception): the settings cannot be read.
        grew (QWidget): a part was added after the window was built.
    """

    opened = Signal(Path)
    compared = Signal(Path)
    failed = Signal(str, Exception)
    grew = Signal(QWidget)

    def __init__(
        self, layers: LayersPanel, watched: Watched, data_dir: Path | None, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.runs = RunsFolder(self)
        self.training = Training(self)
        self._watched = watched
        self._data_dir = data_dir
        self._train_page, self._runs_page = LatePage(self._make_panel), LatePage(self._make_list)
        self.left = LeftPanel(layers, self._train_page, self._runs_page)
        self._is_painted = False
        self._may_close = False
        self._question: QMessageBox | None = None
        for page in (self._train_page, self._runs_page):
            page.made.connect(self.grew)
        self.training.begun.connect(self.opened)
        self.left.pages.changed.connect(self._begin)

    @property
    def panel(self) -> "TrainingPanel":
        """The page from which models are trained."""
        return cast("TrainingPanel", self._train_page.content)

    @property
    def list(self) -> "RunsPanel":
        """The page with the runs of a folder."""
        return cast("RunsPanel", self._runs_page.content)

    def begin(self) -> None:
        """The window is on the screen: what takes long may begin."""
        self._is_painted = True
        self._begin()

    def show_page(self, key: str, panel: QAction) -> None:
        """Show a page of the left panel, unfolded by its action, and give it the keyboard."""
        panel.setChecked(True)
        self.left.pages.choose(key)
        self.left.pages.titles[key].setFocus()

    def may_close(self, window: QMainWindow) -> bool:
        """Whether the window may close at once; otherwise the user is asked, and it closes then."""
        if self._may_close or not self.training.is_of_this_window:
            return True
        if self._question is None:
            self._question = self._ask(window)
        return False

    def close(self) -> None:
        """The window goes; a training is left to itself."""
        self.training.close()

    def follow(self, path: Path) -> None:
        """Show the training of a run that is waited for, or one of whose checkpoints is open."""
        folder = run_around(path)
        if folder is not None:
            self.training.watch(folder)
        elif path.suffix != RunPaths(path).best.suffix:
            self.training.watch(path)

    def go_on(self, folder: Path) -> None:
        """Go on with a run whose training broke off; say so on the page from which one trains."""
        self.training.watch(folder)
        if self.training.folder == folder:
            self.training.go_on()

    def _make_panel(self) -> QWidget:
        from vae_gui.jobs.settings_check import SettingsCheck
        from vae_gui.panels.training_panel import TrainingPanel

        check = SettingsCheck(self)
        check.failed.connect(self.failed)
        panel = TrainingPanel(self.training, check, self.runs, self._watched, self._data_dir)
        panel.opened.connect(self.opened)
        panel.grew.connect(self.grew)
        return panel

    def _make_list(self) -> QWidget:
        from vae_gui.panels.runs_panel import RunsPanel

        runs = RunsPanel(self.runs)
        runs.opened.connect(self.opened)
        runs.compared.connect(self.compared)
        runs.trained.connect(self._show_training)
        runs.offer_to_compare()
        return runs

    def _show_training(self, folder: Path) -> None:
        self.training.watch(folder)
        self.left.pages.choose("train")

    def _begin(self) -> None:
        if self._is_painted and self.left.pages.shown == "train":
            self.panel.begin()

    def _ask(self, window: QMainWindow) -> QMessageBox:
        question = QMessageBox(window)
        question.setWindowTitle("Close the window")
        question.setText(ASK)
        question.setInformativeText(KEEP_PAUSED if self.training.is_paused else KEEP)
        role = QMessageBox.ButtonRole
        answers: tuple[tuple[str, QMessageBox.ButtonRole, Callable[[], object]], ...] = (
            ("Keep training", role.AcceptRole, lambda: self._leave(window)),
            ("Stop and save", role.DestructiveRole, lambda: self._stop_and_leave(window)),
            ("Cancel", role.RejectRole, lambda: None),
        )
        for text, kind, do in answers:
            button = question.addButton(text, kind)
            button.clicked.connect(lambda _=False, do=do: do())
        question.finished.connect(self._forget)
        question.open()
        return question

    def _forget(self) -> None:
        if self._question is not None:
            self._question.deleteLater()
            self._question = None

    def _leave(self, window: QMainWindow) -> None:
        self._may_close = True
        window.close()

    def _stop_and_leave(self, window: QMainWindow) -> None:
        """Stop it; the window waits until all is saved."""
        if not self.training.is_of_this_window:
            self._leave(window)
            return
        self.training.ended.connect(lambda: self._leave(window))
        self.training.stop()

"""The page from which models are trained: the training under way, and the form of the next."""

from pathlib import Path

from PySide6.QtCore import QMargins, Signal
from PySide6.QtWidgets import QWidget

from vae_gui.jobs.settings_check import SettingsCheck
from vae_gui.jobs.training import Training
from vae_gui.panels.curves import Curves
from vae_gui.panels.first_epoch import Watched, first_epoch_of
from vae_gui.panels.training_form import TrainingForm
from vae_gui.panels.training_progress import TrainingProgress
from vae_gui.state.runs_folder import RunsFolder
from vae_gui.style.labels import rule
from vae_gui.widgets.scrolling_page import ScrollingPage
from vae_gui.widgets.section import Section

MARGIN = 16
BUSY = "A training is under way. Stop it first, or let it end."


class TrainingPanel(ScrollingPage):
    """What is trained now, if anything is; below it the form, folded while a training goes on.

    Signals:
        opened (Path): a run is to be opened.
        grew (QWidget): a part was added after the window was built.
    """

    opened = Signal(Path)
    grew = Signal(QWidget)

    def __init__(
        self,
        training: Training,
        check: SettingsCheck,
        runs: RunsFolder,
        watched: Watched,
        data_dir: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(QMargins(MARGIN, 12, MARGIN, 12), parent)
        self._training = training
        self._check = check
        self._watched = watched
        self._is_begun = False
        self.progress = TrainingProgress(training)
        self.curves = Curves()
        self.form = TrainingForm(check, runs, data_dir)
        self.section = Section("Train a model", self.form)
        self._line = rule()
        parts = self.parts
        parts.setSpacing(10)
        for part in (self.progress, self.curves, self._line, self.section):
            parts.addWidget(part)
        parts.addStretch(1)
        self.form.wanted.connect(self._start)
        self.form.grew.connect(self.grew)
        self.progress.opened.connect(self._open)
        training.changed.connect(self._show)
        training.begun.connect(self.form.check_again)
        watched.timeline.made_changed.connect(self._show_curves)
        watched.timeline.changed.connect(self._show_curves)
        self._show()

    def begin(self) -> None:
        """Read what can be set, once: torch is imported for it, so the window comes first."""
        if not self._is_begun:
            self._is_begun = True
            self._check.read()

    def _start(self, flags: list[str], folder: Path) -> None:
        self.section.heading.setChecked(False)
        self._training.start(flags, folder)
        self.verticalScrollBar().setValue(0)

    def _open(self) -> None:
        if self._training.folder is not None:
            self.opened.emit(self._training.folder)

    def _show(self) -> None:
        training = self._training
        self._show_curves()
        self._line.setVisible(training.folder is not None)
        is_first = training.folder is None
        self.section.heading.setText("Train a model" if is_first else "Train another model")
        self.form.hinder(BUSY if training.is_under_way else "")

    def _show_curves(self) -> None:
        """The epochs, and of the run that is open in the plane also what its snapshots tell."""
        run = self._training.run
        is_open = self._watched.is_of(self._training.folder)
        early = first_epoch_of(self._watched.timeline) if is_open else ()
        self.curves.show_history(() if run is None else run.history, early)

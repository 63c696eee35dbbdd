"""The training that the window shows: how far it is, and what can be asked of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from model.files.run_request import Request
from model.files.run_summary import RunStage, RunSummary
from model.printable import printable
from vae_gui.jobs.training import Training
from vae_gui.panels.duration import in_words
from vae_gui.panels.setting_row import problem_label
from vae_gui.style.labels import label, wrapped

STEPS = 1000  # of the bar


class TrainingProgress(QWidget):
    """A bar, images per second, the time left; Pause, Go on, Stop, Open the result.

    Signals:
        opened: the run is to be opened.
    """

    opened = Signal()

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self.name = label("title")
        self.state = label("text")
        self.bar = QProgressBar()
        self.pace = label("caption")
        self.failure = problem_label()
        self.pause = QPushButton("Pause")
        self.go_on = QPushButton("Go on")
        self.stop = QPushButton("Stop")
        self.open = QPushButton("Open the result")
        self._set_up()
        self._lay_out()
        training.changed.connect(self._show)
        self._show()

    def _set_up(self) -> None:
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.bar.setAccessibleName("How much of the training is done")
        for button, tip, do in (
            (self.pause, "Wait after this step; Go on continues at once", self._training.pause),
            (self.go_on, "", self._training.go_on),
            (self.stop, "End after this step, with everything saved", self._training.stop),
            (self.open, "Show its best epoch in the plane", self.opened.emit),
        ):
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, do=do: do())

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.pause, self.go_on, self.stop):
            buttons.addWidget(button, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        # Sentences of one line and of two lie below the buttons, which stay where they are.
        layout.addWidget(self.name)
        layout.addWidget(self.bar)
        layout.addLayout(buttons)
        for part in (self.state, self.pace, self.failure, self.open):
            layout.addWidget(part)

    def _show(self) -> None:
        training, run = self._training, self._training.run
        folder = training.folder
        self.setVisible(folder is not None)
        if folder is None:
            return
        self.name.setText(printable(folder.name))
        self.name.setToolTip(wrapped(printable(folder.absolute())))
        self.state.setText(state_of(training))
        self.bar.setValue(round(STEPS * run.fraction) if run is not None else 0)
        pace = pace_of(run)
        self.pace.setText(pace)
        self.pace.setVisible(bool(pace))
        self.failure.setText(training.failure)
        self.failure.setVisible(bool(training.failure))
        self._show_buttons(run)

    def _show_buttons(self, run: RunSummary | None) -> None:
        training = self._training
        waits_for_stop = training.wanted is Request.STOP
        has_more = run is not None and run.can_go_on and run.stage is not RunStage.DONE
        can_go_on = training.is_paused or (has_more and not training.is_under_way)
        self.pause.setVisible(training.is_under_way and not training.is_paused)
        self.pause.setEnabled(not training.is_starting and training.wanted is None)
        self.go_on.setVisible(can_go_on)
        self.go_on.setEnabled(not waits_for_stop)
        stopped = "Continue exactly where it stopped (train_cli.py --resume)"
        self.go_on.setToolTip("Continue at once" if training.is_paused else stopped)
        self.stop.setVisible(training.is_under_way)
        self.stop.setEnabled(not waits_for_stop)
        self.open.setVisible(run is not None and run.epoch > 0)


def state_of(training: Training) -> str:
    """What the run does now, in one sentence."""
    run = training.run
    if training.wanted is Request.STOP:
        return "Stopping after this step; everything is saved …"
    if training.is_starting:
        return "Starting …"
    if run is None:
        return "There is no run in its folder."
    return _under_way(training, run) if run.stage.is_under_way else _at_the_end(run)


def _under_way(training: Training, run: RunSummary) -> str:
    epoch = run.progress.epoch if run.progress is not None else min(run.epoch + 1, run.epochs)
    if run.stage is RunStage.PAUSED:
        return f"Paused in epoch {epoch} of {run.epochs}. It waits, also when the window is closed."
    if training.wanted is Request.PAUSE:
        return "Pausing after this step …"
    if run.epochs and run.epoch == run.epochs:
        return "All epochs are done; measuring the test set …"
    return f"Training: epoch {epoch} of {run.epochs}"


def _at_the_end(run: RunSummary) -> str:
    after = f"after epoch {run.epoch} of {run.epochs}"
    if run.stage is RunStage.DONE:
        return f"Done {after}."
    if run.stage is RunStage.DAMAGED:
        return f"Damaged: {run.reason}."
    if run.stage is RunStage.DIVERGED:
        return f"Diverged {after}: try a smaller learning rate."
    if run.epoch == 0 and not run.can_go_on:
        return "Ended before its first epoch was done; train it anew."
    verb = "Stopped" if run.stage is RunStage.STOPPED else "Not ended"
    return f"{verb} {after}. Everything is saved."


def pace_of(run: RunSummary | None) -> str:
    """Images per second and the time left; of an ended run, how long it took."""
    if run is None or run.stage is RunStage.PAUSED:
        return ""
    progress = run.progress
    if progress is not None:
        left = in_words(progress.seconds_left)
        return f"{progress.images_per_second:,.0f} images/s, {left} left"
    return f"Trained for {in_words(run.seconds)}" if run.history else ""

"""The bar that speaks of the run that is watched: it is waited for, or has a newer epoch."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from model.files.run_state import RunState, Stage
from model.printable import printable
from vae_gui.jobs.following import Following
from vae_gui.panels.duration import in_words
from vae_gui.style.labels import filled, label


class RunBar(QFrame):
    """A bar that floats over the planes, hidden while there is nothing to say of a run.

    Signals:
        wanted (Path): the newer epoch is to be shown: the checkpoint that holds it.
        resumed (Path): the training of the run in this folder is to go on.
    """

    wanted = Signal(Path)
    resumed = Signal(Path)

    def __init__(self, following: Following, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        filled(self, QPalette.ColorRole.Base)
        self._following = following
        self._watched: Path | None = None
        self._is_dismissed = False
        self._was_lost = False
        self._was_gone = False
        self.text = label("text")
        self.newer = QPushButton()
        self.newer.setToolTip("Open it in place of the epoch that is shown")
        self.newer.clicked.connect(self._want_newer)
        self.go_on = QPushButton("Go on")
        self.go_on.setToolTip("Continue from what was saved last (train_cli.py --resume)")
        self.go_on.clicked.connect(self._go_on)
        self.dismiss = QPushButton()
        self.dismiss.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.newer)
        row.addWidget(self.go_on)
        row.addWidget(self.dismiss)
        following.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        if self._following.folder != self._watched:
            self._watched = self._following.folder
            self._is_dismissed = False
        state = self._following.state
        is_lost = state is not None and state.is_lost
        is_gone = state is not None and state.stage is Stage.GONE
        if (is_lost and not self._was_lost) or (self._was_gone and not is_gone):
            self._is_dismissed = False  # what was closed before spoke of something else
        self._was_lost, self._was_gone = is_lost, is_gone
        sentence = "" if self._is_dismissed else sentence_of(self._following)
        self.text.setText(sentence)
        self.text.setAccessibleName(sentence)
        newer = self._following.newer
        self.newer.setText(f"Show epoch {newer}")
        self.newer.setVisible(bool(newer))
        self.go_on.setVisible(state is not None and is_lost and state.can_go_on)
        waits = self._following.is_waiting
        self.dismiss.setText("Stop waiting" if waits else "Close")
        self.dismiss.setToolTip("" if waits else "Hide what is said of this run")
        self.setVisible(bool(sentence))

    def _want_newer(self) -> None:
        checkpoint = self._following.checkpoint
        if checkpoint is not None:
            self.wanted.emit(checkpoint)

    def _go_on(self) -> None:
        if self._following.folder is not None:
            self.resumed.emit(self._following.folder)

    def _dismiss(self) -> None:
        self._is_dismissed = True
        if self._following.waits:
            self._following.stop()
        else:
            self._show()


def sentence_of(following: Following) -> str:
    """What there is to say of the run that is watched; empty: nothing."""
    folder, state = following.folder, following.state or RunState(Stage.GOING_ON)
    if folder is None:
        return ""
    name = printable(folder.absolute().name or folder)
    if state.stage is Stage.UNREADABLE:
        return f"{name} cannot be read at present ({state.reason}); it is tried again."
    if state.stage is Stage.GONE:
        stays = "" if following.waits else ": what is open stays open"
        return f"{name} is no longer there{stays}."
    if state.stage is Stage.ENDED and following.waits:
        return f"{name} ended before its first epoch was done ({state.reason})."
    return _of_nobody(state, name) or _of_what_comes(following, name)


def _of_what_comes(following: Following, name: str) -> str:
    if following.waits:
        return f"{name} has not finished its first epoch; it opens with its first weights."
    return _of_newer(following, name)


def _of_newer(following: Following, name: str) -> str:
    newer, checkpoint = following.newer, following.checkpoint
    if not newer or checkpoint is None:
        return ""
    what = "its best epoch is now" if checkpoint.stem == "best" else "it has finished epoch"
    return f"{name} has learned on: {what} {newer}; epoch {following.shown} is shown."


def _of_nobody(state: RunState, name: str) -> str:
    """That nobody seems to train a run any more, and what to do; empty where somebody may."""
    if not (state.is_lost or state.silence):
        return ""
    if state.is_lost and state.can_go_on:
        return (
            f"The training of {name} broke off without an end, as if killed; what it wrote is "
            "safe. Go on continues from its last save (train_cli.py --resume)."
        )
    if state.is_lost:
        return (
            f"The training of {name} broke off without an end, as if killed, before there was "
            "anything to continue from; train it anew."
        )
    then = "train_cli.py --resume continues it" if state.can_go_on else "train it anew"
    return (
        f"Nothing was written to {name} for {in_words(state.silence)}, and nobody is seen to train "
        f"it; if no other machine does, {then}."
    )

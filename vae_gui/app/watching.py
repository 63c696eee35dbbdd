"""Watching the training that comes with the program."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from model import assets
from model.files.run import run_around
from vae_gui.state.document import Document
from vae_gui.state.timeline import Timeline


class Watching(QObject):
    """Opens the bundled run, and plays it from its beginning as soon as its timeline is there."""

    def __init__(
        self,
        document: Document,
        timeline: Timeline,
        open_: Callable[[Path], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._timeline = timeline
        self._open = open_
        self._is_awaited = False
        timeline.wanted_changed.connect(self._play_once)

    def watch(self) -> None:
        """Open the run; where it is open already, play it from its beginning."""
        self._is_awaited = True
        if self._is_open():
            self._play_once()
        else:
            self._open(assets.TRAINING)

    def _is_open(self) -> bool:
        model = self._document.model
        return model is not None and run_around(model.path) == assets.TRAINING

    def _play_once(self) -> None:
        """The timeline is known: play. If something else was opened meanwhile, let it be."""
        if not self._is_awaited or not self._timeline.is_there or self._timeline.shown is None:
            return
        self._is_awaited = False
        if self._is_open():
            self._timeline.go_to(0)
            self._timeline.play_or_pause()

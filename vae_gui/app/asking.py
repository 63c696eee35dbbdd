"""Asking which checkpoint or run somebody wants."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from vae_gui.app.open_dialog import ask_for_checkpoint, ask_for_run
from vae_gui.app.preferences import Preferences
from vae_gui.state.document import Document


class Asking:
    """Opens the dialogs of a window where somebody would look for them: beside what is open."""

    def __init__(self, window: QWidget, document: Document, preferences: Preferences) -> None:
        self._window = window
        self._document = document
        self._preferences = preferences

    def for_file(self, do: Callable[[Path], object], verb: str = "Open") -> None:
        """Ask for a checkpoint or a run; `verb` says in the title what `do` does with it."""
        ask_for_checkpoint(self._window, self._opened, self._preferences, do, verb)

    def for_run(self, do: Callable[[Path], object], verb: str = "Open") -> None:
        """Ask for the folder of a run, likewise."""
        ask_for_run(self._window, self._opened, self._preferences, do, verb)

    @property
    def _opened(self) -> Path | None:
        model = self._document.model
        return None if model is None else model.path

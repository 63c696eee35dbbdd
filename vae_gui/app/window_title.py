"""The title of the window: the models that it shows."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vae_gui.state.workspace import Workspace

NAME = "VAE explorer"


class WindowTitle(QObject):
    """Names a window after the models that are open in it."""

    def __init__(self, window: QWidget, workspace: Workspace) -> None:
        super().__init__(window)
        self._window = window
        self._workspace = workspace
        window.setWindowTitle(NAME)
        workspace.comparison.changed.connect(self.show)

    def show(self) -> None:
        """Name the models that are open now."""
        models = [document.model for document in self._workspace.documents]
        titles = [model.title for model in models if model is not None]
        self._window.setWindowTitle(f"{' | '.join(titles)} — {NAME}")

"""The second model: what opens it, follows its run, decodes for it and measures it."""

from pathlib import Path

from PySide6.QtCore import QObject

from vae_gui.app.model_jobs import ModelJobs
from vae_gui.jobs.aligning import Aligning
from vae_gui.state.linking import Linking
from vae_gui.state.workspace import Workspace


class SecondModel(QObject):
    """The jobs of the second document of a workspace, and what ties its viewpoint to the first.

    They stay when the model is closed: an empty document costs nothing, and the next one that is
    compared finds them.
    """

    def __init__(self, workspace: Workspace, data_dir: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self.viewpoint = workspace.compare()
        self.jobs = ModelJobs(workspace, self.viewpoint, data_dir, self)
        self.opening, self.measuring = self.jobs.opening, self.jobs.measuring
        self.following, self.timeline = self.jobs.following, self.jobs.timeline
        self.linking = Linking(workspace.comparison, self)
        self.aligning = Aligning(workspace, self)

    def close(self) -> None:
        """Close the model, or drop it while it is being opened."""
        self.opening.stop()
        self.following.stop()
        self.timeline.clear()
        if self.viewpoint.document.model is not None:
            self.viewpoint.document.close()

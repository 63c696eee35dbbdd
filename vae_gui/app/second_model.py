"""The second model: what opens it, follows its run, decodes for it and measures it."""

from pathlib import Path

from PySide6.QtCore import QObject

from vae_gui.jobs.aligning import Aligning
from vae_gui.jobs.following import Following
from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.jobs.measuring import Measuring
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.showing import Showing
from vae_gui.state.linking import Linking
from vae_gui.state.timeline import Timeline
from vae_gui.state.workspace import Workspace


class SecondModel(QObject):
    """The jobs of the second document of a workspace, and what ties its viewpoint to the first.

    They stay when the model is closed: an empty document costs nothing, and the next one that is
    compared finds them.
    """

    def __init__(self, workspace: Workspace, data_dir: Path | None, parent: QObject) -> None:
        super().__init__(parent)
        self.viewpoint = workspace.compare()
        document = self.viewpoint.document
        self.opening = Opening(workspace, document, data_dir, self)
        self.timeline = Timeline(self)
        self.following = Following(self.opening, document, self.timeline, self)
        self.showing = Showing(document, self.timeline, workspace.pending, self)
        self.decoder = LiveDecoder(self.viewpoint, self)
        self.measuring = Measuring(workspace, self.viewpoint, self)
        self.linking = Linking(workspace.comparison, self)
        self.aligning = Aligning(workspace, self)

    def close(self) -> None:
        """Close the model, or drop it while it is being opened."""
        self.opening.stop()
        self.following.stop()
        self.timeline.clear()
        if self.viewpoint.document.model is not None:
            self.viewpoint.document.close()

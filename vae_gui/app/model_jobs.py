"""The jobs of one document: what opens a model, follows its run, decodes for it and measures it."""

from pathlib import Path

from PySide6.QtCore import QObject

from vae_gui.jobs.class_choosing import ClassChoosing
from vae_gui.jobs.following import Following
from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.jobs.measuring import Measuring
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.showing import Showing
from vae_gui.jobs.training_encoding import TrainingEncoding
from vae_gui.state.timeline import Timeline
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace


class ModelJobs(QObject):
    """All that works for a document and the viewpoint on it."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        data_dir: Path | None,
        parent: QObject,
    ) -> None:
        """Work for a viewpoint's document; data are cached in `data_dir`, if it is given."""
        super().__init__(parent)
        document = viewpoint.document
        self.opening = Opening(workspace, document, data_dir, self)
        self.timeline = Timeline(self)
        self.following = Following(self.opening, document, self.timeline, self)
        self.showing = Showing(document, self.timeline, workspace.pending, self)
        self.training_encoding = TrainingEncoding(
            document, workspace.appearance, workspace.pending, data_dir, self
        )
        self.classes = ClassChoosing(document, workspace.pending, self)
        self.decoder = LiveDecoder(viewpoint, self)
        self.measuring = Measuring(workspace, viewpoint, self)

    def close(self) -> None:
        """The window goes."""
        self.following.close()
        self.timeline.pause()
        self.measuring.close()
        self.showing.close()
        self.training_encoding.close()

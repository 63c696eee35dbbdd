"""The page Evidence in the window: made when it is first seen, and connected."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vae_gui.panels.left_panel import LeftPanel
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.late_page import LatePage

if TYPE_CHECKING:
    from vae_gui.jobs.inferring import Inferring
    from vae_gui.panels.evidence.panel import EvidencePanel

KEY = "evidence"
TIP = "Draw a part of a digit and see where it can lie (Ctrl+E)"


class EvidencePlace(QObject):
    """What of the window infers from a part of an image.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
        grew (QWidget): a part was added after the window was built.
    """

    failed = Signal(str, Exception)
    grew = Signal(QWidget)

    def __init__(self, workspace: Workspace, left: LeftPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._viewpoint = workspace.viewpoint
        self._inferring: Inferring | None = None
        self._page = LatePage(self._make)
        self._page.made.connect(self.grew)
        left.pages.add(KEY, "Evidence", TIP, self._page)

    @property
    def panel(self) -> "EvidencePanel":
        """The page."""
        return cast("EvidencePanel", self._page.content)

    def close(self) -> None:
        """The window goes."""
        if self._inferring is not None:
            self._inferring.close()

    def _make(self) -> QWidget:
        from vae_gui.jobs.inferring import Inferring
        from vae_gui.panels.evidence.panel import EvidencePanel

        self._inferring = Inferring(self._workspace, self._viewpoint, self)
        self._inferring.failed.connect(self.failed)
        return EvidencePanel(self._workspace, self._viewpoint)

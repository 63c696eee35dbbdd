"""The plane as a picture for a file: drawn anew by layers of its own, with the file's pixels."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPainter

from vae_gui.plane.layer_stack import LayerStack
from vae_gui.plane.viewport import View
from vae_gui.state.pending import Pending
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import Theme

Paint = Callable[[QPainter, View, LayerStack], None]


class PlanePicture(QObject):
    """Has all layers drawn that are shown; then it can be painted.

    Signals:
        drawn: all layers are as they are to be painted.
        failed (str, Exception): a layer could not be drawn, and is left out.
    """

    drawn = Signal()
    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        view: View,
        theme: Theme,
        paint: Paint,
        parent: QObject,
    ) -> None:
        """Prepare a view of the plane; `paint` paints it, given its layers."""
        super().__init__(parent)
        self.view = view
        self._theme = theme
        self._paint = paint
        self._pending = Pending(self)
        self._layers = LayerStack(workspace, viewpoint, parent=self, pending=self._pending)
        self._layers.failed.connect(self.failed)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._tell)
        self._pending.settled.connect(self._soon.start)

    def begin(self) -> None:
        """Have the layers drawn, in workers."""
        self._layers.look(self.view, self._theme)

    def paint(self, painter: QPainter) -> None:
        """Paint it, in the pixels of the plane's widget; the marks are where they are now."""
        self._paint(painter, self.view, self._layers)

    def close(self) -> None:
        """Cancel what is being drawn, and be gone."""
        self._soon.stop()
        self._layers.close()
        self.deleteLater()

    def _tell(self) -> None:
        if self._pending.is_settled:
            self.drawn.emit()

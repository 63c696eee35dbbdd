"""The clock of a glide: it moves the points on, a picture at a time."""

import time

from PySide6.QtCore import QObject, QTimer

from vae_gui.plane.layer_stack import LayerStack
from vae_gui.state.document import Document
from vae_gui.state.workspace import Workspace

FRAME_MS = 30


class Gliding(QObject):
    """Moves a document's points on until they have arrived.

    A picture is asked for only when the last one has been drawn: on a busy machine a glide has
    fewer pictures, and takes no longer. While the hand drags, points arrive at once: to paint all
    of them on their way would take the time of the digit that follows the hand.
    """

    def __init__(
        self, workspace: Workspace, document: Document, layers: LayerStack, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._is_dragged = False
        workspace.gesture_began.connect(lambda _: self._drag(True))
        workspace.gesture_ended.connect(lambda: self._drag(False))
        self._document = document
        self._layers = layers
        self._began = 0.0
        self._clock = QTimer(self, interval=FRAME_MS)
        self._clock.timeout.connect(self._move_on)
        document.test_changed.connect(self._begin)

    def close(self) -> None:
        """The plane goes."""
        self._clock.stop()

    def _drag(self, dragged: bool) -> None:
        self._is_dragged = dragged

    def _begin(self) -> None:
        if self._document.glide is None:
            self._clock.stop()
        elif self._is_dragged:
            self._document.glide_to(1.0)
        else:
            self._began = time.monotonic()
            self._clock.start()

    def _move_on(self) -> None:
        glide = self._document.glide
        if glide is None:
            self._clock.stop()
            return
        passed = 1000.0 * (time.monotonic() - self._began) / glide.milliseconds
        if self._layers.has_drawn("test") or passed >= 1.0:
            self._document.glide_to(passed)

"""What all controls of the window have in common: Tab, undo, the wheel, the plane's keys."""

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from vae_gui.app.keyboard import OwnUndo, chain
from vae_gui.app.keys_for_the_plane import KeysForThePlane
from vae_gui.app.wheel import WheelScrolls


class Controls(QObject):
    """Has every part of the window, also one that is made later, behave as the others do."""

    def __init__(
        self,
        central: QWidget,
        plane: QWidget,
        stops: Sequence[QWidget],
        hiding: Sequence[QWidget],
        parent: QObject,
    ) -> None:
        """Attend to a window.

        Args:
            central: all of it but its menus.
            plane: which has the keyboard while nobody types.
            stops: the parts at which Tab stops, in that order.
            hiding: the parts that may be hidden while the keyboard is in them.
            parent: the owner.
        """
        super().__init__(parent)
        self._stops = stops
        self._own_undo, self._wheel = OwnUndo(self), WheelScrolls(self)
        self.keys = KeysForThePlane(plane, self)
        self.keys.watch(central, hiding)
        self.attend(central)

    def attend(self, part: QWidget) -> None:
        """Let the keyboard and the wheel do in a part of the window what they do everywhere."""
        chain(self._stops)
        self._own_undo.watch(part)
        self._wheel.watch(part)
        self.keys.watch_controls(part)

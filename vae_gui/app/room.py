"""In a narrow window a panel folds away by itself, so that the plane has room."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

# Narrower than this, in pixels, and with all panels, the plane would have less than they have.
NARROW = 1050


class RoomForThePlane(QObject):
    """Folds a panel when the window becomes narrow, and unfolds it when it is wide again.

    Only the change counts: whoever unfolds the panel in a narrow window keeps it, and a panel that
    was folded before stays so.
    """

    def __init__(self, window: QWidget, panel: QAction) -> None:
        """Watch a window, for a panel that is shown while its action is checked."""
        super().__init__(window)
        self._panel = panel
        self._is_narrow = False
        self._folded = False
        panel.toggled.connect(self._forget)
        window.installEventFilter(self)

    def give_back(self) -> None:
        """Unfold what was only folded for room: the user never asked for it."""
        if self._folded:
            self._panel.setChecked(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look how wide the window is."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self._set_narrow(watched.width() < NARROW)
        return False

    def _set_narrow(self, narrow: bool) -> None:
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        if not narrow:
            self.give_back()
        elif self._panel.isChecked():
            self._panel.setChecked(False)
            self._folded = True

    def _forget(self) -> None:
        """Somebody folds or unfolds it."""
        self._folded = False

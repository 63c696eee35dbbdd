"""Folding of a panel in a narrow window, which leaves room for the plane."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

# In a window narrower than this, in pixels, all panels together would be wider than the plane.
NARROW = 1050


class RoomForThePlane(QObject):
    """Folds a panel when the window becomes narrow, and unfolds it when it is wide again.

    It acts only when the window crosses the limit: a panel that the user unfolds in a narrow window
    stays unfolded, and one that was folded before stays folded.
    """

    def __init__(self, window: QWidget, panel: QAction) -> None:
        """Watch a window, for a panel that is shown while its action is checked."""
        super().__init__(window)
        self._panel = panel
        self._window = window
        self._is_narrow = False
        self._folded = False
        panel.toggled.connect(self._forget)
        window.installEventFilter(self)

    def make(self) -> None:
        """Compare the width of a window that is not shown yet: it gets no event before.

        Qt would show it as wide as all panels together, and so wider than a small screen.
        """
        self._set_narrow(self._window.width() < NARROW)

    def give_back(self) -> None:
        """Unfold a panel that the user did not fold."""
        if self._folded:
            self._panel.setChecked(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Compare the window's width with the limit."""
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
        """Leave the panel to whoever has just folded or unfolded it."""
        self._folded = False

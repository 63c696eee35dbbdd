"""Folding of panels: all at once for the plane alone, and automatically in a narrow window."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

# In a window narrower than this, in pixels, all panels together would be wider than the plane.
NARROW = 1050


class PlaneAlone(QObject):
    """Keeps an action checked while no panel is unfolded, whoever folded them."""

    def __init__(
        self, alone: QAction, panels: Sequence[QAction], parent: QObject | None = None
    ) -> None:
        """Bind an action to the actions of the panels, each checked while its panel is shown."""
        super().__init__(parent)
        self._alone = alone
        self._panels = panels
        self._to_unfold = list(panels)
        alone.triggered.connect(self._fold)
        for panel in panels:
            panel.toggled.connect(self._follow)

    def _fold(self, alone: bool) -> None:
        if alone:
            self._to_unfold = [panel for panel in self._panels if panel.isChecked()]
        for panel in self._to_unfold or self._panels:
            panel.setChecked(not alone)

    def _follow(self) -> None:
        self._alone.setChecked(not any(panel.isChecked() for panel in self._panels))


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

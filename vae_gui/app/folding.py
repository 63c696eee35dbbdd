"""Folding of a panel in a narrow window, which leaves room for the plane."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

# In a window narrower than this, in pixels, all panels together would be wider than the plane.
NARROW = 1050


class RoomForThePlane(QObject):
    """Folds a panel when the window becomes narrow, and unfolds it when it is wide again.

    It acts when the window crosses the limit: a panel that the user unfolds in a narrow window
    stays unfolded, and one that was folded before stays folded. While the user has unfolded that
    panel in a narrow window, the other one gives it its room, unless both are wanted.
    """

    def __init__(self, window: QWidget, panel: QAction, other: QAction) -> None:
        """Watch a window, for a panel and another, each shown while its action is checked."""
        super().__init__(window)
        self._panel = panel
        self._other = other
        self._has_given_way = False  # the other one
        self._is_giving_back = False
        self._window = window
        self._is_narrow = False
        self._folded = False
        panel.toggled.connect(self._forget)
        panel.toggled.connect(self._change_places)
        other.toggled.connect(self._leave_the_other)
        window.installEventFilter(self)

    def make(self) -> None:
        """Compare the window's width with the limit as if it had been wide before.

        For a window that is not shown yet, which gets no event before: Qt would show it as wide as
        all panels together, and so wider than a small screen. And for one whose panels come back.
        """
        self._is_narrow = False
        self._set_narrow(self._window.width() < NARROW)

    def give_back(self) -> None:
        """Unfold what the user did not fold."""
        if self._folded:
            self._is_giving_back = True
            self._panel.setChecked(True)
            self._is_giving_back = False
        self._bring_back_the_other()

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

    def _change_places(self, shown: bool) -> None:
        """In a narrow window, both panels together would leave the plane too little."""
        is_by_hand = self._window.isVisible() and not self._is_giving_back
        if shown and self._is_narrow and self._other.isChecked() and is_by_hand:
            self._other.setChecked(False)
            self._has_given_way = True
        elif not shown:
            self._bring_back_the_other()

    def _bring_back_the_other(self) -> None:
        if self._has_given_way:
            self._other.setChecked(True)

    def _leave_the_other(self) -> None:
        """It is the user's who has just folded or unfolded it."""
        self._has_given_way = False

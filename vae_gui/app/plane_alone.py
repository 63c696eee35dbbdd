"""The plane alone on the whole screen, for a lecture hall."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QMainWindow, QWidget

from vae_gui.app.folding import RoomForThePlane
from vae_gui.style.labels import filled, label

HOW_TO_LEAVE = "Esc or F11: back to the window   ·   Ctrl++, Ctrl+−: size"
HINT_MS = 4000
HINT_MARGIN = 8


@dataclass(frozen=True)
class _Before:
    """The window as it was: its place, what was maximized, and which panels were unfolded."""

    geometry: QByteArray
    state: Qt.WindowState
    panels: tuple[bool, ...]


class PlaneAlone(QObject):
    """Fills the screen with the plane while an action is checked, and brings the window back.

    Whatever ends it brings the same window back: the action, Esc, or the window manager.
    """

    def __init__(
        self,
        window: QMainWindow,
        alone: QAction,
        panels: Sequence[QAction],
        room: RoomForThePlane,
    ) -> None:
        """Bind an action to a window.

        Args:
            window: what fills the screen.
            alone: the action, checkable.
            panels: the actions that show a panel while they are checked.
            room: folds a panel where the window is narrow.
        """
        super().__init__(window)
        self._window = window
        self._alone = alone
        self._panels = panels
        self._room = room
        self._around: Sequence[QWidget] = ()
        self._before: _Before | None = None
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.activated.connect(self.leave)
        self._escape.setEnabled(False)
        alone.toggled.connect(self._switch)
        window.installEventFilter(self)

    def set_around(self, around: Sequence[QWidget], plane: QWidget) -> None:
        """Set what is hidden meanwhile, and the plane, over which a hint says how to come back."""
        self._around = around
        self._hint = Hint(plane)

    def leave(self) -> None:
        """Bring the window back."""
        self._alone.setChecked(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow a window manager that ends the full screen."""
        ended = event.type() is QEvent.Type.WindowStateChange and not self._window.isFullScreen()
        if ended and self._before is not None:
            self.leave()
        return False

    def _switch(self, alone: bool) -> None:
        if alone and self._before is None:
            self._enter()
        elif not alone and self._before is not None:
            self._come_back(self._before)
        self._escape.setEnabled(alone)

    def _enter(self) -> None:
        window = self._window
        self._room.give_back()  # what a narrow window has folded is not the user's wish
        panels = tuple(panel.isChecked() for panel in self._panels)
        self._before = _Before(window.saveGeometry(), window.windowState(), panels)
        for panel in self._panels:
            panel.setChecked(False)
        for part in self._around:
            part.hide()
        window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        self._hint.show_for_a_while()

    def _come_back(self, before: _Before) -> None:
        self._before = None
        self._hint.label.hide()
        for part in self._around:
            part.show()
        self._window.setWindowState(before.state)
        self._window.restoreGeometry(before.geometry)
        for panel, shown in zip(self._panels, before.panels, strict=True):
            panel.setChecked(shown)
        self._room.make()


class Hint(QObject):
    """A few words at the foot of the plane that go by themselves."""

    def __init__(self, plane: QWidget) -> None:
        super().__init__(plane)
        self._plane = plane
        self.label = filled(label("text", HOW_TO_LEAVE, wrap=False), QPalette.ColorRole.Light)
        self.label.setMargin(HINT_MARGIN)
        self.label.setParent(plane)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.hide()
        self._end = QTimer(self, interval=HINT_MS, singleShot=True)
        self._end.timeout.connect(self.label.hide)
        plane.installEventFilter(self)

    def show_for_a_while(self) -> None:
        """Show them now."""
        self.label.show()
        self._place()
        self._end.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the plane's foot."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        room = self._plane.contentsRect()
        self.label.adjustSize()
        left = room.center().x() - self.label.width() // 2
        self.label.move(left, room.bottom() - 2 * HINT_MARGIN - self.label.height())

"""The keyboard's way through the window, and the keys that fields keep for themselves."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget


def chain(parts: Iterable[QWidget]) -> None:
    """Let Tab go through some parts of a window, one after the other, each from top to bottom."""
    stops = [widget for part in parts for widget in tab_stops(part)]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def tab_stops(part: QWidget) -> list[QWidget]:
    """What Tab stops at in a part of the window, itself included, hidden or not."""
    inside = [part, *part.findChildren(QWidget)]
    window = part.window()  # menus and lists that pop up are windows of their own
    return [widget for widget in inside if widget.window() is window and _takes_tab(widget)]


def _takes_tab(widget: QWidget) -> bool:
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(takes) and widget.focusProxy() is None


class OwnUndo(QObject):
    """Watches fields: Qt's take every Ctrl+Z and Ctrl+Y, also where they have nothing to undo."""

    def watch(self, part: QWidget) -> None:
        """Watch all fields of a part of the window, as it is now."""
        for field in (*part.findChildren(QAbstractSpinBox), *part.findChildren(QLineEdit)):
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a field not claim a key that would do nothing in it."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        field = watched if isinstance(watched, QLineEdit) else watched.findChild(QLineEdit)
        assert field is not None
        standard = QKeySequence.StandardKey
        undoes = event.matches(standard.Undo) and not field.isUndoAvailable()
        redoes = _redoes(event) and not field.isRedoAvailable()
        if undoes or redoes:
            event.ignore()
            return True
        return False


def _redoes(event: QKeyEvent) -> bool:
    """Ctrl+Shift+Z and Ctrl+Y, of which each system takes one for its own."""
    pressed = QKeySequence(event.keyCombination())
    return pressed in (QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y"))

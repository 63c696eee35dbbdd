"""The order of Tab, and the keys of undo in fields."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget

# All others have Tab in them. To take a policy apart costs more than anything else here.
_WITHOUT_TAB = (Qt.FocusPolicy.NoFocus, Qt.FocusPolicy.ClickFocus)


def chain(parts: Iterable[QWidget]) -> None:
    """Set the order of Tab: the parts one after the other, each from top to bottom."""
    stops = [widget for part in parts for widget in tab_stops(part)]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def tab_stops(part: QWidget) -> list[QWidget]:
    """The widgets at which Tab stops in a part of the window, itself included, hidden or not."""
    inside = [part, *part.findChildren(QWidget)]
    window = part.window()  # menus and lists that pop up are windows of their own
    return [widget for widget in inside if _takes_tab(widget) and widget.window() is window]


def _takes_tab(widget: QWidget) -> bool:
    return widget.focusPolicy() not in _WITHOUT_TAB and widget.focusProxy() is None


class OwnUndo(QObject):
    """Gives Ctrl+Z and Ctrl+Y to the window where a field has nothing to undo; Qt's keep them."""

    def watch(self, part: QWidget) -> None:
        """Watch all fields of a part of the window, as it is now."""
        for field in (*part.findChildren(QAbstractSpinBox), *part.findChildren(QLineEdit)):
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stop a field from claiming a key that would do nothing in it."""
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
    """Whether the keys are Ctrl+Shift+Z or Ctrl+Y; each system has only one of them as its own."""
    pressed = QKeySequence(event.keyCombination())
    return pressed in (QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y"))

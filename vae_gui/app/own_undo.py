"""Fields keep Ctrl+Z for what is being typed, and leave it to the window otherwise."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QWidget


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

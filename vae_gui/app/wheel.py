"""The wheel scrolls a panel, whatever control is under the cursor."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QScrollBar, QWidget


class WheelScrolls(QObject):
    """Keeps the wheel from editing: it scrolls what a field, a choice or a slider stands in.

    Qt's own controls take another value when the wheel turns over them. Who scrolls a panel would
    change whatever happens to pass under the cursor.
    """

    def watch(self, part: QWidget) -> None:
        """Watch all controls of a part of the window, as it is now."""
        for kind in (QAbstractSpinBox, QComboBox, QAbstractSlider):
            for control in part.findChildren(kind):
                if not isinstance(control, QScrollBar):
                    control.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the parent: Qt passes on what is ignored."""
        if event.type() is not QEvent.Type.Wheel:
            return False
        event.ignore()
        return True

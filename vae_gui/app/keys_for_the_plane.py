"""The keyboard stays at the plane, so that its keys work wherever the mouse clicked last."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

_Type = QEvent.Type
_PRESSES = (_Type.MouseButtonPress, _Type.MouseButtonDblClick)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeysForThePlane(QObject):
    """Gives the keyboard back to the plane.

    A click gives it to a field alone, where one types; Enter and Escape there give it back. Those
    who walk by Tab reach every control and work it by its own keys; Escape gives these back too.
    """

    def __init__(self, plane: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._plane = plane  # the one that had the keyboard last
        self._planes: list[QWidget] = []  # where there are several, the first one first
        self._hiding: list[QWidget] = []

    def add_plane(self, plane: QWidget) -> None:
        """Give the keyboard back to whichever plane had it last, while that is on the screen."""
        for one in (self._plane, plane):
            self._planes.append(one)
            one.installEventFilter(self)

    def watch(self, part: QWidget, hiding: Iterable[QWidget]) -> None:
        """Watch a part of the window.

        Args:
            part: its ground takes clicks that nothing on it takes.
            hiding: what may be hidden while the keyboard is in it.
        """
        self._hiding = list(hiding)
        for widget in (part, *self._hiding):
            widget.installEventFilter(self)

    def watch_controls(self, part: QWidget) -> None:
        """Watch all controls in a part of the window, as they are now."""
        window = part.window()
        for control in part.findChildren(QWidget):
            if control.window() is window:  # lists that pop up are windows of their own
                self._watch_control(control)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard back after a click, Enter and Escape, and when a part is hidden."""
        kind = event.type()
        if watched in self._planes:
            self._follow_the_planes(watched, kind)
            return False
        if kind is _Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press_key(watched, event)
        if kind in _PRESSES and not _is_field(watched):
            self._plane.setFocus(Qt.FocusReason.MouseFocusReason)
        elif kind is _Type.Hide and watched in self._hiding and not event.spontaneous():
            self._leave(watched)
        return False

    def _follow_the_planes(self, watched: QObject, kind: QEvent.Type) -> None:
        if kind is _Type.FocusIn and isinstance(watched, QWidget):
            self._plane = watched
        elif kind is _Type.Hide and watched is self._plane and watched is not self._planes[0]:
            had_the_keyboard = self._plane.hasFocus()
            self._plane = self._planes[0]
            if had_the_keyboard:
                self._plane.setFocus(Qt.FocusReason.OtherFocusReason)

    def _watch_control(self, control: QWidget) -> None:
        if _is_field(control):
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a click or Tab, not the wheel
            control.installEventFilter(self)
        elif isinstance(control, (QAbstractButton, QAbstractSlider, QComboBox, QAbstractItemView)):
            if control.focusPolicy() is not Qt.FocusPolicy.NoFocus:  # as scroll bars have it
                control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            clicked = control.viewport() if isinstance(control, QAbstractItemView) else control
            clicked.installEventFilter(self)

    def _press_key(self, watched: QObject, event: QKeyEvent) -> bool:
        field = watched if isinstance(watched, QAbstractSpinBox) else None
        if event.key() == Qt.Key.Key_Escape:
            _forget_what_was_typed(field)
        elif event.key() in _ENTER and _is_field(watched):
            if field is not None:
                field.interpretText()
        else:
            return False
        # As by a key: the plane shows by a frame that the keyboard has come.
        self._plane.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _leave(self, part: QObject) -> None:
        """Qt would give the keyboard to whatever comes next."""
        keyboard = QApplication.focusWidget()
        if keyboard is not None and isinstance(part, QWidget) and part.isAncestorOf(keyboard):
            self._plane.setFocus(Qt.FocusReason.OtherFocusReason)


def _is_field(widget: QObject) -> bool:
    """Whether one types into it; the fields within fields belong to these."""
    if isinstance(widget, QLineEdit):
        return not isinstance(widget.parent(), (QAbstractSpinBox, QComboBox))
    return isinstance(widget, QAbstractSpinBox)


def _forget_what_was_typed(field: QAbstractSpinBox | None) -> None:
    """Show a field's value again; it would take what was typed when the keyboard leaves it."""
    if isinstance(field, QSpinBox):  # noqa: SIM114 - the types of their values differ
        field.setValue(field.value())
    elif isinstance(field, QDoubleSpinBox):
        field.setValue(field.value())

"""Which texts of a window are cut off: by their own widget, or by what the widget stands in."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QWidget,
)

from vae_gui.panels.evidence.pictures import PictureButton
from vae_gui.widgets.digit_button import DigitButton
from vae_gui.widgets.readout import Readout

_KINDS = (QLabel, Readout, QAbstractButton, QComboBox, QAbstractSpinBox)


def cut_texts(window: QWidget) -> list[str]:
    """A line for each visible text that does not fit."""
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, _KINDS) or not widget.isVisible() or widget.window() != window:
            continue
        for text, needed, room in _texts(widget):
            if text and (needed[0] > room[0] + 0.5 or needed[1] > room[1] + 0.5):
                found.append(f"{type(widget).__name__} {text!r} needs {needed} and has {room}")
        if _sticks_out(widget):
            found.append(f"{type(widget).__name__} {_name(widget)!r} sticks out of its panel")
    return found


Size = tuple[float, float]


def _texts(widget: QWidget) -> Iterator[tuple[str, Size, Size]]:
    """The texts of a widget, with the size that each needs and has."""
    room: Size = (widget.width(), widget.height())
    if isinstance(widget, QLabel):
        yield widget.text(), *_of_label(widget)
    elif isinstance(widget, Readout):
        flags = int(widget.flags)
        endless = QRect(0, 0, widget.width(), 10_000)
        needed = widget.fontMetrics().boundingRect(endless, flags, widget.text())
        yield widget.text(), (needed.width(), needed.height()), room
    elif isinstance(widget, DigitButton):
        for line in widget.lines:
            yield line, (widget.fontMetrics().horizontalAdvance(line), 0), room
    elif isinstance(widget, PictureButton):
        caption = "" if widget.picture is None else widget.picture.caption
        yield caption, (widget.fontMetrics().horizontalAdvance(caption), 0), room
    elif isinstance(widget, QPushButton):
        option = QStyleOptionButton()
        widget.initStyleOption(option)
        inside = widget.style().subElementRect(
            QStyle.SubElement.SE_PushButtonContents, option, widget
        )
        width = widget.fontMetrics().horizontalAdvance(widget.text())
        yield widget.text(), (width, widget.fontMetrics().height()), _size(inside)
    elif isinstance(widget, (QCheckBox, QAbstractButton)):
        hint = widget.sizeHint()
        yield widget.text(), (hint.width(), hint.height()), room
    elif isinstance(widget, QComboBox):
        yield from _of_combo_box(widget)
    elif isinstance(widget, QAbstractSpinBox):
        edit = widget.findChild(QLineEdit)
        assert edit is not None
        width = edit.fontMetrics().horizontalAdvance(edit.text()) + 4  # Qt's own margins
        yield edit.text(), (width, 0), (edit.width(), 0)


def _of_label(label: QLabel) -> tuple[Size, Size]:
    inside = label.contentsRect().adjusted(0, 0, -2 * label.margin(), -2 * label.margin())
    if label.wordWrap():
        room = QRect(0, 0, inside.width(), 10_000)
        flags = Qt.TextFlag.TextWordWrap
    else:
        room, flags = QRect(0, 0, 10_000, 10_000), Qt.TextFlag.TextExpandTabs
    needed = label.fontMetrics().boundingRect(room, int(flags), label.text())
    return (needed.width(), needed.height()), _size(inside)


def _of_combo_box(box: QComboBox) -> Iterator[tuple[str, Size, Size]]:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    inside = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox,
        option,
        QStyle.SubControl.SC_ComboBoxEditField,
        box,
    )
    for row in range(box.count()):
        text = box.itemText(row)
        yield text, (box.fontMetrics().horizontalAdvance(text), 0), (inside.width(), 0)


def _size(rect: QRect) -> Size:
    return rect.width(), rect.height()


def _sticks_out(widget: QWidget) -> bool:
    """Whether a part of it lies beyond the sides of what it stands in; above and below scrolls."""
    around = widget.parentWidget()
    while around is not None and not widget.isWindow():
        left = widget.mapTo(around, widget.rect().topLeft()).x()
        if left < 0 or left + widget.width() > around.width():
            return True
        if around.isWindow():
            return False
        around = around.parentWidget()
    return False


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or str(getattr(widget, "text", str)())

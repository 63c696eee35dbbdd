"""One setting of a training, to be filled in."""

import dataclasses
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from model.settings import OnlyWith
from vae_gui.state.glossary import explained
from vae_gui.style.icons import paint_icon
from vae_gui.style.labels import filled, label
from vae_gui.widgets.action_button import ink_of, paint_ground
from vae_gui.widgets.tick_box import TickBox

TITLES = {
    "latent_dim": "Dimensions of z",
    "kl_warm_up": "KL warm-up",
    "adam_beta2": "Adam's beta2",
    "ema_decay": "EMA decay",
    "snapshot_megabytes": "Snapshots' MB",
    "activation": "Activation",
}
TITLE_WIDTH = 110  # pixels
AS_WIDE_AS_THERE_IS_ROOM = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class SettingRow(QWidget):
    """The setting's title, its value, a button that resets it, and what is wrong with it.

    The value is read as the command line reads it: text that is no number stays text, and is
    refused as a setting. So the field keeps whatever was typed, and says why it will not do.

    Signals:
        changed: the value is another one.
    """

    changed = Signal()

    def __init__(self, field: "dataclasses.Field[Any]", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = field.name
        self.only_with: OnlyWith | None = field.metadata["only_with"]
        self._kind: Callable[[str], Any] = type(field.default)
        self._usual = field.default
        self.title = TITLES.get(field.name, field.name.replace("_", " ").capitalize())
        self.editor = _editor_of(field, self.title)
        self.reset = ResetButton(self.title)
        self.caption = label("text", self.title, wrap=False)
        self.problem = problem_label()
        self._describe(field)
        self._lay_out()
        self._connect()
        self.show_value(field.default)

    @property
    def value(self) -> Any:
        """What is set; text that is not of the setting's type stays text."""
        editor = self.editor
        if isinstance(editor, TickBox):
            return editor.isChecked()
        text = editor.currentText() if isinstance(editor, QComboBox) else editor.text().strip()
        try:
            return self._kind(text)
        except ValueError:
            return text

    @property
    def is_given(self) -> bool:
        """Whether the value is another one than the preset's."""
        return bool(self.value != self._usual)

    def show_value(self, value: Any) -> None:
        """Set a value, as if it had been typed."""
        editor = self.editor
        if isinstance(editor, TickBox):
            editor.setChecked(bool(value))
        elif isinstance(editor, QComboBox):
            editor.setCurrentText(str(value))
        else:
            editor.setText(_as_text(value))
        self._show()

    def set_usual(self, value: Any) -> None:
        """The preset is another one: what was not given follows it."""
        was_given = self.is_given
        self._usual = value
        self.reset.setToolTip(f"Back to {_in_words(value)}, as in the preset")
        if not was_given:
            self.show_value(value)
        self._show()

    def say(self, problem: str) -> None:
        """Say what is wrong with the value; nothing, if empty."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _describe(self, field: "dataclasses.Field[Any]") -> None:
        help_text = str(field.metadata["help"])
        tip = explained(help_text, help_text[:1].upper() + help_text[1:] + ".")
        for part in (self.caption, self.editor):
            part.setToolTip(tip)
        self.editor.setAccessibleName(self.title)
        self.editor.setAccessibleDescription(help_text)
        self.caption.setBuddy(self.editor)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        if not isinstance(self.editor, TickBox):
            self.caption.setFixedWidth(TITLE_WIDTH)
            row.addWidget(self.caption)
        row.addWidget(self.editor, 1)
        row.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.problem)

    def _connect(self) -> None:
        editor = self.editor
        if isinstance(editor, TickBox):
            editor.toggled.connect(self._tell)
        elif isinstance(editor, QComboBox):
            editor.currentTextChanged.connect(self._tell)
        else:
            editor.textChanged.connect(self._tell)
        self.reset.clicked.connect(lambda: self.show_value(self._usual))

    def _tell(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """A value that is not the preset's stands out."""
        bold: QWidget = self.editor if isinstance(self.editor, TickBox) else self.caption
        font = bold.font()
        font.setBold(self.is_given)
        bold.setFont(font)
        self.reset.setVisible(self.is_given)


class ResetButton(QAbstractButton):
    """A small arrow back, at the end of a row; it keeps its room while it is hidden."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(16, 22)
        self.setAccessibleName(f"Reset {title}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """As small as it is."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground under the mouse, the arrow, and the focus frame."""
        painter = QPainter(self)
        paint_ground(painter, self)
        paint_icon(painter, "undo", QRectF(self.rect()), ink_of(self))


def problem_label() -> QLabel:
    """A label for what is wrong, hidden until there is something."""
    made = filled(label("text"), QPalette.ColorRole.AlternateBase)
    made.setMargin(4)
    made.hide()
    return made


def _editor_of(field: "dataclasses.Field[Any]", title: str) -> "QLineEdit | QComboBox | TickBox":
    if isinstance(field.default, bool):
        return TickBox(title)
    if field.metadata["choices"] is not None:
        box = QComboBox()
        box.addItems(field.metadata["choices"])
        box.setSizeAdjustPolicy(AS_WIDE_AS_THERE_IS_ROOM)
        return box
    return QLineEdit()


def _as_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _in_words(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else _as_text(value)

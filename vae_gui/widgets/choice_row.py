"""A few buttons in a row, of which one is down."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

TINT = 0.3  # how much accent there is in the button that is down


class ChoiceRow(QWidget):
    """One choice of a few.

    Signals:
        chosen (str): a button was pressed, possibly the one that was already down.
    """

    chosen = Signal(str)

    def __init__(
        self, name: str, choices: Mapping[str, tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        """Make the row.

        Args:
            name: of the whole, for a screen reader.
            choices: a title and a tip for each key; the first one is down.
            parent: as Qt has it.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for key, (title, tip) in choices.items():
            button = self.buttons[key] = QPushButton(title)
            button.setCheckable(True)
            button.setChecked(len(self.buttons) == 1)
            button.setToolTip(tip)
            button.setAccessibleName(f"{name}: {title}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            button.toggled.connect(self._show_what_is_down)
            group.addButton(button)
            layout.addWidget(button, 1)
        self._show_what_is_down()

    @property
    def choice(self) -> str:
        """The key of the button that is down."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def choose(self, key: str) -> None:
        """Press a button."""
        self.buttons[key].click()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_what_is_down()

    def _show_what_is_down(self) -> None:
        """Tint the button that is down: Qt's own style hardly shows it, and on dark not at all."""
        down = self.palette()
        role = QPalette.ColorRole
        down.setColor(role.Button, _tinted(down.color(role.Button), down.color(role.Highlight)))
        for button in self.buttons.values():
            button.setPalette(down if button.isChecked() else self.palette())


def _tinted(colour: QColor, accent: QColor) -> QColor:
    """A colour with some of the accent in it."""
    parts = (
        (1.0 - TINT) * one + TINT * other
        for one, other in (
            (colour.redF(), accent.redF()),
            (colour.greenF(), accent.greenF()),
            (colour.blueF(), accent.blueF()),
        )
    )
    return QColor.fromRgbF(*parts)

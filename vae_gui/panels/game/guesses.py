"""Ten buttons to guess with."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_gui.state.game import Game

WIDTH = 21


class GuessRow(QWidget):
    """A button for each class; one that was guessed in vain cannot be pressed again.

    Signals:
        guessed (int): a label.
    """

    guessed = Signal(int)

    def __init__(self, game: Game, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._game = game
        self.buttons = [QPushButton(str(label)) for label in range(10)]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for label, button in enumerate(self.buttons):
            button.setFixedWidth(WIDTH)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, label=label: self.guessed.emit(label))
            layout.addWidget(button)
        game.changed.connect(self._show)
        self.name_classes(tuple(str(label) for label in range(10)))
        self._show()

    def name_classes(self, names: tuple[str, ...]) -> None:
        """Say what each button guesses."""
        for label, button in enumerate(self.buttons):
            button.setToolTip(f"It is {names[label]} (key {label})")
            button.setAccessibleName(f"Guess {names[label]}")

    def _show(self) -> None:
        round_ = self._game.round
        for label, button in enumerate(self.buttons):
            is_open = round_ is not None and round_.ending is None and label not in round_.wrong
            button.setEnabled(is_open)

"""The score: what each round has cost the player and the model."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from vae_gui.state.game import ROUNDS, Game
from vae_gui.style.labels import dress, label

NOTHING = "–"


class ScoreTable(QWidget):
    """A row for the player and one for the model: a cell for each round, and their sum."""

    def __init__(self, game: Game, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._game = game
        self.cells: list[list[QLabel]] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(0, 1)
        heads = ["pixels", *(str(number + 1) for number in range(ROUNDS)), "sum"]
        for column, head in enumerate(heads):
            grid.addWidget(_cell("caption", head, column), 0, column)
        for row, name in enumerate(("You", "The model"), start=1):
            grid.addWidget(label("text", name, wrap=False), row, 0)
            cells = [_cell("text", NOTHING, column + 1) for column in range(ROUNDS + 1)]
            for column, cell in enumerate(cells, start=1):
                grid.addWidget(cell, row, column)
            self.cells.append(cells)
        for cells in self.cells:
            dress(cells[-1], "title")
        game.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        rounds, sums = self._game.score.rounds, self._game.score.pixels
        for player, cells in enumerate(self.cells):
            for number, cell in enumerate(cells[:ROUNDS]):
                is_known = number < len(rounds)
                cell.setText(str(rounds[number][player]) if is_known else NOTHING)
                font = cell.font()
                font.setBold(is_known and rounds[number][player] < rounds[number][1 - player])
                cell.setFont(font)
            cells[-1].setText(str(sums[player]) if rounds else NOTHING)
        said = "; ".join(f"round {n}: you {a}, the model {b}" for n, (a, b) in enumerate(rounds, 1))
        self.setAccessibleName("Score in pixels")
        self.setAccessibleDescription(said or "no round has ended")


def _cell(role: str, text: str, column: int) -> QLabel:
    made = label(role, text, wrap=False)
    if column:
        made.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        made.setMinimumWidth(32 if column > ROUNDS else 22)
    return made

"""The page of the game: the board, the guesses, the score; after a round, what the model did."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vae_gui.panels.game import words
from vae_gui.panels.game.board import GameBoard
from vae_gui.panels.game.guesses import GuessRow
from vae_gui.panels.game.review import Review
from vae_gui.panels.game.score_table import ScoreTable
from vae_gui.panels.layers_panel import MARGIN, WIDTH
from vae_gui.state.game import Game
from vae_gui.state.guessing_round import MAP
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, rule, wrapped
from vae_gui.widgets.column import ScrollingColumn
from vae_gui.widgets.number_field import NumberField, whole_number

LAST_GAME = 9999


class GamePage(ScrollingColumn):
    """All parts, one below the other. While it is seen, the plane shows no posterior.

    Signals:
        left: the canvas is wanted again.
        shown (object): what the model had seen, as a sketch, is wanted on the canvas.
    """

    left = Signal()
    shown = Signal(object)

    def __init__(self, game: Game, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self._game = game
        self._inference = viewpoint.inference
        self._document = viewpoint.document
        self.heading = label("title", wrap=False)
        self.back = QPushButton("Leave")
        self.hint = label("text", words.HINT)
        self.board = GameBoard(game)
        self.mine, self.models = label("title", wrap=False), label("title", wrap=False)
        self.guesses = GuessRow(game)
        self.map, self.look = QPushButton("Map"), QPushButton("Look")
        self.give_up = QPushButton("Give up")
        self.news = label("text")
        self.next, self.show_it = QPushButton("Next round"), QPushButton("To the canvas")
        self.review = Review(game)
        self.score = ScoreTable(game)
        self.rules = label("caption")
        self.number = NumberField(_read, lambda: (1, LAST_GAME))
        self.refusal = label("caption")
        self._helps = QWidget()
        self._set_up()
        self._lay_out()
        self._connect()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """The game goes on."""
        super().showEvent(event)
        self._inference.cover(True)
        self._inference.want(True)
        self._game.see(True)
        self.board.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """The game rests."""
        super().hideEvent(event)
        self._game.see(False)
        self._inference.want(False)
        self._inference.cover(False)

    def _set_up(self) -> None:
        for button, tip, do in (
            (self.back, "Go back to the canvas, as it was (Escape)", self.left.emit),
            (self.map, f"See what each pixel would tell: costs {MAP} (O)", self._game.use_map),
            (
                self.look,
                "Look at the pixel that tells most, once you have the map (Shift+O)",
                self._game.look_at_most_telling,
            ),
            (self.give_up, "See the digit; the round is lost", self._game.give_up),
            (
                self.show_it,
                "Put what the model had seen at this step on the canvas, to see it in the plane",
                lambda: self.shown.emit(self.review.sketch()),
            ),
            (self.next, "Hide another digit (Enter)", self._game.next_round),
        ):
            button.setToolTip(wrapped(tip))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, do=do: self._press(do))
        self.map.setAccessibleName(f"Show the map, for {MAP} pixels")
        field = self.number
        field.setDecimals(0)
        field.setRange(1, LAST_GAME)
        field.setAccessibleName("Number of the game: the same number hides the same digits")
        field.setToolTip("The same number hides the same five digits: type one to repeat a game")
        self.refusal.hide()

    def _lay_out(self) -> None:
        layout = self.parts
        layout.setContentsMargins(MARGIN, 8, MARGIN, 6)
        layout.setSpacing(6)
        layout.addLayout(_row((self.heading, 1), (self.back, 0)))
        layout.addWidget(self.hint)
        layout.addWidget(self.board, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(_row((self.mine, 1), (self.models, 0)))
        helps = QVBoxLayout(self._helps)
        helps.setContentsMargins(0, 0, 0, 0)
        helps.setSpacing(6)
        helps.addWidget(self.guesses)
        helps.addLayout(_row((self.map, 1), (self.look, 1), (self.give_up, 1)))
        layout.addWidget(self._helps)
        layout.addWidget(self.news)
        layout.addLayout(_row((self.next, 1), (self.show_it, 1)))
        for part in (self.review, rule(), self.score, self.rules):
            layout.addWidget(part)
        caption = label("caption", "game no.", wrap=False)
        layout.addLayout(_row((caption, 0), (self.number, 0), (QWidget(), 1)))
        layout.addWidget(self.refusal)
        layout.addStretch(1)

    def _connect(self) -> None:
        self._game.changed.connect(self._show)
        for signal in (self._inference.told, self._inference.table_changed):
            signal.connect(self._show)
        self._game.pixel_map.changed.connect(self._show)
        self._document.test_changed.connect(self._name_classes)
        self.guesses.guessed.connect(lambda guess: self._press(lambda: self._game.guess(guess)))
        self.board.stepped.connect(self.review.step)
        self.board.went_on.connect(self._game.next_round)
        self.board.left.connect(self.left)
        self.number.valueChanged.connect(self._begin)
        self.number.refused.connect(self._refuse)
        self._name_classes()

    def _press(self, do: Callable[[], None]) -> None:
        """A button was pressed: the keyboard goes back to the board."""
        do()
        if self.isVisible():
            self.board.setFocus(Qt.FocusReason.OtherFocusReason)

    def _begin(self, number: float) -> None:
        self.refusal.hide()
        if int(number) != self._game.number:
            self._press(lambda: self._game.begin(int(number)))

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.show()

    @property
    def _names(self) -> tuple[str, ...]:
        test = self._document.test
        return tuple(str(number) for number in range(10)) if test is None else test.class_names

    def _name_classes(self) -> None:
        self.guesses.name_classes(self._names)
        self.review.name_classes(self._names)
        self._show()

    def _show(self) -> None:
        game = self._game
        round_, is_over = game.round, game.is_round_over
        is_on = round_ is not None and round_.ending is None
        self.heading.setText(words.heading(game))
        self.hint.setText(game.status or words.HINT)
        self.hint.setVisible(not is_over)
        self._helps.setVisible(not is_over)
        self.review.setVisible(is_over)
        self.rules.setVisible(not is_over)
        for part in (self.next, self.show_it):
            part.setVisible(is_over)
        self.next.setText("Next game" if game.is_over else "Next round")
        self.map.setEnabled(is_on and not game.pixel_map.is_on)
        self.map.setText(f"Map: +{MAP}")
        self.look.setEnabled(is_on and game.told is not None)
        self.give_up.setEnabled(is_on)
        self.mine.setText("" if round_ is None else f"You: {round_.cost}")
        self.models.setText(self._of_the_model())
        self.rules.setText(words.rules(game.play))
        self.rules.setToolTip("" if game.play is None else wrapped(game.play.labels_by))
        self._show_news()
        self.number.blockSignals(True)
        self.number.setValue(game.number)
        self.number.blockSignals(False)

    def _of_the_model(self) -> str:
        game = self._game
        if game.round is None:
            return ""
        return f"The model: {words.THINKING if game.play is None else game.play.round.cost}"

    def _show_news(self) -> None:
        game, text = self._game, ""
        if game.round is not None and game.round.ending is not None:
            text = words.outcome(game, self._names)
            if game.is_over:
                text += f" {words.final(game)}"
        elif game.round is not None:
            text = words.news(game.round, self._names)
            if not text and game.play is None and not self._inference.has_whole_table:
                text = self._inference.status
        self.news.setText(text)
        self.news.setVisible(bool(text))


def _row(*parts: tuple[QWidget, int]) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(4)
    for part, stretch in parts:
        made.addWidget(part, stretch)
    return made


def _read(text: str) -> int:
    number = whole_number(text)
    if not 1 <= number <= LAST_GAME:
        raise ValueError(f"Games are numbered from 1 to {LAST_GAME:,}.")
    return number

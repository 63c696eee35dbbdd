"""The game "Which pixel next?": five hidden digits, guessed by a person and by the model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from vae_gui.state.guessing_round import Hidden, Round, Score, seen_of
from vae_gui.state.pixel_map import PixelInformation, PixelMap

if TYPE_CHECKING:
    from model.latent.decode_table import Doubles
    from model.latent.evidence import Evidence

ROUNDS = 5
SURE = 0.9  # the p(label | seen) at which the model guesses


@dataclass(frozen=True, eq=False)
class ModelStep:
    """One look or one guess of the model.

    Attributes:
        pixel: what it looks at; None where it guesses.
        nats: what the look was expected to tell about z.
        guess: the label that it guesses; None where it looks.
        labels: p(label | seen) before it, (K,).
    """

    pixel: int | None
    nats: float
    guess: int | None
    labels: "Doubles"


@dataclass(frozen=True, eq=False)
class ModelPlay:
    """How the model plays a round.

    Attributes:
        round: the same as a player's, at its end.
        steps: in their order.
        labels_by: the images whose encodings say which label is where.
    """

    round: Round
    steps: tuple[ModelStep, ...]
    labels_by: str

    @property
    def looks(self) -> int:
        """How many pixels it looked at."""
        return len(self.round.looked)

    def evidence_after(self, steps: int) -> "Evidence":
        """What it knew after its first few steps."""
        looked = tuple(s.pixel for s in self.steps[:steps] if s.pixel is not None)
        return seen_of(self.round.hidden, looked)


class Game(QObject):
    """A game of five rounds. Its number says which digits are hidden, so that it can be repeated.

    It knows neither the canvas nor the plane, and nothing of it is shown there.

    Attributes:
        number: of the game.
        at: which round it is, from 0.
        score: of the rounds that have ended.
        round: what the player does; None while no digit is hidden.
        play: what the model does with the same digit; None until that is known.
        pixel_map: of what the player has seen; switched on, it costs.
        is_seen: whether somebody looks at it.
        status: why there is nothing to play, in a sentence; empty where there is.

    Signals:
        changed: any of these is another.
        asked: a digit is to be hidden for this round.
    """

    changed = Signal()
    asked = Signal()

    def __init__(self, number: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.at = 0
        self.score = Score()
        self.round: Round | None = None
        self.play: ModelPlay | None = None
        self.pixel_map = PixelMap(self)
        self.is_seen = False
        self.status = ""

    @property
    def is_over(self) -> bool:
        """Whether all rounds have ended."""
        return len(self.score.rounds) == ROUNDS

    @property
    def is_round_over(self) -> bool:
        """Whether the round has ended and the model's play is known."""
        return self.round is not None and self.round.ending is not None and self.play is not None

    def index_of(self, count: int) -> int:
        """The digit of this round among so many."""
        order = np.random.default_rng(self.number).permutation(count)
        return int(order[self.at % count])

    def see(self, seen: bool) -> None:
        """Say whether somebody looks; a first look hides a digit."""
        if seen != self.is_seen:
            self.is_seen = seen
            self.changed.emit()
            if seen and self.round is None:
                self.asked.emit()

    def tell(self, status: str) -> None:
        """Say why there is nothing to play, or that there is."""
        if status != self.status:
            self.status = status
            self.changed.emit()

    def hide(self, hidden: Hidden) -> None:
        """Begin the round with a digit."""
        self.round, self.play = Round(hidden), None
        self._show_no_map()
        self.changed.emit()

    def show_play(self, play: ModelPlay) -> None:
        """Know how the model plays this round."""
        if self.round is not None and play.round.hidden is self.round.hidden:
            self.play = play
            self._count()
            self.changed.emit()

    def look_at(self, pixel: int) -> None:
        """The player looks at a pixel."""
        if self.round is not None:
            self._go_on(self.round.look_at(pixel))

    def look_at_most_telling(self) -> None:
        """The player looks where the map is highest, once that is known."""
        told = self.told
        if told is not None and told.most_telling is not None:
            self.look_at(told.most_telling)

    @property
    def told(self) -> PixelInformation | None:
        """The map of what the player has seen, where that is known."""
        return None if self.round is None else self.pixel_map.of(self.round.evidence)

    def guess(self, label: int) -> None:
        """The player guesses."""
        if self.round is not None:
            self._go_on(self.round.guess(label))

    def use_map(self) -> None:
        """The player sees the map for the rest of the round."""
        if self.round is not None and self.round.ending is None:
            self.pixel_map.switch(True)
            self._go_on(self.round.use_map())

    def give_up(self) -> None:
        """The player gives the round up."""
        if self.round is not None:
            self._go_on(self.round.give_up())

    def next_round(self) -> None:
        """Hide another digit, or begin the next game after the last round."""
        if not self.is_round_over:
            return
        if self.is_over:
            self.begin(self.number + 1)
            return
        self._hide_another(self.at + 1)

    def begin(self, number: int) -> None:
        """Begin a game anew."""
        self.number, self.score = number, Score()
        self._hide_another(0)

    def forget_play(self) -> None:
        """The model has other weights: how it would play this round is not known any more."""
        if not self.is_round_over and self.play is not None:
            self.play = None
            self.changed.emit()

    def _hide_another(self, at: int) -> None:
        self.at, self.round, self.play = at, None, None
        self._show_no_map()
        self.changed.emit()
        self.asked.emit()

    def _show_no_map(self) -> None:
        self.pixel_map.switch(False)
        self.pixel_map.show(None)

    def _go_on(self, after: Round) -> None:
        if after is not self.round:
            self.round = after
            self._count()
            self.changed.emit()

    def _count(self) -> None:
        """Count the round once, when the player and the model have ended it."""
        if self.is_round_over and len(self.score.rounds) == self.at:
            assert self.round is not None
            assert self.play is not None
            self.score = self.score.with_round(self.round.cost, self.play.round.cost)

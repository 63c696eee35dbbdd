"""One round of the game: a hidden digit, the pixels that were looked at, the guesses, the cost."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from model.latent.decode_table import PIXELS, Floats
from model.latent.evidence import Evidence

WRONG = 10  # what a wrong guess costs, in pixels
MAP = 5  # what the map costs, once a round
GIVEN_UP = 100  # what a round costs at least that is given up


class Ending(StrEnum):
    """How a round ended."""

    GUESSED = "guessed"
    GIVEN_UP = "given up"


@dataclass(frozen=True, eq=False)
class Hidden:
    """What is to be guessed.

    Attributes:
        pixels: (784,) float32, ink or blank.
        label: its class.
        index: its place in the test set.
    """

    pixels: Floats
    label: int
    index: int


@dataclass(frozen=True, eq=False)
class Round:
    """What one player has done so far; each act makes another round of it.

    Attributes:
        hidden: what is to be guessed.
        looked: the pixels that were looked at, in their order.
        wrong: the labels that were guessed in vain, in their order.
        used_map: whether the player has seen the map.
        ending: how it ended; None while it goes on.
    """

    hidden: Hidden
    looked: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()
    used_map: bool = False
    ending: Ending | None = None

    @property
    def cost(self) -> int:
        """The pixels that were looked at, and what else counts as pixels."""
        cost = len(self.looked) + WRONG * len(self.wrong) + MAP * self.used_map
        return max(cost, GIVEN_UP) if self.ending is Ending.GIVEN_UP else cost

    @cached_property
    def evidence(self) -> Evidence:
        """What is known of each pixel."""
        return seen_of(self.hidden, self.looked)

    def look_at(self, pixel: int) -> "Round":
        """Look at a pixel; one that is known already costs nothing."""
        if self.ending is not None or pixel in self.looked or not 0 <= pixel < PIXELS:
            return self
        return replace(self, looked=(*self.looked, pixel))

    def guess(self, label: int) -> "Round":
        """Guess; the same wrong guess costs once."""
        if self.ending is not None or label in self.wrong:
            return self
        if label == self.hidden.label:
            return replace(self, ending=Ending.GUESSED)
        return replace(self, wrong=(*self.wrong, label))

    def use_map(self) -> "Round":
        """See the map from now on."""
        return self if self.ending is not None else replace(self, used_map=True)

    def give_up(self) -> "Round":
        """End it."""
        return self if self.ending is not None else replace(self, ending=Ending.GIVEN_UP)


def seen_of(hidden: Hidden, looked: tuple[int, ...]) -> Evidence:
    """What is known of a hidden digit once some pixels were looked at."""
    known = np.zeros(PIXELS, dtype=bool)
    known[list(looked)] = True
    return Evidence.of(hidden.pixels, known)


@dataclass(frozen=True)
class Score:
    """What each round has cost the player and the model.

    Attributes:
        rounds: (player, model) of each round that has ended.
    """

    rounds: tuple[tuple[int, int], ...] = ()

    def with_round(self, player: int, model: int) -> "Score":
        """The score after another round."""
        return Score((*self.rounds, (player, model)))

    @property
    def won(self) -> tuple[int, int]:
        """The rounds that the player and the model have won: by fewer pixels."""
        return (
            sum(player < model for player, model in self.rounds),
            sum(model < player for player, model in self.rounds),
        )

    @property
    def pixels(self) -> tuple[int, int]:
        """The pixels of all rounds."""
        return sum(player for player, _ in self.rounds), sum(model for _, model in self.rounds)

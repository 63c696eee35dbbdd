"""Two Markov chains over z and the missing pixels, as far as they have gone."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from model.latent.decode_table import Doubles
    from model.latent.evidence import Evidence
    from model.latent.total_variation import TotalVariation

LARGEST_SEED = 999
MOST = 10_000  # steps: to paint more of them would take the hand longer than it should


@dataclass(frozen=True, eq=False)
class Chain:
    """The states of one chain.

    Attributes:
        z: all of them in order, (K, 2); its array is not changed.
        accepted: how many of the K proposals were.
        variation: how far these K states are from the exact posterior.
    """

    z: "Doubles"
    accepted: int
    variation: "TotalVariation"


@dataclass(frozen=True, eq=False)
class Course:
    """Both chains after the same number of steps.

    Attributes:
        evidence: what they are about.
        pseudo: pseudo-Gibbs, which accepts every z that the encoder proposes.
        metropolis: Metropolis-within-Gibbs, which accepts with the right probability.
    """

    evidence: "Evidence"
    pseudo: Chain
    metropolis: Chain

    @property
    def count(self) -> int:
        """K."""
        return len(self.pseudo.z)


class Chains(QObject):
    """The chains of what is on the canvas.

    Attributes:
        is_wanted: whether they are shown in the plane.
        is_seen: whether their part of the page is on the screen: they move only then.
        is_running: whether they go on by themselves, when they can.
        speed: the key of how fast.
        seed: of all draws.
        course: None before the first step.
        status: why they cannot move; empty where they can.

    Signals:
        wanted_changed: they are shown in the plane, or not any more; or they are on the screen.
        chosen: they are to run or to rest, at another speed, or with another seed.
        changed: they have gone on, or are gone, or the status is another one.
    """

    wanted_changed = Signal()
    chosen = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = self.is_seen = self.is_running = False
        self.speed = "medium"
        self.seed = 0
        self.course: Course | None = None
        self.status = ""

    def want(self, wanted: bool) -> None:
        """Show them in the plane, or not."""
        if wanted != self.is_wanted:
            self.is_wanted = wanted
            self.wanted_changed.emit()

    def see(self, seen: bool) -> None:
        """Say whether their part of the page is on the screen."""
        if seen != self.is_seen:
            self.is_seen = seen
            self.wanted_changed.emit()

    def run(self, running: bool) -> None:
        """Go on, or rest."""
        if running != self.is_running:
            self.is_running = running
            self.chosen.emit()

    def choose_speed(self, speed: str) -> None:
        """Go on faster or more slowly."""
        if speed != self.speed:
            self.speed = speed
            self.chosen.emit()

    def choose_seed(self, seed: int) -> None:
        """Begin anew with another seed."""
        if seed != self.seed:
            self.seed = seed
            self.chosen.emit()

    def show(self, course: Course | None, status: str = "") -> None:
        """Have gone so far; None: not begun."""
        if course is not self.course or status != self.status:
            self.course, self.status = course, status
            self.changed.emit()

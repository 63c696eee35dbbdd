"""The job that moves both chains on, at a bounded rate, while they are on the screen."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from model.latent.evidence import Evidence
from vae_gui.jobs.chain_steps import ChainPair
from vae_gui.jobs.worker import Worker
from vae_gui.state.chains import MOST, Course
from vae_gui.state.encoded import OpenModel
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

WAITS = "Waiting for the exact posterior …"
NO_MODEL = "Open a model to run chains."
NOISY = "The chains take seen pixels for certain. Set the noise to 0 %."
ENOUGH = f"{MOST:,} steps: enough. Clear begins anew."


@dataclass(frozen=True)
class Speed:
    """So many steps of each chain every so many milliseconds: never faster."""

    steps: int
    every_ms: int


SPEEDS = {"slow": Speed(1, 500), "medium": Speed(1, 60), "fast": Speed(12, 60)}


class Chaining(QObject):
    """Advances the chains. They begin anew with other evidence, another model or another seed.

    A step that is due while the last one is still computed is left out: a busy machine is slower,
    and nothing piles up.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._pending = workspace.pending
        self._document = viewpoint.document
        self._inference = viewpoint.inference
        self._chains = viewpoint.inference.chains
        self._worker: Worker | None = None
        self._pair: ChainPair | None = None
        self._of: tuple[OpenModel | None, Evidence, int] | None = None  # what the pair is of
        self._is_closed = False
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        for signal in (
            self._observation.changed,
            self._inference.table_changed,
            self._inference.found,
            self._chains.wanted_changed,
            self._chains.chosen,
        ):
            signal.connect(self._follow)
        self._follow()

    def step(self) -> None:
        """Rest, and take one step."""
        course = self._chains.course
        self.run_to(1 if course is None else course.count + 1)

    def run_to(self, steps: int) -> None:
        """Rest, and take so many steps in all."""
        self._chains.run(False)
        course = self._chains.course
        if not self._why_not():
            self._advance(steps - (0 if course is None else course.count))

    def clear(self) -> None:
        """Begin anew; those that run go on from there."""
        self._leave()
        self._follow()

    def close(self) -> None:
        """The window goes."""
        self._is_closed = True
        self._clock.stop()
        self._pending.set_working(self, False)

    def _follow(self) -> None:
        """Something else is on the canvas, or is known of it, or is chosen, or somebody looks."""
        if self._is_closed:
            return
        if self._is_of_something_else():
            self._leave()
        why_not = self._why_not()
        self._chains.show(self._chains.course, why_not)
        speed = SPEEDS[self._chains.speed]
        is_moving = self._chains.is_running and self._chains.is_seen and not why_not
        if not is_moving:
            self._clock.stop()
        elif not self._clock.isActive() or self._clock.interval() != speed.every_ms:
            self._clock.start(speed.every_ms)

    def _is_of_something_else(self) -> bool:
        if self._of is None:
            return False
        model, evidence, seed = self._of
        is_same = model is self._document.model and evidence is self._observation.evidence
        return not is_same or seed != self._chains.seed

    def _why_not(self) -> str:
        model, evidence = self._document.model, self._observation.evidence
        numbers, course = self._inference.numbers, self._chains.course
        if model is None:
            return NO_MODEL
        if model.latent_dim != 2:
            return (
                f"This model has {model.latent_dim} latent "
                f"dimension{'s' * (model.latent_dim > 1)}: there is no exact posterior over a "
                "plane to hold the chains against."
            )
        if evidence.flip > 0.0:
            return NOISY
        if course is not None and course.count >= MOST:
            return ENOUGH
        if self._pair is None and (
            numbers is None or numbers.evidence is not evidence or numbers.posterior is None
        ):
            return WAITS
        return ""

    def _tick(self) -> None:
        if self._worker is None or not self._worker.busy:
            self._advance(SPEEDS[self._chains.speed].steps)

    def _advance(self, steps: int) -> None:
        pair = self._pair if self._pair is not None else self._begin()
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(self._tell_whether_working)
        if not self._worker.busy:
            self._worker.start(lambda: pair.advance(steps), self._take, self._fail)

    def _begin(self) -> ChainPair:
        model, numbers = self._document.model, self._inference.numbers
        assert model is not None
        assert numbers is not None
        assert numbers.posterior is not None
        seed = self._chains.seed
        self._of = model, numbers.evidence, seed
        self._pair = ChainPair(model, numbers.evidence, numbers.posterior, seed)
        return self._pair

    def _take(self, result: object) -> None:
        if isinstance(result, Course):
            self._chains.show(result, self._chains.status)
            self._follow()

    def _fail(self, error: Exception) -> None:
        self._chains.run(False)
        self._leave()
        self.failed.emit(f"The chains could not go on: {error}.", error)

    def _leave(self) -> None:
        """The chains are of something else."""
        self._pair = self._of = None
        if self._worker is not None:
            self._worker.cancel()
        self._chains.show(None, self._chains.status)

    def _tell_whether_working(self) -> None:
        """A single step will be seen; chains that run are never settled, and nobody waits."""
        is_busy = self._worker is not None and self._worker.busy
        is_waited_for = is_busy and not self._chains.is_running and not self._is_closed
        self._pending.set_working(self, is_waited_for)

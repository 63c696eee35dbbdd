"""The job that compares the encoder with the exact posterior of the image on the canvas."""

import math
from collections.abc import Generator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from model.latent.best_gaussian import Climb, Gaussian, GaussianFit, gaussian_fit, log_joint
from model.latent.evidence import Evidence
from model.latent.highest_density import highest_density_lines
from model.latent.plane_posterior import PlanePosterior
from vae_gui.jobs.worker import Worker
from vae_gui.state.encoded import OpenModel
from vae_gui.state.encoder_check import EncoderFit
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace

MASSES = (1.0 - math.exp(-0.5), 1.0 - math.exp(-2.0))  # of a Gaussian within 1 and 2 deviations
STEP_MS = 80  # from one step of the way to the next
WAITS = "Waiting for the exact posterior …"
CLIMBS = "Looking for the best Gaussian …"
NO_MODEL = "Open a model to compare its encoder."
NOT_WHOLE = (
    "An encoder takes a whole image, and here pixels are unknown. Load the chosen digit, or say "
    "that the rest is blank."
)
NOISY = "With noise, what is seen is not the image that the encoder takes. Set the noise to 0 %."


@dataclass(frozen=True, eq=False)
class EncoderQuestion:
    """All that the answer depends on: a model, a whole image, its exact posterior.

    `side` is that of the table which the posterior was refined from.
    """

    model: OpenModel
    evidence: Evidence
    posterior: PlanePosterior
    side: int
    unresolved: str | None


def check_encoder(ask: EncoderQuestion) -> Generator[EncoderFit | None, None, None]:
    """Encode the image, and climb from there to the best Gaussian: about a second, in a worker."""
    from model.latent.threads import use_threads

    use_threads(1)  # the hand goes first
    encoder = _encoded(ask.model, ask.evidence)
    steps: list[Climb] = []
    joint = log_joint(ask.model.decode_logits, ask.evidence)
    climbing = gaussian_fit(joint, ask.posterior, ask.side, encoder)
    while True:
        try:
            steps.append(next(climbing))
            yield None  # here it ends if it is not wanted any more
        except StopIteration as end:
            fit = end.value
            break
    lines = yield from highest_density_lines(joint, ask.posterior, MASSES)
    yield EncoderFit(ask.evidence, encoder, fit, _way(steps, fit), tuple(lines), ask.unresolved)


def _way(steps: list[Climb], fit: GaussianFit) -> tuple[Climb, ...]:
    """The steps, with the exact ELBO at both ends; a jump at last, if a missed mode is better."""
    assert fit.encoder is not None
    first = Climb(steps[0].gaussian, fit.encoder)
    best = Climb(fit.best_diagonal, fit.diagonal_elbo)
    between = steps[1:] if fit.from_mode else steps[1:-1]
    is_best = len(steps) == 1 and not fit.from_mode
    return (best,) if is_best else (first, *between, best)


def _encoded(model: OpenModel, evidence: Evidence) -> Gaussian:
    """The encoder's q(z|x)."""
    import torch

    with torch.inference_mode():
        q = model.vae.posterior(torch.from_numpy(evidence.pixels).unsqueeze(0))
    mean, deviation = (part[0].double().numpy() for part in (q.mean, q.standard_deviation))
    return Gaussian.diagonal(mean, deviation)


class EncoderChecking(QObject):
    """Computes the fit when somebody looks and the numbers of a whole image are there.

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
        self._check = viewpoint.inference.encoder
        self._worker: Worker | None = None
        self._asked: tuple[OpenModel, Evidence] | None = None
        self._is_closed = False
        self._clock = QTimer(self, interval=STEP_MS)
        self._clock.timeout.connect(self._go_on)
        for signal in (
            self._observation.changed,
            self._inference.table_changed,
            self._inference.found,
            self._check.wanted_changed,
        ):
            signal.connect(self._follow)
        self._follow()

    @property
    def is_moving(self) -> bool:
        """Whether the Gaussian is on its way."""
        return self._clock.isActive()

    def refine(self) -> None:
        """Move the encoder's Gaussian to the best one, step by step; or show the encoder's again.

        While it is on its way, it arrives at once.
        """
        found = self._check.found
        if found is None:
            return
        if self.is_moving:
            self._rest()
            self._check.go_to(len(found.steps) - 1)
        elif self._check.step:
            self._check.go_to(0)
        else:
            self._clock.start()
            self._go_on()

    def close(self) -> None:
        """The window goes."""
        self._is_closed = True
        self._rest()
        self._pending.set_working(self, False)

    def _go_on(self) -> None:
        """Show the next step of the way."""
        found = self._check.found
        if found is None or self._check.is_refined:
            self._rest()
        else:
            self._check.go_to(self._check.step + 1)
        self._tell_whether_working()

    def _rest(self) -> None:
        self._clock.stop()
        self._tell_whether_working()

    def _follow(self) -> None:
        """Something else is on the canvas, or more is known of it, or somebody looks."""
        if self._is_closed:
            return
        model, evidence = self._document.model, self._observation.evidence
        known = self._check.found
        is_same = self._asked is not None and self._asked[0] is model
        is_same = is_same and self._asked is not None and self._asked[1] is evidence
        if not is_same:
            self._leave()
        why_not = self._why_not()
        if why_not:
            self._leave()
            self._check.forget(why_not)
        elif not (is_same and (known is not None or self._is_busy)) and self._check.is_wanted:
            self._ask()
        self._tell_whether_working()

    def _why_not(self) -> str:
        """Why there is nothing to compare; empty where there is."""
        model, evidence = self._document.model, self._observation.evidence
        if model is None:
            return NO_MODEL
        if model.latent_dim != 2:
            return (
                f"This model has {model.latent_dim} latent "
                f"dimension{'s' * (model.latent_dim > 1)}: the exact posterior, which the encoder "
                "is compared with, is a sum over a plane of two."
            )
        if not evidence.known.all():
            return NOT_WHOLE
        if evidence.flip > 0.0:
            return NOISY
        numbers = self._inference.numbers
        if numbers is None or numbers.evidence is not evidence or self._inference.table is None:
            return WAITS
        return ""

    def _ask(self) -> None:
        model, numbers, table = self._document.model, self._inference.numbers, self._inference.table
        assert model is not None
        assert numbers is not None
        assert numbers.posterior is not None
        assert table is not None
        ask = EncoderQuestion(
            model, numbers.evidence, numbers.posterior, table.side, numbers.unresolved
        )
        self._asked = model, numbers.evidence
        self._check.forget(CLIMBS)
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(self._tell_whether_working)
        self._worker.start(lambda: check_encoder(ask), self._take, self._fail)

    def _take(self, result: object) -> None:
        if isinstance(result, EncoderFit):
            self._check.show(result)

    def _fail(self, error: Exception) -> None:
        self._check.forget("The encoder could not be compared.")
        self.failed.emit(f"The encoder could not be compared: {error}.", error)

    def _leave(self) -> None:
        """What was found is of something else."""
        self._clock.stop()
        self._asked = None
        if self._worker is not None:
            self._worker.cancel()

    @property
    def _is_busy(self) -> bool:
        return self._worker is not None and self._worker.busy

    def _tell_whether_working(self) -> None:
        is_working = not self._is_closed and (self._is_busy or self.is_moving)
        self._pending.set_working(self, is_working)

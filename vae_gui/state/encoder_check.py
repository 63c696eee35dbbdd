"""How the encoder's q(z|x) compares with the exact posterior of a whole image, step by step."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from model.latent.best_gaussian import Climb, Gaussian, GaussianFit
    from model.latent.decode_table import Doubles
    from model.latent.evidence import Evidence


@dataclass(frozen=True, eq=False)
class EncoderFit:
    """What the encoder's Gaussian loses on one image, and the way to the best of its kind.

    Attributes:
        evidence: the image; all of its pixels are known.
        encoder: the encoder's q(z|x).
        fit: the best Gaussians, and what each loses, in nats.
        steps: from the encoder's to the best one whose axes are those of the plane; at least one.
        lines: around the smallest regions that hold 39 and 86 % of the exact posterior, as the
            ellipses of one and two standard deviations do of a Gaussian: segments, (M, 2, 2).
        unresolved: why a number may be wrong, as a sentence; None if they hold.
    """

    evidence: "Evidence"
    encoder: "Gaussian"
    fit: "GaussianFit"
    steps: "tuple[Climb, ...]"
    lines: "tuple[Doubles, ...]" = ()
    unresolved: str | None = None

    @property
    def elbo(self) -> float:
        """The encoder's, in nats."""
        assert self.fit.encoder is not None
        return self.fit.encoder

    @property
    def gap(self) -> float:
        """Log p(x) minus the encoder's ELBO, which is KL(q(z|x) || p(z|x)), in nats."""
        return self.fit.log_evidence - self.elbo

    @property
    def parts(self) -> tuple[float, float, float]:
        """The gap's three parts, in nats: amortisation, turned axes, shape."""
        assert self.fit.amortisation is not None
        return self.fit.amortisation, self.fit.axes, self.fit.shape


class EncoderCheck(QObject):
    """The fit of the image on the canvas, and which of its steps the plane shows.

    Attributes:
        is_wanted: whether somebody looks.
        found: None until it is computed, and where it cannot be.
        step: the index of the step that is shown: 0 is the encoder's own Gaussian.
        status: why there is nothing, or what is going on; empty where all is said.

    Signals:
        wanted_changed: somebody looks, or nobody any more.
        changed: there is another fit, or none, or another step or status is shown.
    """

    wanted_changed = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = False
        self.found: EncoderFit | None = None
        self.step = 0
        self.status = ""

    @property
    def shown(self) -> "Climb | None":
        """The step that is shown."""
        return None if self.found is None else self.found.steps[self.step]

    @property
    def is_refined(self) -> bool:
        """Whether the best Gaussian of the encoder's kind is shown."""
        return self.found is not None and self.step == len(self.found.steps) - 1

    def want(self, wanted: bool) -> None:
        """Say whether somebody looks."""
        if wanted != self.is_wanted:
            self.is_wanted = wanted
            self.wanted_changed.emit()

    def show(self, found: EncoderFit) -> None:
        """Have another fit: the encoder's own Gaussian is shown."""
        self.found, self.step, self.status = found, 0, ""
        self.changed.emit()

    def go_to(self, step: int) -> None:
        """Show a step of the way."""
        if self.found is not None and step != self.step:
            self.step = step
            self.changed.emit()

    def forget(self, status: str) -> None:
        """Know nothing, and say why."""
        if self.found is not None or status != self.status:
            self.found, self.step, self.status = None, 0, status
            self.changed.emit()

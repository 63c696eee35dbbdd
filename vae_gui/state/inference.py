"""What is known of p(z | what is on the canvas) for one model: at once roughly, at rest exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_gui.state.chains import Chains
from vae_gui.state.encoder_check import EncoderCheck
from vae_gui.state.pixel_map import PixelMap

if TYPE_CHECKING:
    from model.latent.decode_table import DecodeTable, Doubles, Floats
    from model.latent.evidence import Evidence
    from model.latent.modes import Mode
    from model.latent.plane_posterior import PlanePosterior


@dataclass(frozen=True, eq=False)
class Heat:
    """The posterior on the table's inner grid, as the hand has it now.

    Attributes:
        relative: p(z | evidence) relative to its highest place, (side, side) in [0, 1]; entry
            [i, j] belongs to z1 = axis[i], z2 = axis[j].
        reach: the grid covers the square from -reach to reach.
        is_prior: whether nothing is known.
    """

    relative: "Floats"
    reach: float
    is_prior: bool = False

    @cached_property
    def highest_place(self) -> NDArray[np.float64]:
        """Where the density is highest, (2,)."""
        side = len(self.relative)
        place = np.array(np.unravel_index(int(self.relative.argmax()), (side, side)))
        return np.asarray((place + 0.5) * (2.0 * self.reach / side) - self.reach)


@dataclass(frozen=True, eq=False)
class Pictures:
    """What the posterior says the image looks like.

    Attributes:
        mean: p(pixel is ink | evidence), (784,).
        draws: whole images, (K, 784) of zeros and ones, where pixels were not seen.
        drawn_z: the points that they were drawn at, (K, D).
        labels: p(label | evidence), (10,); None where there are no encoded digits to tell.
        labels_by: the digits whose encodings say which label is where.
    """

    mean: "Floats"
    draws: "Floats"
    drawn_z: "Doubles"
    labels: "Doubles | None"
    labels_by: str = ""


@dataclass(frozen=True, eq=False)
class Numbers:
    """What is printed: integrals over the plane, fine enough for every digit; or estimates.

    Attributes:
        evidence: what they are about.
        log_p_observed: log p(evidence), in nats.
        log_p_whole: log p(x) of the whole image, where that is known; else None.
        entropy: of p(z | evidence), in nats; None where it is not known.
        modes: the heaviest first; empty where there is no plane.
        mode_images: what is decoded at each, (K, 784).
        posterior: its cells; None where there is no plane.
        unresolved: why a number may be wrong, as a sentence; None if they hold.
        method: how they were made, where not by integrals.
    """

    evidence: "Evidence"
    log_p_observed: float
    log_p_whole: float | None
    entropy: float | None
    modes: "Sequence[Mode]"
    mode_images: NDArray[np.float32]
    posterior: "PlanePosterior | None"
    unresolved: str | None
    method: str = ""

    @property
    def nats_missing(self) -> float | None:
        """-log p(missing | observed), where the whole image is known; else None."""
        return None if self.log_p_whole is None else self.log_p_observed - self.log_p_whole


class Inference(QObject):
    """The posterior of one viewpoint's model. Empty until somebody wants it.

    Attributes:
        is_wanted: whether somebody looks: before, no table is made.
        is_covered: whether it is not to be shown in the plane.
        table: the decodes that everything is summed over; None while there is none.
        has_whole_table: whether no finer one is on its way.
        heat: the posterior as the hand has it; None while there is none.
        pictures: of what was on the canvas a moment ago.
        numbers: of what is on the canvas now; None while the hand moves.
        pixel_map: what a look at each pixel would tell.
        status: what is going on, or why there is nothing, in a sentence.
        encoder: how the encoder's q(z|x) compares with it, where the image is whole.
        chains: two Markov chains that are to settle on it.

    Signals:
        wanted_changed: somebody wants it, or nobody any more.
        table_changed: there is another table, or none.
        moved: there is another heat, or none.
        found: there are other pictures or numbers, or none.
        told: the status is another one.
    """

    wanted_changed = Signal()
    table_changed = Signal()
    moved = Signal()
    found = Signal()
    told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = self.is_covered = False
        self.table: DecodeTable | None = None
        self.has_whole_table = False
        self.heat: Heat | None = None
        self.pictures: Pictures | None = None
        self.numbers: Numbers | None = None
        self.pixel_map = PixelMap(self)
        self.status = ""
        self.encoder = EncoderCheck(self)
        self.chains = Chains(self)

    def cover(self, covered: bool) -> None:
        """Show nothing of it in the plane for a while, or show it again."""
        if covered != self.is_covered:
            self.is_covered = covered
            self.moved.emit()

    def want(self, wanted: bool) -> None:
        """Say whether somebody looks."""
        if wanted != self.is_wanted:
            self.is_wanted = wanted
            self.wanted_changed.emit()

    def tell(self, status: str) -> None:
        """Say what is going on."""
        if status != self.status:
            self.status = status
            self.told.emit()

    def take_table(self, table: "DecodeTable | None", *, is_whole: bool = False) -> None:
        """Have a table for the model as it is now, or none: then nothing is known.

        A coarse one comes first, and then the whole one.
        """
        self.table, self.has_whole_table = table, is_whole
        if table is None:
            self.heat = self.pictures = None
            self.pixel_map.show(None)
            self.leave_numbers()
            self.moved.emit()
        self.table_changed.emit()

    def move(self, heat: Heat | None) -> None:
        """The hand has changed what is known; the last numbers are of something else now."""
        self.heat = heat
        self.leave_numbers()
        self.moved.emit()

    def leave_numbers(self) -> None:
        """Know the numbers no more."""
        if self.numbers is not None:
            self.numbers = None
            self.found.emit()

    def show_pictures(self, pictures: Pictures) -> None:
        """Have other pictures."""
        self.pictures = pictures
        self.found.emit()

    def show_numbers(self, numbers: Numbers) -> None:
        """Have numbers of what is on the canvas."""
        self.numbers = numbers
        self.found.emit()

"""Two models side by side: how the second is laid on the first, and how their probes are linked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vae_gui.state.viewpoint import Viewpoint

if TYPE_CHECKING:
    from model.latent.procrustes import Alignment


class Link(StrEnum):
    """What the probe of one model and that of the other have in common."""

    DIGIT = "digit"
    Z = "z"

    @property
    def words(self) -> str:
        """What it goes through."""
        return "the digit" if self is Link.DIGIT else "z"


@dataclass(frozen=True)
class Pairing:
    """What the user chose.

    Attributes:
        link: what the probes have in common, where that is possible.
        is_aligned: whether the second model is turned onto the first, where that is possible.
    """

    link: Link = Link.DIGIT
    is_aligned: bool = True


class Comparison(QObject):
    """The first viewpoint of a workspace and a second one beside it, while that has a model.

    Signals:
        chosen: the user chose another link, or whether to align.
        changed: another model is compared, or none, or more is known of the two, or was chosen.
    """

    chosen = Signal()
    changed = Signal()

    def __init__(self, first: Viewpoint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first = first
        self.second: Viewpoint | None = None
        self.pairing = Pairing()
        self.alignment: Alignment | None = None
        self.shows_same: bool | None = None  # images in both; None: not known yet
        self.is_unlinked = False  # while a scene is restored

    @property
    def is_on(self) -> bool:
        """Whether a second model is open."""
        return self.second is not None and self.second.document.model is not None

    @property
    def link(self) -> Link | None:
        """What the probes have in common now: as chosen, or else what is possible, or nothing."""
        chosen = self.pairing.link
        other = Link.Z if chosen is Link.DIGIT else Link.DIGIT
        return next((link for link in (chosen, other) if not self.why_not(link)), None)

    @property
    def is_aligned(self) -> bool:
        """Whether the second model is turned now."""
        return self.pairing.is_aligned and self.alignment is not None

    def why_not(self, link: Link) -> str:
        """Why the probes cannot be linked through something; empty where they can."""
        if self.second is None or not self.is_on:
            return "there is no second model"
        if link is Link.Z:
            return self._why_other_dimensions()
        if self.shows_same is None:
            return "the digits are not encoded yet"
        return "" if self.shows_same else "the two models show other images"

    def why_not_aligned(self) -> str:
        """Why the second model cannot be turned onto the first; empty where it can."""
        return self._why_other_dimensions() or self.why_not(Link.DIGIT)

    def set_second(self, second: Viewpoint) -> None:
        """Compare the first viewpoint with another one."""
        self.second = second
        second.document.opened.connect(self._begin_anew)
        self.first.document.opened.connect(self._begin_anew)

    def choose(self, pairing: Pairing) -> None:
        """Choose how the two are compared."""
        if pairing != self.pairing:
            self.pairing = pairing
            self._turn()
            self.chosen.emit()
            self.changed.emit()

    def choose_link(self, link: Link) -> None:
        """Choose what the probes have in common."""
        self.choose(replace(self.pairing, link=link))

    def choose_alignment(self, is_aligned: bool) -> None:
        """Choose whether the second model is turned onto the first."""
        self.choose(replace(self.pairing, is_aligned=is_aligned))

    def set_found(self, shows_same: bool | None, alignment: "Alignment | None") -> None:
        """Take what is known of the images and the means of both, which is no step of the user."""
        self.shows_same, self.alignment = shows_same, alignment
        if self.second is not None:
            self.second.expect_to_adapt()
        self._turn()
        self.changed.emit()

    @contextmanager
    def unlinked(self) -> Iterator[None]:
        """While this lasts, neither viewpoint follows the other: both are told where to go."""
        self.is_unlinked = True
        try:
            yield
        finally:
            self.is_unlinked = False

    def _why_other_dimensions(self) -> str:
        if self.second is None or not self.is_on:
            return "there is no second model"
        first, second = self.first.document.model, self.second.document.model
        if first is None or second is None:
            return "there is no first model"
        if first.latent_dim == second.latent_dim:
            return ""
        return f"the models have {first.latent_dim} and {second.latent_dim} latent dimensions"

    def _begin_anew(self) -> None:
        """Another model is open in one of the two: nothing is known of the pair."""
        assert self.second is not None
        beside = self.is_on and self.first.document.model is not None
        self.first.beside = self.second if beside else None
        self.second.beside = self.first if beside else None
        self.first.tell_of_scales()
        self.set_found(None, None)

    def _turn(self) -> None:
        if self.second is not None:
            turn = self.alignment.matrix if self.alignment and self.is_aligned else None
            self.second.set_turn(turn)

"""The interface of a layer: its name, its source, and how it is drawn. Free of Qt."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.discs import Picture
from vae_gui.state.slice import Slice
from vae_gui.style.palette import Theme
from vae_gui.style.scales import Scale

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from vae_gui.plane.marks import Mark
    from vae_gui.plane.viewport import View
    from vae_gui.state.document import Document
    from vae_gui.state.viewpoint import Viewpoint

# What a layer says of itself that cannot be drawn with one latent dimension.
NO_PLANE = "not drawn: one latent dimension has no plane"
# And one that cannot be drawn in a plane turned through more than two dimensions.
NOT_TURNED = "not drawn in a turned plane: only with two latent dimensions, or without aligning"
# In a few words, for one line.
NEEDS_A_PLANE = "only in 2-D"
NEEDS_NO_TURN = "not while aligned"
WAITS = "waits for training digits"
AT_REST = "encoded where the hand rests"
NOT_AT_A_SNAPSHOT = "not encoded at a snapshot"
STRETCH = 2.0  # how much larger or smaller than it was drawn a picture may be shown for a while


def why_no_training(document: "Document") -> str:
    """Why the training digits are not there: they are on their way, or of other weights."""
    if document.awaits_training:
        return WAITS
    return AT_REST if document.training_can_come else NOT_AT_A_SNAPSHOT


@dataclass(frozen=True, eq=False)
class ColourScale:
    """What a scale of colours means.

    Attributes:
        title: of the number that the colours show.
        unit: its unit.
        scale: its range; None where no value is known yet.
        table: (256,) 0xffRRGGBB, from the low end to the high one.
        opacity: with which they are drawn.
    """

    title: str
    unit: str
    scale: Scale | None
    table: NDArray[np.uint32]
    opacity: float = 1.0


class Layer(ABC):
    """One kind of mark in the plane. It reads a viewpoint when it is asked, and keeps only memos.

    Attributes:
        key: its name in settings.
        title: its name on screen.
        tip: what it shows, in a sentence or two.
        shortcut: the key that switches it.
        starts_visible: whether it is there before the user says anything.
        starts_opacity: how opaque it is then; None where opacity makes no sense.
        has_sizes: whether its cells can be small, medium or large.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    tip: ClassVar[str]
    shortcut: ClassVar[str] = ""
    starts_visible: ClassVar[bool] = True
    starts_opacity: ClassVar[float | None] = None
    has_sizes: ClassVar[bool] = False

    @abstractmethod
    def source(self, viewpoint: "Viewpoint") -> str:
        """Where its marks come from, in data; empty where there is nothing to show."""

    def brief(self, viewpoint: "Viewpoint") -> str:
        """The source in a few words, for one line of the panel."""
        return self.source(viewpoint)

    def colours(self, viewpoint: "Viewpoint", theme: Theme) -> ColourScale | None:
        """The scale of its colours, if they stand for numbers of its own that are known."""
        return None

    def marks(self, viewpoint: "Viewpoint") -> "list[tuple[Mark, np.ndarray]]":
        """Its marks that move with the hand, with their places (2,): painted above all layers."""
        return []


class PaintedLayer(Layer):
    """A layer of few marks, painted in the GUI thread."""

    @abstractmethod
    def paint(
        self, painter: "QPainter", viewpoint: "Viewpoint", view: "View", theme: Theme
    ) -> None:
        """Draw it, in the widget's pixels, in a millisecond or two."""


@dataclass(frozen=True)
class Extent:
    """What a request covers, at how many pixels a unit, and all else that it depends on."""

    bounds: Bounds
    per_unit: float
    manner: Hashable

    def does_for(self, other: "Extent", seen: Bounds) -> bool:
        """Whether this picture can serve for a while in place of the other, for the part seen."""
        stretched = other.per_unit / self.per_unit
        return (
            self.manner == other.manner
            and 1.0 / STRETCH <= stretched <= STRETCH
            and self.bounds.contains(seen)
        )


@dataclass(frozen=True)
class Patch:
    """A picture of a part of the plane.

    Attributes:
        picture: its pixels; row 0 is the highest z2.
        bounds: what it shows; of a turned one, before it is turned.
        smooth: whether it is to be smoothed where the screen has more pixels than it.
        turn: (2, 2), orthogonal: what the picture is turned by about the origin; None: by nothing.
    """

    picture: Picture
    bounds: Bounds
    smooth: bool = True
    turn: NDArray[np.float64] | None = None


class PictureLayer(Layer):
    """A layer that a worker draws, from a request that carries all that it needs.

    Attributes:
        lingers: whether its picture stays until it has been drawn with other weights, a moment
            later; those of other layers go at once, since what they show is no longer so.
    """

    lingers: ClassVar[bool] = False

    @abstractmethod
    def request(self, viewpoint: "Viewpoint", view: "View", theme: Theme) -> Hashable:
        """A frozen value of all that the picture depends on; None where there is nothing to draw.

        Two requests are equal exactly where their pictures are.
        """

    def extent(self, request: Hashable) -> Extent | None:
        """What a picture covers and how it is drawn; None if it cannot do for another view."""
        return None

    @abstractmethod
    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Draw the picture, coarse ones before fine ones: in a worker, without Qt or state.

        What takes long yields None now and then: there it ends if it is not wanted any more.
        """


@dataclass(frozen=True, eq=False)
class Spot:
    """A place of the plane that is pointed at.

    Attributes:
        z: (2,).
        text: what is written beside it; empty for nothing.
    """

    z: NDArray[np.float64]
    text: str = ""


class LiveLayer(PictureLayer):
    """A layer above all others that follows a hand: painted at once, and drawn finely at rest.

    Its `request` is None while the hand moves. It does not belong to the plane's still picture, so
    that a move of the hand costs no more than itself. While it shows anything, a veil lies over the
    layers that are below it in the table.
    """

    @abstractmethod
    def patch(self, viewpoint: "Viewpoint", theme: Theme) -> Patch | None:
        """A rough picture of what is so now, made in a millisecond; None where there is nothing."""

    def spots(self, viewpoint: "Viewpoint") -> Sequence[Spot]:
        """The places to be pointed at, where the picture alone would be overlooked."""
        return ()


def within(slice_: Slice) -> str:
    """The dimensions shown, in words, where the plane does not show all of them; else empty."""
    return f", in {' and '.join(slice_.names)}" if slice_.is_cut else ""

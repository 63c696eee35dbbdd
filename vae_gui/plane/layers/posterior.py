"""The exact posterior of what is on the canvas: where an image like that can lie in the plane."""

import math
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.layer import NEEDS_A_PLANE, NEEDS_NO_TURN, Extent, LiveLayer, Patch, Spot
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.palette import Theme, rgb
from vae_gui.style.scales import percent

if TYPE_CHECKING:
    from model.latent.plane_posterior import PlanePosterior
    from vae_gui.plane.layers.chain_marks import ChainMarks
    from vae_gui.plane.marks import Mark
    from vae_gui.plane.viewport import View
    from vae_gui.state.inference import Heat
    from vae_gui.state.viewpoint import Viewpoint

MARGIN = 0.15
STEPS = 256
FAINTEST = 1e-3  # of the highest density
SIDES = (3.0, 1.0)  # of the pixels of the pictures that follow each other, in those of the screen
PRIOR_DENSITY = 1.0 / (2.0 * math.pi)
# How opaque the highest place is: that of the prior, which covers all, and of a narrow posterior.
PALEST, STRONGEST, A_DECADE = 0.42, 0.95, 0.2
ASKS = "on the page Evidence"


@dataclass(frozen=True)
class PosteriorRequest:
    """The posterior, the part of the plane that is shown, and how."""

    posterior: "PlanePosterior"
    seen: Bounds
    per_unit: float
    ratio: float
    theme: Theme

    def __hash__(self) -> int:
        return hash((id(self.posterior), self.seen, self.per_unit))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PosteriorRequest) and (
            self.posterior is other.posterior
            and (self.seen, self.per_unit, self.ratio) == (other.seen, other.per_unit, other.ratio)
            and self.theme is other.theme
        )


class PosteriorLayer(LiveLayer):
    """p(z | what is on the canvas): one colour, the more opaque, the higher the density."""

    key = "posterior"
    title = "Posterior of the canvas"
    tip = (
        "p(z | evidence), the exact posterior of the pixels on the page Evidence, summed over the "
        "plane: where an image with these pixels can lie. The opacity falls evenly with the log "
        "density, to nothing at a thousandth of the highest. Rings show its modes with their "
        "mass. With nothing drawn it is the prior. Over it lie q(z|x) or two chains, if Encoder or "
        "Chains is chosen there."
    )
    shortcut = "X"
    starts_opacity = 1.0

    def __init__(self) -> None:
        self._drawn: tuple[Heat, Theme, Patch | None] | None = None
        self._chains: ChainMarks | None = None

    def source(self, viewpoint: "Viewpoint") -> str:
        """What the sum is taken over, or why there is none."""
        if viewpoint.document.model is None:
            return ""
        if why := _why_not(viewpoint):
            return f"not drawn: {why}"
        table = viewpoint.inference.table
        if table is None:
            return "draw on the page Evidence to see it"
        return (
            f"Bayes' rule over {table.side} × {table.side} decoded points while the hand moves, "
            "and over finer cells when it rests"
        )

    def brief(self, viewpoint: "Viewpoint") -> str:
        """What is shown, or why nothing is, in a few words."""
        if viewpoint.document.model is None:
            return ""
        if why := _why_not(viewpoint):
            return why
        return ASKS if viewpoint.inference.table is None else "p(z | the pixels of Evidence)"

    def patch(self, viewpoint: "Viewpoint", theme: Theme) -> Patch | None:
        """The table's own cells that are not empty."""
        shown = viewpoint.inference.heat
        if shown is None or _why_not(viewpoint) or _is_idle(viewpoint):
            return None
        if self._drawn is None or self._drawn[0] is not shown or self._drawn[1] is not theme:
            self._drawn = shown, theme, _of_heat(shown, theme)
        return self._drawn[2]

    def spots(self, viewpoint: "Viewpoint") -> list[Spot]:
        """The modes with their mass; while the hand moves, the highest place alone."""
        shown, numbers = viewpoint.inference.heat, viewpoint.inference.numbers
        if shown is None or shown.is_prior or _why_not(viewpoint):
            return []
        if numbers is None:
            return [Spot(shown.highest_place)]
        if len(numbers.modes) == 1 and _is_compared(viewpoint):
            return [Spot(numbers.modes[0].z)]  # ellipses would cross what is written beside it
        return [Spot(mode.z, percent(mode.mass)) for mode in numbers.modes]

    def marks(self, viewpoint: "Viewpoint") -> "list[tuple[Mark, NDArray[np.float64]]]":
        """What is held against it: the encoder's Gaussian, or chains."""
        from vae_gui.plane.layers.chain_marks import ChainMarks
        from vae_gui.plane.layers.encoder_marks import encoder_marks

        if _why_not(viewpoint):
            return []
        if self._chains is None:
            self._chains = ChainMarks()
        return encoder_marks(viewpoint) + self._chains.of(viewpoint)

    def request(
        self, viewpoint: "Viewpoint", view: "View", theme: Theme
    ) -> PosteriorRequest | None:
        """The posterior on its finest cells, once that is known."""
        numbers = viewpoint.inference.numbers
        if numbers is None or numbers.posterior is None:
            return None
        if _why_not(viewpoint) or _is_idle(viewpoint):
            return None
        return PosteriorRequest(numbers.posterior, view.bounds, view.per_unit, view.ratio, theme)

    def extent(self, request: Hashable) -> Extent:
        """What is seen, and some of what is around it."""
        assert isinstance(request, PosteriorRequest)
        manner = (id(request.posterior), request.ratio, request.theme)
        return Extent(request.seen.grown(MARGIN), request.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Average the density over pixels, large ones first."""
        from vae_gui.plane.layers.posterior_raster import densities, highest_density

        assert isinstance(request, PosteriorRequest)
        covered = request.seen.grown(MARGIN)
        for pixels in SIDES:
            side = pixels / (request.per_unit * request.ratio)
            density = densities(request.posterior, covered, side)
            # The highest place may lie outside of the view: there is less in it then.
            highest = max(float(density.max()), highest_density(request.posterior, side))
            yield _patch(density / highest, highest, covered, request.theme)


def inks(theme: Theme, strength: float) -> NDArray[np.uint32]:
    """The colours of the steps of relative density, (256,), premultiplied."""
    return _inks(theme, round(strength, 2))


@cache
def _inks(theme: Theme, strength: float) -> NDArray[np.uint32]:
    alpha = strength * np.arange(STEPS) / (STEPS - 1.0)
    return with_alpha(np.full(STEPS, rgb(theme.posterior), dtype=np.uint32), alpha)


def steps_of(relative: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The step of each density, given relative to the highest: 0 at a thousandth and below."""
    logs: NDArray[np.float32] = np.log(np.maximum(relative, FAINTEST), dtype=np.float32)
    logs *= -(STEPS - 1.0) / math.log(FAINTEST)
    logs += STEPS - 1.0
    return logs.astype(np.uint8)


def strength_of(highest: float) -> float:
    """How opaque the highest place is, from its density per unit of area."""
    decades = math.log10(max(highest, PRIOR_DENSITY) / PRIOR_DENSITY)
    return min(STRONGEST, PALEST + A_DECADE * decades)


def _of_heat(shown: "Heat", theme: Theme) -> Patch | None:
    relative = shown.relative
    steps = steps_of(relative)
    filled = steps > 0
    columns, rows = np.flatnonzero(filled.any(axis=1)), np.flatnonzero(filled.any(axis=0))
    if not len(columns):
        return None
    width = 2.0 * shown.reach / len(relative)
    highest = 1.0 / (float(relative.sum()) * width**2)
    first, last = max(0, columns[0] - 1), min(len(relative), columns[-1] + 2)
    low, high = max(0, rows[0] - 1), min(len(relative), rows[-1] + 2)
    picture = inks(theme, strength_of(highest))[steps[first:last, low:high].T[::-1]]
    picture = np.ascontiguousarray(picture)
    edges = [float(edge) * width - shown.reach for edge in (first, last, low, high)]
    return Patch(picture, Bounds(*edges))


def _patch(relative: NDArray[np.float64], highest: float, bounds: Bounds, theme: Theme) -> Patch:
    picture = inks(theme, strength_of(highest))[steps_of(relative).T[::-1]]
    return Patch(np.ascontiguousarray(picture), bounds)


def _is_idle(viewpoint: "Viewpoint") -> bool:
    """Whether nothing is drawn and nobody looks at the canvas: the prior would be a riddle."""
    shown = viewpoint.inference.heat
    return not viewpoint.inference.is_wanted and (shown is None or shown.is_prior)


def _is_compared(viewpoint: "Viewpoint") -> bool:
    """Whether the encoder's Gaussian lies over it."""
    check = viewpoint.inference.encoder
    return check.is_wanted and check.found is not None


def _why_not(viewpoint: "Viewpoint") -> str:
    """Why there is nothing to draw for a model that is open, in a few words; else empty."""
    if viewpoint.slice.dimensions != 2:
        return NEEDS_A_PLANE
    if viewpoint.slice.turn is not None:
        return NEEDS_NO_TURN
    return "not while a game is played" if viewpoint.inference.is_covered else ""

"""How far q(z|x) reaches: its ellipses of one and two standard deviations, in data units."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.canvas import Canvas
from vae_gui.plane.layers.discs import draw_discs
from vae_gui.plane.layers.layer import Extent, Patch, PictureLayer, within
from vae_gui.state.encoded import Array, EncodedImages
from vae_gui.state.slice import Slice
from vae_gui.style.palette import Theme, class_palette

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.viewpoint import Viewpoint

LEAST = 6.0  # pixels wide or high: a smaller ellipse would lie over its point, and say nothing
# In a plane they hold 39 and 86 % of the mass of q(z|x).
SIGMAS = (1.0, 2.0)
TIP = "1 and 2 standard deviations of q(z|x), in data units: they hold 39 and 86 % of its mass."


@dataclass(frozen=True)
class EllipsesRequest:
    """The images whose ellipses are drawn, where, and how: width and least size are in pixels."""

    images: EncodedImages
    slice: Slice
    canvas: Canvas
    width: float
    hidden_classes: frozenset[int]
    theme: Theme
    least: float


class ClassEllipsesLayer(PictureLayer):
    """The ellipses of all test images of the shown classes."""

    key = "class_ellipses"
    title = "Ellipses of all"
    tip = f"Of each test digit of the classes that are shown: {TIP}"
    shortcut = "Shift+E"
    starts_visible = False
    starts_opacity = 0.85

    MARGIN = 0.1
    WIDTH = 1.3  # of a line, in pixels
    SPACING = 0.7  # of the discs that a line is made of, in pixels
    LARGEST = 2000.0  # discs in a line; if it is longer, they lie farther apart
    MOST = 2_000_000  # discs in all: a model that knows nothing would ask for 4 GB of them

    def source(self, viewpoint: "Viewpoint") -> str:
        """The images whose ellipses these are."""
        brief = self.brief(viewpoint)
        return brief and brief + within(viewpoint.slice)

    def brief(self, viewpoint: "Viewpoint") -> str:
        """How many images these are."""
        test, hidden = viewpoint.document.test, viewpoint.appearance.hidden_classes
        if test is None:
            return ""
        shown = int(test.shown_beside(hidden).sum())
        return f"{shown:,} test digits"

    def request(self, viewpoint: "Viewpoint", view: "View", theme: Theme) -> EllipsesRequest | None:
        """Another picture for each view: lines have their width on the screen."""
        test = viewpoint.document.test
        if test is None:
            return None
        return EllipsesRequest(
            test,
            viewpoint.slice,
            view.canvas(self.MARGIN),
            self.WIDTH * view.ratio * view.magnification,
            viewpoint.appearance.hidden_classes,
            theme,
            LEAST * view.ratio,
        )

    def extent(self, request: Hashable) -> Extent:
        """Where the ellipses are, and at which scale."""
        assert isinstance(request, EllipsesRequest)
        r = request
        manner = (r.images, r.slice, r.width, r.hidden_classes, r.theme, r.least)
        return Extent(r.canvas.bounds, r.canvas.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Draw the outlines of those that are seen, as rows of discs."""
        assert isinstance(request, EllipsesRequest)
        images, slice_, canvas = request.images, request.slice, request.canvas
        centres = canvas.to_pixels(slice_.place(images.means, images.labels))
        # Rows of pixels count downwards: the second axis of the plane changes its sign.
        spread = slice_.spread(images.standard_deviations) * canvas.per_unit * [[1.0], [-1.0]]
        shown = images.shown_beside(request.hidden_classes)
        reach = SIGMAS[-1] * np.linalg.norm(spread, axis=2)
        shown &= np.all((centres > -reach) & (centres < np.array(canvas.size) + reach), axis=1)
        drawn = centres[shown], spread[shown], images.labels[shown]
        dots, colours = self._outlines(*drawn, request.least)
        palette = class_palette(request.theme)
        picture = draw_discs(dots, colours, palette, request.width, canvas.size)
        yield Patch(picture, canvas.bounds, smooth=False)

    def _outlines(
        self, centres: Array, spread: Array, labels: NDArray[np.integer], least: float
    ) -> tuple[Array, NDArray[np.integer]]:
        """Points along all ellipses of some size, (M, 2), and the class of each, (M,)."""
        parts, colours = [centres[:0]], [labels[:0]]
        reach = np.linalg.norm(spread, axis=2).max(axis=1, initial=0.0)
        wanted = [
            self._discs(sigmas * reach) * (2.0 * sigmas * reach >= least) for sigmas in SIGMAS
        ]
        fraction = min(1.0, self.MOST / max(1.0, float(np.sum(wanted))))
        for sigmas, discs in zip(SIGMAS, wanted, strict=True):
            # In few groups of ellipses with as many points each.
            counts = 2 ** np.ceil(np.log2(np.maximum(8.0, fraction * discs)))
            for count in np.unique(counts).astype(int):
                some = (counts == count) & (discs > 0.0)
                angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
                circle = sigmas * np.stack([np.cos(angles), np.sin(angles)], axis=1)
                lines = circle @ spread[some].transpose(0, 2, 1)
                parts.append((centres[some, None] + lines).reshape(-1, 2))
                colours.append(np.repeat(labels[some], count))
        return np.concatenate(parts), np.concatenate(colours)

    def _discs(self, reach: Array) -> Array:
        """How many discs make a closed line around ellipses that reach so far, (N,), in pixels."""
        discs: Array = np.clip(2.0 * np.pi * reach / self.SPACING, 8.0, self.LARGEST)
        return discs

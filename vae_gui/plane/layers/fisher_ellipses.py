"""Tissot's ellipses: all steps of one Fisher length, at the nodes of a lattice."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vae_gui.plane.canvas import Array, Canvas
from vae_gui.plane.layers.discs import Picture, draw_discs
from vae_gui.plane.layers.layer import Extent, Patch
from vae_gui.plane.layers.metric_lattice import MeasuredNodes, lattice_over
from vae_gui.plane.layers.metric_layer import MetricLayer
from vae_gui.style.palette import Theme, rgb

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.viewpoint import Viewpoint

APART = 44.0  # pixels between the middles of neighbours, at least
RADIUS_PER_UNIT = 10.0  # Fisher radius of an ellipse, where neighbours lie one unit of z apart
WIDTH, HALO = 1.4, 3.4  # of a line and of what sets it off, in pixels
SPACING = 0.7  # of the discs that a line is made of, in pixels
LARGEST = 3.0  # as a multiple of the distance to a neighbour: longer ones would hide all others
MARGIN = 0.1


@dataclass(frozen=True)
class FisherEllipsesRequest:
    """Where ellipses are drawn, and how: widths are in pixels of the canvas."""

    nodes: MeasuredNodes
    canvas: Canvas
    level: int
    width: float
    halo: float
    theme: Theme


class FisherEllipsesLayer(MetricLayer):
    """Ellipses of equal Fisher radius: narrow the way in which digits change fastest."""

    key = "fisher_ellipses"
    title = "Fisher ellipses"
    tip = (
        "Ellipses of equal Fisher radius (Tissot's): from the middle to any place of the line, "
        "the decoder's answer p(x|z) changes by the same amount. Small where digits change fast. "
        "With radius 1 each would be nearly one standard deviation of the exact posterior of an "
        "image drawn there. Ellipses three times as long as their distance are left out."
    )
    shortcut = "Shift+F"
    starts_opacity = 0.9
    quantity = (
        "the decoder's Fisher metric; Fisher radius 10 where neighbours lie one unit of z apart, "
        "and in proportion nearer by"
    )
    quantity_in_brief = "Fisher radius: 10 × their distance"

    def request(
        self, viewpoint: "Viewpoint", view: "View", theme: Theme
    ) -> FisherEllipsesRequest | None:
        """Another picture for each view: lines have their width on the screen."""
        nodes = self.nodes_of(viewpoint)
        if nodes is None:
            return None
        level = int(np.floor(np.log2(view.per_unit / (APART * view.magnification))))
        times = view.ratio * view.magnification
        return FisherEllipsesRequest(
            nodes, view.canvas(MARGIN), level, WIDTH * times, HALO * times, theme
        )

    def extent(self, request: Hashable) -> Extent:
        """Where the ellipses are, and at which scale."""
        assert isinstance(request, FisherEllipsesRequest)
        r = request
        manner = (r.nodes, r.level, r.width, r.theme)
        return Extent(r.canvas.bounds, r.canvas.per_unit, manner)

    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Measure the nodes, and draw outlines as rows of discs, on a halo."""
        from model.latent.threads import use_threads

        assert isinstance(request, FisherEllipsesRequest)
        use_threads(1)
        canvas, lattice = request.canvas, lattice_over(request.canvas.bounds, request.level)
        for _ in request.nodes.measure(lattice):
            yield None
        dots = self._outlines(lattice.nodes, request.nodes.at(lattice).reshape(-1, 3), request)
        theme, size = request.theme, canvas.size
        palette = np.array([rgb(theme.surface), rgb(theme.text)], dtype=np.uint32)
        below, above = (
            draw_discs(dots, np.full(len(dots), ink), palette, width, size)
            for ink, width in ((0, request.halo), (1, request.width))
        )
        yield Patch(_over(below, above), canvas.bounds, smooth=False)

    def _outlines(self, nodes: Array, metric: Array, request: FisherEllipsesRequest) -> Array:
        """Points along all ellipses, (M, 2), in pixels of the canvas."""
        from model.latent.geometry import unit_circles

        canvas, step = request.canvas, 2.0**-request.level
        maps = RADIUS_PER_UNIT * step * unit_circles(metric)
        reach = np.linalg.norm(maps, ord=2, axis=(1, 2))
        drawn = reach <= LARGEST * step
        parts = [np.empty((0, 2))]
        # In few groups of ellipses with as many points each.
        wanted = 2.0 * np.pi * reach * canvas.per_unit / SPACING
        counts = (2 ** np.ceil(np.log2(np.maximum(8.0, wanted)))) * drawn
        for count in np.unique(counts[drawn]).astype(int):
            some = counts == count
            angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
            circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
            places = nodes[some, None] + circle @ maps[some].transpose(0, 2, 1)
            parts.append(canvas.to_pixels(places.reshape(-1, 2)))
        return np.concatenate(parts)


def _over(below: Picture, above: Picture) -> Picture:
    """A premultiplied picture upon another one."""
    kept = 255 - (above >> 24)
    red_blue = (((below & 0xFF00FF) * kept + 0x800080) >> 8) & 0xFF00FF
    alpha_green = (((below >> 8) & 0xFF00FF) * kept + 0x800080) & 0xFF00FF00
    found: Picture = above + red_blue + alpha_green
    return found

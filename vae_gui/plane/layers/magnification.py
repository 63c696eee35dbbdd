"""The magnification: how much of the decoder's answer a small area of the plane holds."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.layer import Extent, Patch
from vae_gui.plane.layers.metric_lattice import MeasuredNodes, lattice_over
from vae_gui.plane.layers.metric_layer import MetricLayer
from vae_gui.style.colour_maps import filled, steps_of
from vae_gui.style.scales import Scale

if TYPE_CHECKING:
    from vae_gui.plane.viewport import View
    from vae_gui.state.viewpoint import Viewpoint
    from vae_gui.style.palette import Theme

# One scale for all models, so that planes compare, and colours keep their meaning while one trains.
SCALE = Scale(1.5, 4.5, (2.0, 3.0, 4.0), 0.5)
UNIT = "log₁₀ √det G"
FINEST = 9.0  # pixels between nodes, at least
COARSE_LEVELS = 2
MARGIN = 0.05


@dataclass(frozen=True)
class MagnificationRequest:
    """The part of the plane, the level of the finest nodes, and what is known of the metric."""

    nodes: MeasuredNodes
    bounds: Bounds
    per_unit: float
    level: int


class MagnificationLayer(MetricLayer):
    """Log10 of sqrt(det G), with G the Fisher metric of the decoder in the plane."""

    key = "magnification"
    title = "Magnification"
    tip = (
        "How fast the decoder's answer p(x|z) changes here: the logarithm of Fisher area per area "
        "of z. One more is ten times as many digits that can be told apart in the same area. "
        "Along bright ridges digits change into others; in dark places a step changes little."
    )
    shortcut = "Shift+G"
    starts_opacity = 0.85
    quantity = (
        "log₁₀ of √det G, Fisher area per unit of z squared; G is the decoder's Fisher metric"
    )
    quantity_in_brief = f"{UNIT}, per unit area"

    def request(
        self, viewpoint: "Viewpoint", view: "View", theme: "Theme"
    ) -> MagnificationRequest | None:
        """The nodes in the view; they lie still while one pans."""
        nodes = self.nodes_of(viewpoint)
        if nodes is None:
            return None
        level = int(np.floor(np.log2(view.per_unit / FINEST)))
        seen = view.bounds.grown(MARGIN)
        return MagnificationRequest(nodes, seen, view.per_unit, level)

    def extent(self, request: Hashable) -> Extent:
        """Where the nodes are."""
        assert isinstance(request, MagnificationRequest)
        return Extent(request.bounds, request.per_unit, request.nodes)

    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Measure few nodes, and then those between them."""
        from model.latent.geometry import log10_magnification
        from model.latent.threads import use_threads

        assert isinstance(request, MagnificationRequest)
        use_threads(1)
        colours = filled()
        for level in range(request.level - COARSE_LEVELS, request.level + 1):
            lattice = lattice_over(request.bounds, level)
            for _ in request.nodes.measure(lattice):
                yield None
            values = log10_magnification(request.nodes.at(lattice))
            picture = colours[steps_of(values, SCALE.low, SCALE.high)]
            # Row 0 of a picture is the highest of the second axis.
            yield Patch(np.ascontiguousarray(picture.T[::-1]), lattice.bounds)

"""The aggregate posterior minus the prior: where the prior samples and no images lie."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.layers.aggregate import AggregateLayer, AggregateRequest, Cells
from vae_gui.plane.layers.layer import ColourScale
from vae_gui.style.colour_maps import signed, signed_ink, steps_of
from vae_gui.style.palette import DARK, Theme
from vae_gui.style.scales import signed_scale

if TYPE_CHECKING:
    from vae_gui.state.viewpoint import Viewpoint

# The prior's density at the origin lies within the scale, so that a hole there can be read.
SCALE = signed_scale(1.0 / (2.0 * math.pi))


class DensityDifferenceLayer(AggregateLayer):
    """The mean of all q(z|x) minus N(z; 0, I)."""

    key = "difference"
    title = "Holes and crowds (q − p)"
    tip = (
        "The aggregate posterior q(z) minus the prior p(z). Blue, a hole: the prior samples here, "
        "but few or no images lie here. Red, a crowd: more images than the prior says."
    )
    shortcut = "D"
    starts_visible = False
    starts_opacity = 1.0
    words = "q(z) − p(z), per unit area"

    def statement(self, viewpoint: "Viewpoint", images: str) -> str:
        """The two densities, and their unit."""
        slice_ = viewpoint.slice
        what = f"mean q({', '.join(slice_.names)} | the others)" if slice_.is_cut else "mean q(z|x)"
        return f"{what} of {images} − N(0, I), per unit area"

    def colours(self, viewpoint: "Viewpoint", theme: Theme) -> ColourScale | None:
        """Those of a difference, on a scale around zero."""
        if viewpoint.document.training is None or viewpoint.slice.dimensions < 2:
            return None
        opacity = viewpoint.appearance.layers[self.key].opacity
        return ColourScale("q(z) − p(z)", "per unit area", SCALE, signed(theme is DARK), opacity)

    def colour(
        self, density: NDArray[np.float32], cells: Cells, request: AggregateRequest
    ) -> NDArray[np.uint32]:
        """The difference on a scale around zero; what exceeds it has the colour of its end."""
        import torch

        from model.latent.aggregate_posterior import prior_on_cells

        prior = prior_on_cells(*(torch.from_numpy(edge) for edge in cells.edges())).numpy()
        difference = density.sum(axis=0) - prior
        return signed_ink(request.theme is DARK)[steps_of(difference, SCALE.low, SCALE.high)]

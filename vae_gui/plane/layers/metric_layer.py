"""What the layers of the Fisher metric have in common: the metric, and why there may be none."""

from typing import TYPE_CHECKING, ClassVar

from vae_gui.plane.layers.layer import NEEDS_A_PLANE, NO_PLANE, PictureLayer
from vae_gui.plane.layers.metric_lattice import MeasuredNodes
from vae_gui.state.plane_decoder import PlaneDecoder

if TYPE_CHECKING:
    from vae_gui.state.viewpoint import Viewpoint


class MetricLayer(PictureLayer):
    """A picture of the decoder's Fisher metric along the plane, measured at nodes.

    Attributes:
        quantity: what is drawn, and of which metric.
        quantity_in_brief: the same in a few words.
    """

    quantity: ClassVar[str]
    quantity_in_brief: ClassVar[str]
    starts_visible = False

    def __init__(self) -> None:
        self._nodes: MeasuredNodes | None = None

    def source(self, viewpoint: "Viewpoint") -> str:
        """What is drawn, and along which plane; or why nothing is."""
        if viewpoint.document.model is None:
            return ""
        slice_ = viewpoint.slice
        if slice_.dimensions < 2:
            return NO_PLANE
        along = f"; along {' and '.join(slice_.names)}, {slice_.fixed()}" if slice_.is_cut else ""
        return f"{self.quantity}{along}"

    def brief(self, viewpoint: "Viewpoint") -> str:
        """The quantity in a few words, or why there is none."""
        if viewpoint.document.model is None:
            return ""
        return NEEDS_A_PLANE if viewpoint.slice.dimensions < 2 else self.quantity_in_brief

    def nodes_of(self, viewpoint: "Viewpoint") -> MeasuredNodes | None:
        """The metric as far as it was measured in this plane; None where there is none."""
        model = viewpoint.document.model
        if model is None or viewpoint.slice.dimensions < 2:
            return None
        decoder = PlaneDecoder(model, viewpoint.slice)
        if self._nodes is None or not self._nodes.is_of(decoder):
            self._nodes = MeasuredNodes(decoder)
        return self._nodes

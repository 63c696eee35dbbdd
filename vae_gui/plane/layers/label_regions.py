"""The regions of labels: p(label|z) from the aggregate posterior."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.plane.layers.aggregate import AggregateLayer, AggregateRequest, Cells
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.palette import class_palette

if TYPE_CHECKING:
    from vae_gui.state.viewpoint import Viewpoint


class LabelRegionsLayer(AggregateLayer):
    """The colour of the likeliest label, as opaque as p(label|z) is certain."""

    key = "regions"
    title = "Label regions"
    tip = (
        "The likeliest label at each place: p(label|z), the share of that label's images in the "
        "aggregate posterior of the training set. The more certain, the more opaque; where there "
        "is less than an image in a unit of area, it fades."
    )
    shortcut = "R"
    starts_visible = False
    starts_opacity = 0.5
    words = "the likeliest label, by q(z|x)"

    def statement(self, viewpoint: "Viewpoint", images: str) -> str:
        """The images used, and the accuracy on the test set."""
        accuracy = viewpoint.document.label_accuracy
        if viewpoint.document.label is not None:
            return f"p(label|z) of {images}"
        return f"p(label|z) of {images}; " + (
            "counting the test digits that lie in a region of their own label …"
            if accuracy is None
            else f"{accuracy} lie in a region of their own label"
            + (", in all dimensions" if viewpoint.slice.is_cut else "")
        )

    def brief(self, viewpoint: "Viewpoint") -> str:
        """How many test digits lie in a region of their own label, once they are counted."""
        accuracy, said = viewpoint.document.label_accuracy, super().brief(viewpoint)
        if accuracy is None or said != self.words:
            return said
        return f"{accuracy.percent} lie in their own region"

    def colour(
        self, density: NDArray[np.float32], cells: Cells, request: AggregateRequest
    ) -> NDArray[np.uint32]:
        """The likeliest label, and by how much it beats chance.

        One more image, spread over each unit of area and shared by all labels, is added: so regions
        fade where no images lie, however certain the tails of the densities are there.
        """
        background = 1.0 / len(request.images)
        chance = 1.0 / len(density)
        share = (density.max(axis=0) + chance * background) / (density.sum(axis=0) + background)
        certainty = np.clip((share - chance) / (1.0 - chance), 0.0, 1.0)
        return with_alpha(class_palette(request.theme)[density.argmax(axis=0)], certainty)

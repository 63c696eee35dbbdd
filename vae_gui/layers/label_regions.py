"""Which label a point of the plane would have: p(label|z) from the aggregate posterior."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from vae_gui.colour_maps import with_alpha
from vae_gui.layers.aggregate import AggregateLayer, Cells
from vae_gui.theme import CLASS_COLOURS


class LabelRegionsLayer(AggregateLayer):
    """The likeliest label's colour, as opaque as it is certain."""

    key = "regions"
    title = "Label regions"
    tip = (
        "The likeliest label at each place: p(label|z), the share of that label's images in the "
        "aggregate posterior of the training set. The more certain, the more opaque."
    )
    shortcut = "R"
    starts_visible = False
    starts_opacity = 0.5

    def source(self) -> str:
        """Of what, and how often it is right."""
        training = self._session.training
        return "" if training is None else f"p(label|z) of {len(training.labels):,} training images"

    def colour(
        self, density: NDArray[np.float32], cells: Cells, on_dark: bool
    ) -> NDArray[np.uint32]:
        """The likeliest label, and by how much it beats chance."""
        total = density.sum(axis=0)
        with np.errstate(invalid="ignore"):
            share = np.where(total > 0.0, density.max(axis=0) / total, 0.0)
        chance = 1.0 / len(density)
        certainty = np.clip((share - chance) / (1.0 - chance), 0.0, 1.0)
        palette = np.array([QColor(colour).rgb() for colour in CLASS_COLOURS], dtype=np.uint32)
        return with_alpha(palette[density.argmax(axis=0)], certainty)

"""Which label a point of the plane would have: p(label|z) from the aggregate posterior."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from vae_gui.plane.layers.aggregate import AggregateLayer, Cells
from vae_gui.state.session import Session
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.theme import CLASS_COLOURS


class LabelRegionsLayer(AggregateLayer):
    """The likeliest label's colour, as opaque as it is certain."""

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

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.label_accuracy_changed.connect(self.changed)

    def statement(self, images: str) -> str:
        """Of what, and how often it is right."""
        accuracy = self._session.label_accuracy
        return f"p(label|z) of {images}; " + (
            "counting the test digits that lie in the region of their label …"
            if accuracy is None
            else f"{accuracy} lie in the region of their label"
            + (", in all dimensions" if self._session.plane.dimensions > 2 else "")
        )

    def _background(self) -> float:
        training = self._session.training
        return 1.0 / (1 if training is None else len(training.labels))

    def colour(
        self, density: NDArray[np.float32], cells: Cells, on_dark: bool
    ) -> NDArray[np.uint32]:
        """The likeliest label, and by how much it beats chance.

        As if one more image, of any label, were spread over each unit of area: so regions fade
        where no images lie, however certain the last of their tails may be.
        """
        background = self._background()
        chance = 1.0 / len(density)
        share = (density.max(axis=0) + chance * background) / (density.sum(axis=0) + background)
        certainty = np.clip((share - chance) / (1.0 - chance), 0.0, 1.0)
        palette = np.array([QColor(colour).rgb() for colour in CLASS_COLOURS], dtype=np.uint32)
        return with_alpha(palette[density.argmax(axis=0)], certainty)

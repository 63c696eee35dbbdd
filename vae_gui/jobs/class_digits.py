"""The ten digits of one z: the reading's point, decoded under each class of a model."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vae_gui.state.viewpoint import Viewpoint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ClassDigits(QObject):
    """Decodes each reading under all classes, in the GUI thread, while somebody looks.

    Attributes:
        images: (10, 28, 28) in [0, 1]; None where there are none.

    Signals:
        changed: there are other images, or none.
    """

    changed = Signal()

    def __init__(self, viewpoint: Viewpoint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._is_wanted = False
        self.images: NDArray[np.float32] | None = None
        viewpoint.reading_changed.connect(self._decode)
        viewpoint.document.model_read.connect(self._decode)

    def want(self, wanted: bool) -> None:
        """Say whether somebody looks."""
        if wanted != self._is_wanted:
            self._is_wanted = wanted
            self._decode()

    def _decode(self) -> None:
        model, reading = self._viewpoint.document.model, self._viewpoint.reading
        decoder = model.class_decoder if model is not None and self._is_wanted else None
        if decoder is not None and reading is not None:
            self.images = decoder.decode(reading.z)
        elif self.images is None:
            return
        else:
            self.images = None
        self.changed.emit()

"""The live decoder: from a moved point to a decoded digit."""

import numpy as np
from PySide6.QtCore import QObject, QTimer

from vae_gui.state.encoded import Reading
from vae_gui.state.viewpoint import Viewpoint


class LiveDecoder(QObject):
    """Decodes the viewpoint's point whenever it moves, in the GUI thread; the newest position wins.

    A decode takes a fraction of a millisecond, less than handing it to a thread would. Moves that
    arrive together are decoded once: the decode waits for the events that are already there.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._decode)
        document = viewpoint.document
        document.model_changed.connect(self._use_one_torch_thread)
        for signal in (viewpoint.point_changed, document.model_changed, document.test_changed):
            signal.connect(self._soon.start)

    def _use_one_torch_thread(self) -> None:
        """Use one torch thread: with two on a busy machine, a decode in a hundred takes 100 ms."""
        model = self._viewpoint.document.model
        if model is not None and model.point_decoder.uses_torch:
            from model.latent.threads import use_threads

            use_threads(1)

    def _decode(self) -> None:
        viewpoint, model = self._viewpoint, self._viewpoint.document.model
        if model is None:
            return
        z = viewpoint.point.astype(np.float32).astype(np.float64)  # as the decoder takes it
        image = model.point_decoder.decode(z)
        is_peek = viewpoint.peek is not None
        viewpoint.set_reading(Reading(z, image, is_peek, viewpoint.nearest_to(z)))

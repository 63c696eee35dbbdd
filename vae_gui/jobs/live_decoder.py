"""From a moved point to a decoded digit."""

import numpy as np
from PySide6.QtCore import QObject, QTimer

from vae_gui.state.reading import Reading
from vae_gui.state.session import Session


class LiveDecoder(QObject):
    """Decodes the session's point whenever it moves, in the GUI thread; the newest position wins.

    A decode takes a fraction of a millisecond, less than handing it to a thread would. Moves that
    arrive together are decoded once: the decode waits for the events that are already there.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._decode)
        session.model_changed.connect(self._use_one_torch_thread)
        session.point_changed.connect(self._soon.start)
        session.digits_changed.connect(self._soon.start)

    def _use_one_torch_thread(self) -> None:
        """For this thread: with two, and a busy machine, one decode in a hundred takes 100 ms."""
        import torch

        torch.set_num_threads(1)

    def _decode(self) -> None:
        session = self._session
        if session.model is None:
            return
        z = session.point.astype(np.float32).astype(np.float64)  # as the decoder takes it
        image = session.model.point_decoder.decode(z)
        session.set_reading(Reading(z, image, session.peek is not None, session.nearest_to(z)))

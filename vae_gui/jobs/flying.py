"""Flying: the probe takes a random walk through z, and the ten digits of a model follow it."""

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from vae_gui.state.encoded import Array
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace

FRAME_MS = 33  # of a step: 30 a second, as the published film has it
PEEK_S = 0.4  # for which the walk waits after the cursor moved over the plane


class Flying(QObject):
    """Moves the probe on by a step of `model.latent.walk.Walk`, thirty times a second.

    Each step is decoded by what decodes for the hand. The hand goes first: whatever else moves the
    probe, or takes hold of the plane, ends the flight, and while the cursor moves over the plane,
    the digits under it are seen. A flight begins at the probe, and each has a seed of its own.

    With more than two latent dimensions it stays in the slice that is shown.

    Attributes:
        seed: of the present flight, or of the last one; or of the first, before there is any.
        start: (D,), where it began; None before there is any.

    Signals:
        changed: a flight begins or ends, or there can be one, or no longer.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint = workspace.viewpoint
        self._time = clock
        self._step: Callable[[], Array] | None = None
        self._place: Array | None = None  # where the flight has set the probe
        self._peeked = -PEEK_S  # when the cursor moved last
        self.seed = 0
        self.start: Array | None = None
        self._clock = QTimer(self, interval=FRAME_MS)
        self._clock.timeout.connect(self._move_on)
        viewpoint.point_changed.connect(self._notice)
        workspace.gesture_began.connect(lambda _: self.stop())
        viewpoint.slice_changed.connect(self.stop)
        viewpoint.document.opened.connect(self._forget)
        viewpoint.document.test_changed.connect(self.changed)

    @property
    def is_possible(self) -> bool:
        """Whether there are ten digits that can follow."""
        model = self._viewpoint.document.model
        return model is not None and model.label is not None

    @property
    def is_flying(self) -> bool:
        """Whether a flight is under way."""
        return self._step is not None

    def start_or_stop(self) -> None:
        """Begin a flight where the probe is, or end the present one."""
        if self.is_flying:
            self.stop()
        elif self.is_possible:
            self._begin()

    def stop(self) -> None:
        """End the flight; the probe stays where it is."""
        self._clock.stop()
        if self._step is not None:
            self._step = None
            self.changed.emit()

    def _begin(self) -> None:
        from model.latent.walk import Walk

        probe = self._viewpoint.probe
        self.seed += self.start is not None
        self.start = self._place = probe
        self._step = Walk(len(probe), self.seed, probe).step
        self._clock.start()
        self.changed.emit()

    def _move_on(self) -> None:
        if self._step is None or self._time() - self._peeked < PEEK_S:
            return
        self._place = in_the_slice(self._viewpoint.slice, self._step())
        self._viewpoint.set_probe(self._place)

    def _notice(self) -> None:
        """Something has moved: the flight itself, the cursor, or the probe by another hand."""
        viewpoint = self._viewpoint
        if self._step is None:
            return
        assert self._place is not None
        if not np.array_equal(viewpoint.probe, self._place):
            self.stop()
        elif viewpoint.peek is not None:
            self._peeked = self._time()

    def _forget(self) -> None:
        """Another model is open: its flights begin anew."""
        self.stop()
        self.seed, self.start = 0, None


def places_of(slice_: Slice, start: Array, seed: int, count: int) -> Array:
    """The first places of the flight that begins at a point (D,): (count, D)."""
    from model.latent.walk import walk

    return in_the_slice(slice_, walk(len(start), count, seed, start))


def in_the_slice(slice_: Slice, z: Array) -> Array:
    """The points of a slice where latent points (..., D) are drawn; up to two dimensions, these."""
    return slice_.to_latent(slice_.to_plane(z)) if slice_.is_cut else z

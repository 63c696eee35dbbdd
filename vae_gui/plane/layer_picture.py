"""The picture of one layer: drawn by a worker, shown as it was until it has been drawn anew."""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QTransform

from vae_gui.jobs.worker import Worker
from vae_gui.plane.canvas import Bounds
from vae_gui.plane.layers.layer import Patch, PictureLayer
from vae_gui.plane.viewport import View
from vae_gui.state.pending import Pending
from vae_gui.style.pixels import image_of

PAUSE_MS = 60  # without a pan or a zoom, until a picture that still covers the view is drawn anew


class LayerPicture(QObject):
    """Has a layer's requests drawn, the newest first, and paints the newest patch.

    While the view changes, the last patch is moved and stretched to where its data are now: its
    places are true at once, and it is sharp again some milliseconds later. During a pan or a zoom
    within what the patch covers, a new one is drawn only when the hand rests: a worker at each step
    would compete with the GUI thread and make each paint twice as long.

    Signals:
        changed: there is another patch to show, or none any more.
        rested: the hand rests; ask again for what is wanted.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    changed = Signal()
    rested = Signal()
    failed = Signal(str, Exception)

    def __init__(
        self, layer: PictureLayer, pending: Pending, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._layer = layer
        self._pending = pending
        self._worker: Worker | None = None
        self._wanted: Hashable = None
        self._shown: tuple[QImage, Patch] | None = None
        self._rested = False
        self._has_expired = False  # what is shown is of weights that are gone
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._rest)

    @property
    def is_shown(self) -> bool:
        """Whether there is a patch to show."""
        return self._shown is not None and not self._has_expired

    @property
    def bounds(self) -> Bounds | None:
        """What the patch covers that is shown; None where there is none."""
        return self._shown[1].bounds if self._shown is not None and self.is_shown else None

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is what was asked for last."""
        is_busy = self._worker is not None and self._worker.busy
        return not is_busy and not self._pause.isActive()

    def ask_for(self, request: Hashable, view: View) -> None:
        """Have a request drawn, unless it is the last one, or what is shown does for a while."""
        if request == self._wanted:
            self._pause.stop()
        elif not self._rested and self._covers(request, view):
            self._pause.start()
        else:
            self._rested = False
            self._pause.stop()
            self._wanted = request
            self._draw(request)
        self._tell_whether_working()

    def paint(self, painter: QPainter, view: View) -> None:
        """Show the newest patch."""
        if self._shown is None or (self._has_expired and not self._layer.lingers):
            return
        image, patch = self._shown
        paint_patch(painter, image, patch, view)

    def forget(self) -> None:
        """Show nothing: what is shown, or on its way, is of a model that is gone."""
        self._pause.stop()
        self._wanted = None
        self._draw(None)
        self._tell_whether_working()

    def expire(self) -> None:
        """Show what there is of other weights no longer, except for a moment where it lingers."""
        self._has_expired = self._shown is not None

    def close(self) -> None:
        """Let the worker go."""
        self._pause.stop()
        if self._worker is not None:
            self._worker.close()
        self._tell_whether_working()

    def _draw(self, request: Hashable) -> None:
        if request is None:
            self._shown, self._has_expired = None, False
            if self._worker is not None:
                self._worker.cancel()  # what is on its way shows what is gone
            self.changed.emit()
            return
        if self._worker is None:
            self._worker = Worker(self)
            self._worker.busy_changed.connect(self._tell_whether_working)
        self._worker.start(lambda: self._layer.draw(request), self._show, self._fail)

    def _tell_whether_working(self) -> None:
        self._pending.set_working(self, not self.is_settled)

    def _covers(self, request: Hashable, view: View) -> bool:
        """Whether the picture that was asked for last does for this view."""
        if request is None or self._wanted is None:
            return False
        new, old = self._layer.extent(request), self._layer.extent(self._wanted)
        return new is not None and old is not None and old.does_for(new, view.bounds)

    def _rest(self) -> None:
        self._rested = True
        self.rested.emit()
        self._tell_whether_working()  # a layer that was hidden meanwhile is not asked again

    def _show(self, patch: object) -> None:
        if patch is None:
            return
        assert isinstance(patch, Patch)
        # The image is a view of the picture's memory, which the patch keeps.
        self._shown = (image_of(patch.picture), patch)
        self._has_expired = False
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._shown = None  # show nothing rather than a stale picture
        self.changed.emit()
        self.failed.emit(f"The layer “{self._layer.title}” could not be drawn: {error}.", error)


def paint_patch(painter: QPainter, image: QImage, patch: Patch, view: View) -> None:
    """Show a patch, given its pixels as an image, where its data are in a view."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, patch.smooth)
    place = view.rect_of(patch.bounds)
    if patch.turn is not None:
        place.moveCenter(QPointF())
        painter.setTransform(_turned(patch.bounds, patch.turn, view), True)
    painter.drawImage(place, image, QRectF(image.rect()))


def _turned(bounds: Bounds, turn: NDArray[np.float64], view: View) -> QTransform:
    """From pixels around the middle of an unturned rectangle to where they are in the view.

    The rows of pixels count downwards, the second axis of the plane upwards.
    """
    (a, b), (c, d) = turn.tolist()
    middle = view.pixel_of(*(turn @ bounds.centre).tolist())
    return QTransform(a, -c, -b, d, middle.x(), middle.y())

"""What every layer of the plane is: a name, a source, and a way to paint itself."""

from abc import abstractmethod
from collections.abc import Generator, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from vae_gui.jobs.worker import Worker
from vae_gui.plane.layers.discs import Picture
from vae_gui.plane.marks import Array, Mark
from vae_gui.plane.viewport import Bounds, View
from vae_gui.state.session import Session
from vae_gui.style.theme import Theme

# What a layer says of itself that cannot be drawn with one latent dimension.
NO_PLANE = "not drawn: one latent dimension has no plane"
PAUSE_MS = 60  # without a pan or a zoom, until a picture that still covers the view is drawn anew
STRETCH = 2.0  # how much larger or smaller than it was drawn a picture may be shown until then


class Layer(QObject):
    """One kind of mark in the plane.

    What is abstract in it every layer writes. mypy refuses to make one that does not; Qt's classes
    leave no room for ABCMeta, which would refuse it at run time.

    Attributes:
        key: what settings know it by.
        title: what the user knows it by.
        tip: what it shows, in a sentence or two.
        shortcut: the key that switches it.
        starts_visible: whether it is there before the user says anything.
        starts_opacity: how opaque it is then; None where opacity makes no sense.

    Signals:
        changed: it would paint itself differently now.
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    key = ""
    title = ""
    tip = ""
    shortcut = ""
    starts_visible = True
    starts_opacity: float | None = None

    changed = Signal()
    failed = Signal(str, Exception)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def source(self) -> str:
        """Where its marks come from, in data; empty where there is nothing to show."""
        return ""

    def _cut(self) -> str:
        """Of which dimensions, where the plane does not show all of them."""
        return ", in z1 and z2" if self._session.plane.dimensions > 2 else ""

    def marks(self) -> list[tuple[Mark, Array]]:
        """What of it moves with the hand, and where in the plane (2,): painted above all layers."""
        return []

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way that would change what is shown."""
        return True

    def close(self) -> None:
        """The plane goes: cancel what is under way."""

    @abstractmethod
    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw it, in the viewport's pixels. Takes a millisecond or two, in the GUI thread."""


@dataclass(frozen=True)
class Extent:
    """What a request covers, at how many pixels a unit, and all else that it depends on."""

    bounds: Bounds
    per_unit: float
    manner: Hashable

    def does_for(self, other: "Extent", view: View) -> bool:
        """Whether this picture can be shown for a while in a view that the other is wanted for."""
        stretched = other.per_unit / self.per_unit
        return (
            self.manner == other.manner
            and 1.0 / STRETCH <= stretched <= STRETCH
            and self.bounds.contains(view.bounds)
        )


@dataclass(frozen=True)
class Patch:
    """A picture of a part of the plane.

    Attributes:
        picture: its pixels; row 0 is the highest z2.
        bounds: what it shows.
        smooth: whether it is to be smoothed where the screen has more pixels than it.
    """

    picture: Picture
    bounds: Bounds
    smooth: bool = True


class PictureLayer(Layer):
    """A layer that a worker draws: shown as it was until it has been drawn anew.

    While the view changes, the last patch is moved and stretched to where its data now are: true in
    place, and sharp again some milliseconds later. While one pans or zooms within what it covers, a
    new one is only drawn when the hand rests: a worker at each step would take the processor from
    the hand, and make each paint twice as long.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._worker: Worker | None = None
        self._wanted: tuple[Hashable, int] | None = None
        self._shown: tuple[QImage, Patch] | None = None
        self._version = 0
        self._rested = False
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._rest)

    @abstractmethod
    def request(self, view: View, theme: Theme) -> Hashable:
        """All that the picture depends on, beside the data; None where there is nothing to draw."""

    def extent(self, request: Hashable) -> Extent | None:
        """What a picture covers and how it is drawn; None if it cannot do for another view."""
        return None

    @abstractmethod
    def draw(self, request: Hashable) -> Generator[Patch | None, None, None]:
        """Draw the picture, coarse ones before fine ones. Runs in the worker; no Qt in it.

        What takes long yields None now and then: there it ends if it is not wanted any more.
        """

    def renew(self) -> None:
        """The data have changed."""
        self._version += 1
        self.changed.emit()

    @property
    def is_settled(self) -> bool:
        """Whether the worker rests, and will."""
        return not self._pause.isActive() and (self._worker is None or not self._worker.busy)

    def close(self) -> None:
        """Let the worker go."""
        self._pause.stop()
        if self._worker is not None:
            self._worker.close()

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Show the newest patch, and have a better one drawn if there could be one."""
        self._ask_for(self.request(view, theme), view)
        if self._shown is None:
            return
        image, patch = self._shown
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, patch.smooth)
        painter.drawImage(view.rect_of(patch.bounds), image, QRectF(image.rect()))

    def _ask_for(self, request: Hashable, view: View) -> None:
        wanted = None if request is None else (request, self._version)
        if wanted == self._wanted:
            self._pause.stop()
            return
        if not self._rested and self._covers(wanted, view):
            self._pause.start()
            return
        self._rested = False
        self._pause.stop()
        self._wanted = wanted
        if request is None:
            self._shown = None
            if self._worker is not None:
                self._worker.cancel()  # what is on its way shows what is gone
            return
        if self._worker is None:
            self._worker = Worker(self)
        self._worker.start(lambda: self.draw(request), self._show, self._fail)

    def _covers(self, wanted: tuple[Hashable, int] | None, view: View) -> bool:
        """Whether the picture that was asked for last does for this view."""
        if wanted is None or self._wanted is None or wanted[1] != self._wanted[1]:
            return False
        new, old = self.extent(wanted[0]), self.extent(self._wanted[0])
        if new is None or old is None:
            return False
        return old.does_for(new, view)

    def _rest(self) -> None:
        self._rested = True
        self.changed.emit()

    def _show(self, patch: object) -> None:
        if patch is None:
            return
        assert isinstance(patch, Patch)
        height, width = patch.picture.shape
        image = QImage(
            patch.picture.data,
            width,
            height,
            4 * width,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        self._shown = (image, patch)  # the image is a view of the picture's memory
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._shown = None  # rather nothing than what is not so any more
        self.changed.emit()
        self.failed.emit(f"The layer “{self.title}” could not be drawn: {error}.", error)

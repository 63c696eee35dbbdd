"""Two chains over the exact posterior: all states so far as a cloud, the last ones as a trail."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from vae_gui.plane.marks import Mark
from vae_gui.plane.viewport import View
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.palette import Theme, rgb
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import faded

if TYPE_CHECKING:
    from vae_gui.state.chains import Chain, Course
    from vae_gui.state.encoded import Array
    from vae_gui.state.viewpoint import Viewpoint

TRAIL = 12  # states
FAINTEST, EACH, STRONGEST = 0.6, 0.1, 0.95  # opacity of one state, more with each at its place
GROUND = 0.35  # of what lies around the dots
DOT, HEAD, LINE, HALO = 4.0, 4.5, 1.8, 4.0  # pixels


@dataclass(frozen=True, eq=False)
class Cloud:
    """All states of a chain, as dots of three pixels.

    Attributes:
        z: (K, 2).
        index: 0 for pseudo-Gibbs, 1 for Metropolis-within-Gibbs.
    """

    z: "Array"
    index: int

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they cover."""
        return _around(view.to_pixels(self.z), DOT)

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw the picture, which is made once for each view of these states."""
        part = view.rect_of(view.bounds).toAlignedRect().intersected(self.bounds(centre, view))
        if not part.isEmpty():
            painter.drawImage(part.topLeft(), _picture(self, view, theme))


@lru_cache(maxsize=4)
def _picture(cloud: Cloud, view: View, theme: Theme) -> QImage:
    """The dots in the part of a view that has any: the more states in a pixel, the more opaque.

    Only pixels of dots are touched: a frame with thousands of states takes a few milliseconds.
    """
    part = view.rect_of(view.bounds).toAlignedRect().intersected(cloud.bounds(QPointF(), view))
    ratio = max(1, round(view.ratio))
    width, height = part.width() * ratio, part.height() * ratio
    spots = np.floor((view.to_pixels(cloud.z) - (part.x(), part.y())) * ratio).astype(np.int64)
    inside = np.all((spots >= 0) & (spots < (width, height)), axis=1)
    columns, rows = spots[inside].T
    edge = 2 * ratio  # around the picture, so that no dot leaves it
    wide = width + 2 * edge
    places, counts = np.unique((rows + edge) * wide + columns + edge, return_counts=True)
    order = np.argsort(counts, kind="stable")  # of two at one pixel, the last remains
    strength = np.minimum(FAINTEST + EACH * (counts[order] - 1), STRONGEST)
    inks = _inks(theme.chains[cloud.index])[(255.0 * strength).astype(np.uint8)]
    pixels = np.zeros((height + 2 * edge, wide), dtype=np.uint32)
    flat, middles = pixels.reshape(-1), places[order, None]
    flat[middles + _square(2 * ratio, wide)] = _inks(theme.surface)[round(255 * GROUND)]
    flat[middles + _square(ratio, wide)] = inks[:, None]
    image = image_of(np.ascontiguousarray(pixels[edge:-edge, edge:-edge])).copy()
    image.setDevicePixelRatio(ratio)
    return image


def _square(reach: int, width: int) -> NDArray[np.intp]:
    """From the middle of a square to all of its pixels, in a flat picture so wide."""
    steps = np.arange(-reach, reach + 1)
    return np.asarray((steps[:, None] * width + steps).reshape(-1))


@dataclass(frozen=True, eq=False)
class Trail:
    """The last states of a chain, joined by lines that fade, and the last of all.

    Attributes:
        z: (K, 2), the last one at the end.
        index: as of a cloud.
    """

    z: "Array"
    index: int

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that it covers."""
        return _around(view.to_pixels(self.z), (HEAD + HALO) * view.magnification)

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw the lines on a halo, the newest most opaque; a disc or a square at the end."""
        points = [QPointF(*place) for place in view.to_pixels(self.z).tolist()]
        colour, times = theme.chains[self.index], view.magnification
        for ink, width in ((theme.surface, HALO), (colour, LINE)):
            for age, (end, start) in enumerate(zip(points[:0:-1], points[-2::-1], strict=True)):
                painter.setPen(QPen(faded(ink, 1.0 - age / TRAIL), width * times))
                painter.drawLine(start, end)
        painter.setPen(QPen(QColor(theme.surface), LINE * times))
        painter.setBrush(QColor(colour))
        radius = HEAD * times
        corner = QPointF(radius, radius)
        if self.index:
            painter.drawRect(QRectF(points[-1] - corner, points[-1] + corner))
        else:
            painter.drawEllipse(points[-1], radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class ChainMarks:
    """Makes the marks of the chains, once after each step."""

    def __init__(self) -> None:
        self._made: tuple[Course, list[tuple[Mark, Array]]] | None = None

    def of(self, viewpoint: "Viewpoint") -> "list[tuple[Mark, Array]]":
        """Both clouds, and above them both trails."""
        chains = viewpoint.inference.chains
        course = chains.course
        if course is None or not chains.is_wanted:
            return []
        if self._made is None or self._made[0] is not course:
            both = tuple(enumerate((course.pseudo, course.metropolis)))
            clouds = [_at_its_end(Cloud(chain.z, index), chain) for index, chain in both]
            trails = [_at_its_end(Trail(chain.z[-TRAIL:], index), chain) for index, chain in both]
            self._made = course, [*clouds, *trails]
        return list(self._made[1])


def _at_its_end(mark: Mark, chain: "Chain") -> "tuple[Mark, Array]":
    return mark, chain.z[-1]


def _around(places: "Array", room: float) -> QRect:
    """The pixels around places (K, 2), and so many more on each side; no more than a screen has."""
    limited = np.clip(places, -1e5, 1e5)
    (left, top), (right, bottom) = limited.min(axis=0).tolist(), limited.max(axis=0).tolist()
    rect = QRectF(left, top, right - left, bottom - top)
    return rect.adjusted(-room, -room, room, room).toAlignedRect()


@cache
def _inks(colour: str) -> NDArray[np.uint32]:
    """A colour in 256 steps of opacity, premultiplied."""
    return with_alpha(np.full(256, rgb(colour), dtype=np.uint32), np.arange(256) / 255.0)

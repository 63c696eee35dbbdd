"""Two chains over the exact posterior: all states so far as a cloud, the last ones as a trail."""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from vae_gui.plane.canvas import Bounds
from vae_gui.plane.marks import Mark
from vae_gui.plane.viewport import View
from vae_gui.style.colour_maps import with_alpha
from vae_gui.style.palette import Theme, rgb
from vae_gui.style.theme import faded

if TYPE_CHECKING:
    from vae_gui.state.chains import Chain, Course
    from vae_gui.state.encoded import Array
    from vae_gui.state.viewpoint import Viewpoint

TRAIL = 12  # states
FAINTEST, EACH, STRONGEST = 0.6, 0.1, 0.95  # opacity of one state, more with each at its place
GROUND = 0.35  # of what lies around the dots
EDGE = 2  # pixels around the middle of a dot
DOT, LINE, HALO = 4.0, 1.8, 4.0  # pixels
HEADS = (6.5, 3.5)  # of the disc and, above it, the square: where both chains are, both are seen


@dataclass(frozen=True, eq=False)
class Cloud:
    """All states of a chain, as dots of three pixels.

    Attributes:
        z: (K, 2).
        index: 0 for pseudo-Gibbs, 1 for Metropolis-within-Gibbs.
    """

    z: "Array"
    index: int

    @cached_property
    def corners(self) -> "Array":
        """The lower left and the upper right corner of all states, (2, 2)."""
        return np.stack([self.z.min(axis=0), self.z.max(axis=0)])

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they cover."""
        return _around(view.to_pixels(self.corners), DOT)

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw the picture, which lies still under the dots while one pans."""
        ratio = max(1, round(view.ratio))
        scale = float(f"{view.per_unit * ratio:.9g}")  # rounding in a pan is no other scale
        part = _part(self.corners, view.bounds, scale, EDGE * ratio)
        if part is None:
            return
        picture = _picture(self, scale, part, ratio, theme)
        left, top = part[0] / scale - view.bounds.left, part[1] / scale + view.bounds.high
        x, y = (round(ratio * view.per_unit * along) / ratio for along in (left, top))
        painter.drawImage(QPointF(view.left + x, view.top + y), picture)


def _part(
    corners: "Array", seen: Bounds, scale: float, edge: int
) -> tuple[int, int, int, int] | None:
    """The part of the plane that has dots and is seen, or lies up to half as far beside that.

    In the screen's own pixels from the origin, to the right and down: left, top, right, bottom.
    The corners are whole multiples of half of what is seen, or the ends of the dots, and so are
    the same until one has panned farther. None where nothing is seen.
    """
    places = corners * (scale, -scale)
    lowest, highest = np.floor(places.min(axis=0)) - edge, np.floor(places.max(axis=0)) + edge + 1
    size = np.rint(np.array([seen.width, seen.height]) * scale)
    half = np.maximum(size // 2, 1)
    start = np.floor((np.array([seen.left, -seen.high]) * scale - edge) / half) * half
    first, last = np.maximum(lowest, start), np.minimum(highest, start + 3 * half + 2 * edge + 2)
    if np.any(first >= last):
        return None
    left, top, right, bottom = np.concatenate([first, last]).astype(int).tolist()
    return left, top, right, bottom


@lru_cache(maxsize=4)
def _picture(
    cloud: Cloud, scale: float, part: tuple[int, int, int, int], ratio: int, theme: Theme
) -> QImage:
    """The dots in a part of the plane: the more states in a pixel, the more opaque.

    Only pixels of dots are touched: thousands of states take a few milliseconds.
    """
    left, top, right, bottom = part
    edge = EDGE * ratio  # around the picture, so that no dot leaves it
    wide, high = right - left + 2 * edge, bottom - top + 2 * edge
    spots = np.floor(cloud.z * (scale, -scale)).astype(np.int64) - (left - edge, top - edge)
    inside = np.all((spots >= edge) & (spots < (wide - edge, high - edge)), axis=1)
    columns, rows = spots[inside].T
    places, counts = np.unique(rows * wide + columns, return_counts=True)
    order = np.argsort(counts, kind="stable")  # of two at one pixel, the last remains
    strength = np.minimum(FAINTEST + EACH * (counts[order] - 1), STRONGEST)
    inks = _inks(theme.chains[cloud.index])[(255.0 * strength).astype(np.uint8)]
    image = QImage(wide, high, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    flat = np.frombuffer(image.bits(), dtype=np.uint32)
    middles = places[order, None]
    flat[middles + _square(edge, wide)] = _inks(theme.surface)[round(255 * GROUND)]
    flat[middles + _square(ratio, wide)] = inks[:, None]
    image = image.copy(edge, edge, right - left, bottom - top)
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
        return _around(view.to_pixels(self.z), (HEADS[self.index] + HALO) * view.magnification)

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
        radius = HEADS[self.index] * times
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

"""The marks that follow the hand: probe, nearest and chosen digit, and those of layers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen

from vae_gui.plane.viewport import View
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme

Array = NDArray[np.float64]
HALO_WIDTH, LINE_WIDTH = 5.0, 2.0
MERGED = 2  # how much larger one rectangle may be than the parts that it is painted for


class Mark(Protocol):
    """Something small that is painted around a place."""

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that it covers in a view."""

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw it on a halo, which sets it off from points of any colour."""


@dataclass(frozen=True)
class Ring:
    """A ring of fixed size on the screen.

    Attributes:
        radius: of the ring, in pixels.
        ticks: whether it has four ticks, as a sight.
        ink: the name of its colour in the theme.
    """

    radius: float
    ticks: bool = False
    ink: str = "text"

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that it covers."""
        corner = QPointF(self.reach, self.reach) * view.magnification
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw the ring, which is always the same picture."""
        ink: str = getattr(theme, self.ink)
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            painter.save()
            painter.translate(centre)
            painter.scale(view.magnification, view.magnification)
            self.draw(painter, QPointF(), ink, theme.surface)
            painter.restore()
            return
        ratio = painter.device().devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)  # between pixels too
        corner = QPointF(self.reach, self.reach) * view.magnification
        picture = _picture(self, ink, theme.surface, ratio, view.magnification)
        painter.drawImage(centre - corner, picture)

    @property
    def reach(self) -> int:
        """How far it and its halo reach from the middle, in pixels, in its usual size."""
        return math.ceil(self.radius) + 8

    def draw(self, painter: QPainter, centre: QPointF, ink: str, halo: str) -> None:
        """Draw the halo, and the ring on it."""
        for colour, width in ((halo, HALO_WIDTH), (ink, LINE_WIDTH)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(centre, self.radius, self.radius)
            if self.ticks:
                self._draw_ticks(painter, centre)

    def _draw_ticks(self, painter: QPainter, centre: QPointF) -> None:
        near, far = self.radius - 3.0, self.radius + 4.0
        for x, y in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            painter.drawLine(
                centre + QPointF(near * x, near * y), centre + QPointF(far * x, far * y)
            )


@lru_cache(maxsize=32)
def _picture(ring: Ring, ink: str, halo: str, ratio: float, times: float) -> QImage:
    """A ring, `times` as large as usual, in the middle of an image of `ratio` pixels to a pixel."""
    side = 2 * ring.reach
    pixels = round(side * times * ratio)
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(times, times)
    ring.draw(painter, QPointF(side / 2, side / 2), ink, halo)
    painter.end()
    return image


PROBE = Ring(radius=9.0, ticks=True)
NEAREST = Ring(radius=5.0)
CHOSEN = Ring(radius=6.5, ink="accent")
MODE = Ring(radius=11.0, ink="posterior")
LED = Ring(radius=3.0, ticks=True)
"""Where one looks in this plane while the hand is over the other one."""


class Marks(QObject):
    """The marks and their places in the plane.

    They move with the reading, so that mark and digit are painted together, once.

    Signals:
        moved: one of them moved, appeared or went.
    """

    moved = Signal()

    def __init__(
        self,
        viewpoint: Viewpoint,
        of_layers: Callable[[], list[tuple[Mark, Array]]],
        parent: QObject | None = None,
    ) -> None:
        """Follow a viewpoint; `of_layers` gives the marks of the layers that are shown."""
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self._of_layers = of_layers
        self.places: list[tuple[Mark, Array]] = []
        """The marks to draw, from the lowest to the highest, with their places (2,)."""
        self._viewpoint.point_changed.connect(self._move_without_model)
        for signal in (
            self._viewpoint.reading_changed,
            self._document.model_changed,
            self._document.test_changed,
            self._document.glided,
            self._viewpoint.slice_changed,
            self._viewpoint.selection_changed,
            self._appearance.layers_changed,
            viewpoint.inference.encoder.changed,
            viewpoint.inference.encoder.wanted_changed,
            viewpoint.inference.chains.changed,
            viewpoint.inference.chains.wanted_changed,
        ):
            signal.connect(self.move)

    def move(self) -> None:
        """Find where all marks are now."""
        places = self._of_layers()
        if self._viewpoint.selected is not None and self._document.test is not None:
            places.append((CHOSEN, self._viewpoint.place_of(self._viewpoint.selected)))
        if self._viewpoint.reading is not None and self._viewpoint.reading.nearest is not None:
            places.append(
                (NEAREST, self._viewpoint.place_of(self._viewpoint.reading.nearest.index))
            )
        if self._viewpoint.is_led and self._viewpoint.peek is not None:
            places.append((LED, self._viewpoint.slice.to_plane(self._viewpoint.peek)))
        places.append((PROBE, self._viewpoint.slice.to_plane(self._viewpoint.probe)))
        self.places = places
        self.moved.emit()

    def _move_without_model(self) -> None:
        if self._document.model is None:
            self.move()


def merged(parts: list[QRect]) -> list[QRect]:
    """The rectangles, or one around all of them where that is not much larger.

    One is painted much faster than a region of many.
    """
    around = QRect()
    for part in parts:
        around |= part
    return [around] if _area(around) <= MERGED * sum(map(_area, parts)) else parts


def _area(part: QRect) -> int:
    return part.width() * part.height()

"""What follows the hand: the probe, the nearest and the chosen digit, marks of layers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.session import Session
from vae_gui.theme import Theme

Array = NDArray[np.float64]
HALO_WIDTH, LINE_WIDTH = 5.0, 2.0


class Mark(Protocol):
    """Something small that is painted around a place."""

    def bounds(self, centre: QPointF, per_unit: float) -> QRect:
        """The pixels that it covers; `per_unit` is how many pixels a unit of z has."""

    def paint(self, painter: QPainter, centre: QPointF, per_unit: float, theme: Theme) -> None:
        """Draw it in the text's colour on a halo, so that it shows on points of any."""


@dataclass(frozen=True)
class Ring:
    """A ring of fixed size on the screen.

    Attributes:
        radius: of the ring, in pixels.
        ticks: whether four ticks make a sight of it.
        is_choice: whether it has the colour of what was chosen.
    """

    radius: float
    ticks: bool = False
    is_choice: bool = False

    def bounds(self, centre: QPointF, per_unit: float) -> QRect:
        """The pixels that it covers."""
        reach = self.radius + 8.0
        corner = QPointF(reach, reach)
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, per_unit: float, theme: Theme) -> None:
        """Draw the ring."""
        ink = theme.accent if self.is_choice else theme.text
        for colour, width in ((theme.surface, HALO_WIDTH), (ink, LINE_WIDTH)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(centre, self.radius, self.radius)
            if self.ticks:
                self._paint_ticks(painter, centre)

    def _paint_ticks(self, painter: QPainter, centre: QPointF) -> None:
        near, far = self.radius - 3.0, self.radius + 4.0
        for x, y in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            painter.drawLine(
                centre + QPointF(near * x, near * y), centre + QPointF(far * x, far * y)
            )


PROBE = Ring(radius=9.0, ticks=True)
NEAREST = Ring(radius=5.0)
CHOSEN = Ring(radius=6.5, is_choice=True)


class Marks(QObject):
    """Where the marks are, in the plane's units.

    With a model, they move when its reading does: mark and digit are painted together, once.

    Signals:
        moved: one of them moved, appeared or went.
    """

    moved = Signal()

    def __init__(
        self,
        session: Session,
        of_layers: Callable[[], list[tuple[Mark, Array]]],
        parent: QObject | None = None,
    ) -> None:
        """Follow a session; `of_layers` gives the marks of the layers that are shown."""
        super().__init__(parent)
        self._session = session
        self._of_layers = of_layers
        session.point_changed.connect(self._move_without_model)
        for signal in (
            session.reading_changed,
            session.model_changed,
            session.digits_changed,
            session.selection_changed,
            session.layers_changed,
        ):
            signal.connect(self.moved)

    def _move_without_model(self) -> None:
        if self._session.model is None:
            self.moved.emit()

    def places(self) -> list[tuple[Mark, Array]]:
        """The marks to draw, from the lowest to the highest, with their places (2,)."""
        session = self._session
        found = self._of_layers()
        if session.selected is not None and session.digits is not None:
            found.append((CHOSEN, session.place_of(session.selected)))
        if session.reading is not None and session.reading.nearest is not None:
            found.append((NEAREST, session.place_of(session.reading.nearest.index)))
        return [*found, (PROBE, session.plane.to_plane(session.probe))]

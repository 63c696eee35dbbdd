"""How far q(z|x) reaches: its ellipses of one and two standard deviations, in data units."""

from collections.abc import Generator, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from vae_gui.plane.layers.discs import draw_discs
from vae_gui.plane.layers.layer import Extent, Layer, Patch, PictureLayer
from vae_gui.plane.marks import HALO_WIDTH, LINE_WIDTH, Mark
from vae_gui.plane.viewport import Canvas, View
from vae_gui.state.encoded import EncodedDigits
from vae_gui.state.session import Session
from vae_gui.style.theme import CLASS_COLOURS, Theme

Array = NDArray[np.float64]

# In a plane they hold 39 and 86 % of the mass of q(z|x).
SIGMAS = (1.0, 2.0)
TIP = "1 and 2 standard deviations of q(z|x), in data units: they hold 39 and 86 % of its mass."


@dataclass(frozen=True)
class Ellipses:
    """Where q(z|x) has 39 % of its mass, and 86 %: one and two standard deviations.

    Attributes:
        spread: the standard deviations along z1 and z2, in units of z.
    """

    spread: tuple[float, float]

    def bounds(self, centre: QPointF, per_unit: float) -> QRect:
        """The pixels that they cover."""
        x, y = (SIGMAS[-1] * per_unit * part + HALO_WIDTH for part in self.spread)
        corner = QPointF(x, y)
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, per_unit: float, theme: Theme) -> None:
        """Draw both, the inner one solid."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((theme.surface, HALO_WIDTH), (theme.accent, LINE_WIDTH)):
            for sigmas in SIGMAS:
                painter.setPen(QPen(QColor(colour), width / sigmas))
                x, y = (sigmas * per_unit * part for part in self.spread)
                painter.drawEllipse(centre, x, y)


class PosteriorEllipsesLayer(Layer):
    """Those of the digit under the hand, and of the chosen one. They move with the hand."""

    key = "ellipses"
    title = "Ellipses of q(z|x)"
    tip = f"Of the chosen digit, and of the one nearest to the cursor or the probe: {TIP}"
    shortcut = "E"

    def source(self) -> str:
        """Of which digits."""
        if self._session.digits is None:
            return ""
        return f"chosen and nearest test digit{self._cut()}"

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Nothing of it lies still."""

    def marks(self) -> list[tuple[Mark, Array]]:
        """Of one digit or two."""
        session = self._session
        if session.digits is None:
            return []
        nearest = session.reading.nearest if session.reading else None
        indices = {session.selected, nearest.index if nearest else None}
        return [
            (Ellipses(spread_of(session.digits, index)), session.place_of(index))
            for index in indices
            if index is not None
        ]


def spread_of(digits: EncodedDigits, index: int) -> tuple[float, float]:
    """The standard deviations of a digit's q(z|x) along the axes; with one dimension, a line."""
    first, *others = digits.spreads[index]
    return float(first), float(others[0]) if others else 0.0


@dataclass(frozen=True)
class _Request:
    canvas: Canvas
    width: float  # of a line, in pixels of the canvas
    hidden_classes: frozenset[int]


class ClassEllipsesLayer(PictureLayer):
    """Those of every test digit of the classes that are shown."""

    key = "class_ellipses"
    title = "Ellipses of all"
    tip = f"Of each test digit of the classes that are shown: {TIP}"
    shortcut = "Shift+E"
    starts_visible = False
    starts_opacity = 0.85

    MARGIN = 0.1
    WIDTH = 1.3  # of a line, in pixels
    SPACING = 0.7  # of the discs that a line is made of, in pixels
    LARGEST = 2000.0  # discs in a line; if it is longer, they lie farther apart
    MOST = 2_000_000  # discs in all: a model that knows nothing would ask for 4 GB of them

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.digits_changed.connect(self.renew)
        session.classes_changed.connect(self.changed)

    def source(self) -> str:
        """Of which digits."""
        digits, hidden = self._session.digits, self._session.hidden_classes
        if digits is None:
            return ""
        shown = int((~np.isin(digits.labels, list(hidden))).sum())
        return f"{shown:,} test digits{self._cut()}"

    def request(self, view: View, theme: Theme) -> Hashable:
        """Another picture for each view: lines have their width on the screen."""
        if self._session.digits is None:
            return None
        width = self.WIDTH * view.ratio
        return _Request(view.canvas(self.MARGIN), width, self._session.hidden_classes)

    def extent(self, request: Hashable) -> Extent:
        """Where the ellipses are, and at which scale."""
        assert isinstance(request, _Request)
        canvas = request.canvas
        return Extent(canvas.bounds, canvas.per_unit, (request.width, request.hidden_classes))

    def draw(self, request: Hashable) -> Generator[Patch, None, None]:
        """Draw the outlines of those that are seen, as rows of discs."""
        assert isinstance(request, _Request)
        digits = self._session.digits
        if digits is None:
            return
        canvas = request.canvas
        centres = canvas.to_pixels(self._session.plane.place_digits(digits.means, digits.labels))
        radii = np.zeros_like(centres)
        radii[:, : digits.spreads.shape[1]] = digits.spreads[:, :2] * canvas.per_unit
        shown = ~np.isin(digits.labels, list(request.hidden_classes))
        reach = SIGMAS[-1] * radii
        shown &= np.all((centres > -reach) & (centres < np.array(canvas.size) + reach), axis=1)
        dots, colours = self._outlines(centres[shown], radii[shown], digits.labels[shown])
        palette = np.array([QColor(colour).rgb() for colour in CLASS_COLOURS], dtype=np.uint32)
        picture = draw_discs(dots, colours, palette, request.width, canvas.size)
        yield Patch(picture, canvas.bounds, smooth=False)

    def _outlines(
        self, centres: Array, radii: Array, labels: NDArray[np.integer]
    ) -> tuple[Array, NDArray[np.integer]]:
        """Points along all ellipses, (M, 2), and the class of each, (M,)."""
        parts, colours = [centres[:0]], [labels[:0]]
        reach = radii.max(axis=1, initial=0.0)
        wanted = [self._discs(sigmas * reach) for sigmas in SIGMAS]
        part = min(1.0, self.MOST / max(1.0, float(np.sum(wanted))))
        for sigmas, discs in zip(SIGMAS, wanted, strict=True):
            # In few groups of ellipses with as many points each.
            counts = 2 ** np.ceil(np.log2(np.maximum(8.0, part * discs)))
            for count in np.unique(counts).astype(int):
                some = counts == count
                angles = np.linspace(0.0, 2.0 * np.pi, count, endpoint=False)
                circle = sigmas * np.stack([np.cos(angles), np.sin(angles)], axis=1)
                parts.append((centres[some, None] + radii[some, None] * circle).reshape(-1, 2))
                colours.append(np.repeat(labels[some], count))
        return np.concatenate(parts), np.concatenate(colours)

    def _discs(self, reach: Array) -> Array:
        """How many discs make a closed line around ellipses that reach so far, (N,), in pixels."""
        discs: Array = np.clip(2.0 * np.pi * reach / self.SPACING, 8.0, self.LARGEST)
        return discs

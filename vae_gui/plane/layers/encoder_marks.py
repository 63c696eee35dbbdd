"""The encoder's q(z|x) over the exact posterior, and the best Gaussian beside it."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from vae_gui.plane.layers.posterior_ellipses import SIGMAS
from vae_gui.plane.layers.posterior_marks import Ellipses
from vae_gui.plane.marks import HALO_WIDTH, LINE_WIDTH, Mark
from vae_gui.plane.viewport import View
from vae_gui.state.class_words import q_of_z
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

if TYPE_CHECKING:
    from model.latent.best_gaussian import Gaussian
    from vae_gui.state.encoded import Array
    from vae_gui.state.viewpoint import Viewpoint

BEST, TURNED, EXACT = "best", "best, turned axes", "exact"
DASHES = (4.0, 3.0)
LEAST_TURN = 0.005  # nats that turned axes must gain to be drawn
LEAST = 40.0  # pixels across, from which on an ellipse is named
APART = 80.0  # pixels from one to another, from which on even small ones are
RING = 14.0  # pixels that the ring of a digit, a mode or the probe takes
PADDING, GAP, LINE, LETTER = 4.0, 4.0, 24.0, 10.0  # pixels


@dataclass(frozen=True)
class Name:
    """What ellipses are, written beside them where they are large enough to be told apart.

    Attributes:
        text: the name.
        reach: half the width and height of what it stands beside, in the plane's units.
        side: (x, y), each -1, 0 or 1: where it stands, against that; y counts upwards.
        ink: the name of its colour in the theme.
        apart: how far it is from another that is named, in the plane's units.
    """

    text: str
    reach: tuple[float, float]
    side: tuple[int, int]
    ink: str
    apart: float = 0.0

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that it may cover."""
        x, y = self._reach(view)
        room = LINE * view.magnification
        wide = (2.0 * GAP + 2.0 * PADDING + LETTER * len(self.text)) * view.magnification
        corner = QPointF(x + wide, y + room)
        return QRectF(centre - corner, centre + corner).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Write it on a plate."""
        is_large = 2.0 * view.per_unit * max(self.reach) >= LEAST
        if not is_large and view.per_unit * self.apart < APART:
            return
        reach = self._reach(view)
        metrics = QFontMetricsF(painter.font())
        width = metrics.horizontalAdvance(self.text) + 2.0 * PADDING
        plate = QRectF(0.0, 0.0, width, metrics.height())
        x, y = self.side
        away = (reach[0] + GAP + width / 2.0, reach[1] + GAP + plate.height() / 2.0)
        plate.moveCenter(centre + QPointF(x * away[0], -y * away[1]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.surface, 0.9))
        painter.drawRoundedRect(plate, 3.0, 3.0)
        painter.setPen(QColor(getattr(theme, self.ink)))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.text)

    def _reach(self, view: View) -> tuple[float, float]:
        """Half the width and height of what it stands beside, in pixels; rings may lie there."""
        first, second = (
            max(view.per_unit * reach, RING * view.magnification) for reach in self.reach
        )
        return first, second


@dataclass(frozen=True, eq=False)
class Outline:
    """Lines around the regions of highest density of the exact posterior, the inner one wider.

    Attributes:
        lines: for each region, segments (M, 2, 2) in the plane.
    """

    lines: "tuple[Array, ...]"

    def __eq__(self, other: object) -> bool:
        """Whether these are the same lines, which are not painted again then."""
        return isinstance(other, Outline) and self.lines is other.lines

    def __hash__(self) -> int:
        """By identity."""
        return id(self.lines)

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they cover."""
        ends = np.concatenate([view.to_pixels(line).reshape(-1, 2) for line in self.lines])
        (left, top), (right, bottom) = ends.min(axis=0).tolist(), ends.max(axis=0).tolist()
        room = HALO_WIDTH * view.magnification
        rect = QRectF(left, top, right - left, bottom - top)
        return rect.adjusted(-room, -room, room, room).toAlignedRect()

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw them in the posterior's colour."""
        for colour, width in ((theme.surface, HALO_WIDTH), (theme.posterior, LINE_WIDTH)):
            for sigmas, line in zip(SIGMAS, self.lines, strict=True):
                painter.setPen(QPen(QColor(colour), view.magnification * width / sigmas))
                painter.drawLines(
                    [QLineF(*ends) for ends in view.to_pixels(line).reshape(-1, 4).tolist()]
                )


def encoder_marks(viewpoint: "Viewpoint") -> "list[tuple[Mark, Array]]":
    """The Gaussians of the step that is shown, over the exact posterior's own lines."""
    check = viewpoint.inference.encoder
    found, shown = check.found, check.shown
    if found is None or shown is None or not check.is_wanted:
        return []
    name = q_of_z(viewpoint.document.label)
    drawn = [_drawn(found.encoder, name, (0, 1), dashes=DASHES if check.step else ())]
    if check.step and check.is_refined and found.fit.axes > LEAST_TURN:
        drawn.append(_drawn(found.fit.best, TURNED, (1, 0), ink="muted"))
    if check.step:
        name = BEST if check.is_refined else f"step {check.step}"
        drawn.append(_drawn(shown.gaussian, name, (0, -1), ink="text"))
    marks, names = [ellipses for ellipses, _ in drawn], [name for _, name in drawn]
    if found.lines:
        corners = np.concatenate(found.lines).reshape(-1, 2)
        low, high = corners.min(axis=0), corners.max(axis=0)
        wide, tall = ((high - low) / 2.0).tolist()
        middle = (low + high) / 2.0
        marks = [(Outline(found.lines), middle), *marks]
        names = [*names, (Name(EXACT, (wide, tall), (-1, 0), "posterior"), middle)]
    places = np.stack([place for _, place in names])
    apart = float(np.linalg.norm(places - places[0], axis=1).max())
    return [*marks, *((replace(name, apart=apart), place) for name, place in names)]


def _drawn(
    gaussian: "Gaussian",
    name: str,
    side: tuple[int, int],
    *,
    ink: str = "accent",
    dashes: tuple[float, ...] = (),
) -> "tuple[tuple[Mark, Array], tuple[Name, Array]]":
    """The ellipses of a Gaussian, and its name."""
    sizes, axes = np.linalg.eigh(gaussian.covariance)
    angle = math.degrees(math.atan2(axes[1, 0], axes[0, 0]))
    if gaussian.covariance[0, 1] == 0.0:
        sizes, angle = np.diag(gaussian.covariance), 0.0
    first, second = np.sqrt(sizes).tolist()
    wide, high = (SIGMAS[-1] * np.sqrt(np.diag(gaussian.covariance))).tolist()
    ellipses = Ellipses((first, second), angle, ink, dashes)
    return (ellipses, gaussian.mean), (Name(name, (wide, high), side, ink), gaussian.mean)

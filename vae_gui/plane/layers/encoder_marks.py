"""The encoder's q(z|x) over the exact posterior, and the best Gaussian beside it."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from vae_gui.plane.layers.layer import NEEDS_A_PLANE, NEEDS_NO_TURN, PaintedLayer
from vae_gui.plane.layers.posterior_ellipses import SIGMAS
from vae_gui.plane.layers.posterior_marks import Ellipses
from vae_gui.plane.marks import Mark
from vae_gui.plane.viewport import View
from vae_gui.style.palette import Theme
from vae_gui.style.theme import faded

if TYPE_CHECKING:
    from model.latent.best_gaussian import Gaussian
    from vae_gui.state.encoded import Array
    from vae_gui.state.viewpoint import Viewpoint

ENCODER, BEST, TURNED = "q(z|x)", "best", "best, turned axes"
DASHES = (4.0, 3.0)
LEAST_TURN = 0.005  # nats that turned axes must gain to be drawn
LEAST = 40.0  # pixels across, from which on an ellipse is named
PADDING, GAP, LINE = 4.0, 4.0, 22.0  # pixels


@dataclass(frozen=True)
class NamedEllipses:
    """Ellipses and what they are.

    Attributes:
        ellipses: of one Gaussian.
        name: what is written at them.
        side: (x, y), each -1, 0 or 1: where that stands, against the ellipses; y counts upwards.
    """

    ellipses: Ellipses
    name: str
    side: tuple[int, int]

    def bounds(self, centre: QPointF, view: View) -> QRect:
        """The pixels that they and the name cover."""
        around = self.ellipses.bounds(centre, view)
        room = round(LINE * view.magnification)
        wide = round(10.0 * len(self.name) * view.magnification)
        return around.adjusted(-wide, -room, wide, room)

    def paint(self, painter: QPainter, centre: QPointF, view: View, theme: Theme) -> None:
        """Draw both, and the name where they are large enough to be told apart."""
        self.ellipses.paint(painter, centre, view, theme)
        reach = self._reach(view)
        if 2.0 * max(reach) < LEAST:
            return
        metrics = QFontMetricsF(painter.font())
        plate = QRectF(
            0.0, 0.0, metrics.horizontalAdvance(self.name) + 2.0 * PADDING, metrics.height()
        )
        x, y = self.side
        plate.moveCenter(
            centre
            + QPointF(
                x * (reach[0] + GAP + plate.width() / 2.0),
                -y * (reach[1] + GAP + plate.height() / 2.0),
            )
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(theme.surface, 0.9))
        painter.drawRoundedRect(plate, 3.0, 3.0)
        painter.setPen(QColor(getattr(theme, self.ellipses.ink)))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.name)

    def _reach(self, view: View) -> tuple[float, float]:
        """Half the width and height of the outer ellipse, in pixels."""
        first, second = (
            SIGMAS[-1] * view.per_unit * deviation
            for deviation in self.ellipses.standard_deviations
        )
        c, s = (turn(math.radians(self.ellipses.angle)) for turn in (math.cos, math.sin))
        return math.hypot(first * c, second * s), math.hypot(first * s, second * c)


class EncoderCheckLayer(PaintedLayer):
    """What the page Evidence finds under Encoder. It moves while q is refined."""

    key = "encoder"
    title = "Encoder, best Gaussian"
    tip = (
        "q(z|x) of the whole image on the page Evidence at 1 and 2 standard deviations, to be "
        "seen over the exact posterior; once it is refined, the best Gaussian of its kind too, "
        "and the best one whose axes may be turned."
    )

    def source(self, viewpoint: "Viewpoint") -> str:
        """The image whose Gaussians these are, or why there are none."""
        if viewpoint.document.model is None:
            return ""
        if why := _why_not(viewpoint):
            return f"not drawn: {why}"
        if viewpoint.inference.encoder.found is None:
            return "choose Encoder on the page Evidence to see them"
        return "of the image on the page Evidence: its q(z|x), and the Gaussians of highest ELBO"

    def brief(self, viewpoint: "Viewpoint") -> str:
        """The same in a few words."""
        if viewpoint.document.model is None:
            return ""
        if why := _why_not(viewpoint):
            return why
        is_known = viewpoint.inference.encoder.found is not None
        return "of the image of Evidence" if is_known else "on the page Evidence"

    def paint(self, painter: QPainter, viewpoint: "Viewpoint", view: View, theme: Theme) -> None:
        """Nothing: all of it moves."""

    def marks(self, viewpoint: "Viewpoint") -> "list[tuple[Mark, Array]]":
        """The Gaussians of the step that is shown."""
        check = viewpoint.inference.encoder
        found, shown = check.found, check.shown
        if found is None or shown is None or not check.is_wanted or _why_not(viewpoint):
            return []
        if not check.step:
            return [_named(found.encoder, ENCODER, (0, 1))]
        marks = [_named(found.encoder, ENCODER, (0, 1), dashes=DASHES)]
        if check.is_refined and found.fit.axes > LEAST_TURN:
            marks.append(_named(found.fit.best, TURNED, (1, 0), ink="muted"))
        name = BEST if check.is_refined else f"step {check.step}"
        return [*marks, _named(shown.gaussian, name, (0, -1), ink="text")]


def _named(
    gaussian: "Gaussian",
    name: str,
    side: tuple[int, int],
    *,
    ink: str = "accent",
    dashes: tuple[float, ...] = (),
) -> "tuple[Mark, Array]":
    sizes, axes = np.linalg.eigh(gaussian.covariance)
    angle = 0.0
    if gaussian.covariance[0, 1] == 0.0:
        sizes = np.diag(gaussian.covariance)
    else:
        angle = math.degrees(math.atan2(axes[1, 0], axes[0, 0]))
    first, second = np.sqrt(sizes).tolist()
    return NamedEllipses(Ellipses((first, second), angle, ink, dashes), name, side), gaussian.mean


def _why_not(viewpoint: "Viewpoint") -> str:
    if viewpoint.slice.dimensions != 2:
        return NEEDS_A_PLANE
    return "" if viewpoint.slice.turn is None else NEEDS_NO_TURN

"""The densities of prior and aggregate posterior at the decoded point."""

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.state.class_words import q_of_all
from vae_gui.state.glossary import explained
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.widgets.readout import Readout
from vae_gui.widgets.throttle import Throttle

if TYPE_CHECKING:
    from model.latent.point_density import PointDensity

# The warning's limit: this percentile of log q(z) at the test images' own means.
RARE = 1.0
WARNING = "Few images were encoded here: do not trust this picture"
WHY = (
    "log q(z) is lower here than at 99 % of the test digits: hardly any image was near in training."
)
_REST_MS = 40  # above two dimensions it is too slow for every move: wait for a rest
_LINES, _LINES_GIVEN_A_CLASS = 3, 4  # its name is longer: each number may need a second line
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class DensityReadout(QWidget):
    """|z|, the prior's mass nearer to its mean, both densities, and a warning where q(z) is small.

    It is computed after the digit has been painted. Whoever shows the readout places the warning,
    which needs more width than the numbers.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._density: PointDensity | None = None
        self._rare: float | None = None
        self.radius = Readout("caption", lines=3)
        self.densities = Readout("caption", lines=_LINES)
        self.warning = Readout("title", lines=2)
        self.radius.setToolTip(explained("|z|, prior"))
        self.densities.setToolTip(explained("q(z), p(z)"))
        self.warning.setToolTip(explained("q(z)", WHY))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self.radius, self.densities):
            layout.addWidget(part)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._show)
        self._throttle = Throttle(self._show_soon, self)
        self._viewpoint.reading_changed.connect(self._throttle.call)
        self._document.training_changed.connect(self._take_training)
        self._document.measures_changed.connect(self._take_numbers)
        self._take_training()

    def catch_up(self) -> None:
        """Show now what waits until the digit is painted, or until the hand rests."""
        if self._soon.isActive():
            self._soon.stop()
            self._show()

    def _take_training(self) -> None:
        training = self._document.training
        self._density = None
        if training is not None:
            from model.latent.point_density import PointDensity

            self._density = PointDensity(training.means, training.standard_deviations)
        self._show_soon()

    def _take_numbers(self) -> None:
        measures = self._document.measures
        rare = None
        if measures is not None and measures["log_density"].is_complete:
            rare = float(np.percentile(measures["log_density"].values, RARE))
        if rare != self._rare:
            self._rare = rare
            self._show_soon()

    def _show_soon(self) -> None:
        self._soon.start(0 if self._viewpoint.slice.dimensions <= 2 else _REST_MS)

    def _show(self) -> None:
        reading, label = self._viewpoint.reading, self._document.label
        self.densities.set_lines(_LINES if label is None else _LINES_GIVEN_A_CLASS)
        if reading is None:
            for part in (self.radius, self.densities, self.warning):
                part.setText("")
            return
        from model.latent.point_density import log_prior_density, prior_mass_within

        dimensions = len(reading.z)
        radius = float(np.linalg.norm(reading.z))
        share = 100.0 * prior_mass_within(radius, dimensions)
        percent = (f"{share:.1f}" if share < 99.9 else "over 99.9") + "\u00a0%"
        self.radius.setText(f"|z| = {radius:.3f}: {percent} of the prior lies nearer to\u00a00")
        unit = "unit" + ("" if dimensions == 1 else str(dimensions).translate(_SUPERSCRIPTS))
        expected = format_density(log_prior_density(radius, dimensions))
        if self._density is None:
            self.densities.setText(f"p(z) = {expected} per {unit}")
            self.warning.setText("")
            return
        found = self._density.log_density(reading.z)
        q = q_of_all(label)
        self.densities.setText(f"{q} = {format_density(found)}\np(z) = {expected} per {unit}")
        is_rare = self._rare is not None and found < self._rare
        self.warning.setText(WARNING if is_rare else "")


def format_density(log_density: float) -> str:
    """A density, given its logarithm, to three figures; as a power of ten where it is tiny."""
    if 1e-3 <= math.exp(min(log_density, 700.0)) < 1e4:
        return f"{math.exp(log_density):.3g}"
    power = math.floor(log_density / math.log(10.0))
    digits = math.exp(log_density - power * math.log(10.0))
    sign = "⁻" if power < 0 else ""
    return f"{digits:.1f} × 10{sign}{str(abs(power)).translate(_SUPERSCRIPTS)}"

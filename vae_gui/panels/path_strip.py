"""The strip below the plane while the path tool is in the hand: digits along the path, lengths."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.jobs.path_finding import NO_DENSITY, PathFinding
from vae_gui.jobs.plane_survey import Cost
from vae_gui.panels.path_words import density_of, sentence_of
from vae_gui.state.glossary import explained
from vae_gui.style.labels import filled, label, wrapped
from vae_gui.style.pixels import image_of
from vae_gui.widgets.action_button import ActionRow
from vae_gui.widgets.throttle import Throttle
from vae_gui.widgets.tick_box import TickBox

DIGIT = 28
GAP = 4  # between two digits, in pixels
FEWEST = 5
SMOOTHED = (
    "Averaged over squares of side 0.2 around each place. A hole is where it is lower than at 99 "
    "of 100 digits."
)
CAREFUL = "Stay where digits are"
CAREFUL_TIP = (
    "Make the path short in another cost: a step counts its Fisher length times 1 + q0 / q(z), "
    "with q(z) the aggregate posterior there and q0 the density that 9 of 10 images exceed. So "
    "the path avoids places where no digit lies, and its Fisher length is larger."
)


class PathStrip(QWidget):
    """Both lengths and the least density in words; the second cost; digits at equal steps.

    It is hidden while the tool is not in the hand.
    """

    def __init__(self, finding: PathFinding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        filled(self, QPalette.ColorRole.Light)
        self._finding = finding
        self.sentence = label("title", wrap=False)
        self.density = label("caption", wrap=False)
        self.careful = TickBox(CAREFUL)
        self.digits = DigitRow(finding)
        self._lay_out()
        self.sentence.setToolTip(explained("Fisher length"))
        self.density.setToolTip(explained("q(z)", SMOOTHED))
        self.careful.clicked.connect(self._choose)
        self._throttle = Throttle(self._show, self)
        finding.changed.connect(self._throttle.call)
        finding.used_changed.connect(self._show)
        self._show()

    def add_controls(self, actions: Mapping[str, QAction]) -> None:
        """Add the buttons of the actions that save and remove."""
        names = ("path_film", "path_picture"), ("path_clear",)
        self._top.addWidget(ActionRow([[actions[name] for name in group] for group in names]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a hairline that sets it off from the plane."""
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self.palette().color(QPalette.ColorRole.Mid))

    def _lay_out(self) -> None:
        for part in (self.sentence, self.density):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._top = QHBoxLayout()
        self._top.setSpacing(10)
        self._top.addWidget(self.sentence, 1)
        self._top.addWidget(self.careful)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 6)
        layout.setSpacing(0)
        layout.addLayout(self._top)
        layout.addWidget(self.density)
        layout.addSpacing(6)
        layout.addWidget(self.digits)

    def _choose(self, careful: bool) -> None:
        self._finding.choose(Cost.DIGITS if careful else Cost.LENGTH)

    def _show(self) -> None:
        finding = self._finding
        self.setVisible(finding.is_in_use)
        if not finding.is_in_use:
            return
        self.sentence.setText(sentence_of(finding))
        self.density.setText(density_of(finding))
        can = finding.knows_density or finding.survey is None
        tip = wrapped(CAREFUL_TIP if can else NO_DENSITY)
        self.careful.setEnabled(can)
        if tip != self.careful.toolTip():  # to set it takes long even where nothing changes
            self.careful.setToolTip(tip)
        self.careful.setChecked(finding.cost is Cost.DIGITS)


class DigitRow(QWidget):
    """The decoded digits of a path from its start to its end, as many as there is room for."""

    def __init__(self, finding: PathFinding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding = finding
        self._times = 2  # pixels of the widget for each of a digit
        self.setAccessibleName("Digits along the path, at equal Fisher steps")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip("Decoded at equal steps of Fisher length along the path")
        finding.stops_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a digit."""
        return QSize(0, self._times * DIGIT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as there is room for, from the next path on."""
        side = self._times * DIGIT + GAP
        self._finding.count = max(FEWEST, (self.width() + GAP) // side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw them on squares of whole pixels, spread over the width."""
        painter, stops = QPainter(self), self._finding.stops
        side, count = self._times * DIGIT, self._finding.count
        apart = (self.width() - side) / max(1, count - 1)
        images = None if stops is None else stops.images
        for index in range(count if images is None else len(images)):
            left = round(index * apart)
            if images is None:
                painter.fillRect(
                    left, 0, side, side, self.palette().color(QPalette.ColorRole.Window)
                )
                continue
            levels = np.rint(255.0 * np.nan_to_num(images[index]).clip(0.0, 1.0)).astype(np.uint8)
            large = np.ascontiguousarray(levels.repeat(self._times, 0).repeat(self._times, 1))
            painter.drawImage(QPointF(left, 0.0), image_of(large))

"""Below two planes: the table of the two models, and the digits on which they differ."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.panels.comparison_table import ComparisonTable
from vae_gui.panels.differing_digits import DifferingDigits
from vae_gui.state.comparison import Comparison
from vae_gui.style.labels import rule

MARGIN, GAP = 12, 24


class ComparisonPanel(QWidget):
    """As high as the table; the digits get the width that is left.

    Where that is little, the numbers of the chosen digit go, and choices stand one above the other.
    """

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ComparisonTable(comparison)
        self.digits = DifferingDigits(comparison)
        self.table.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        inside = QHBoxLayout()
        inside.setContentsMargins(MARGIN, 8, MARGIN, 8)
        inside.setSpacing(GAP)
        inside.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        inside.addWidget(self.digits, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule())
        layout.addLayout(inside)
        self._whole = self._needed()
        self._set_compact(True)
        self.setMinimumWidth(self._needed())
        self._set_compact(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show all that there is room for."""
        super().resizeEvent(event)
        self._set_compact(self.width() < self._whole)

    def _needed(self) -> int:
        """The least width that shows what is shown."""
        width = 2 * MARGIN + GAP
        for part in (self.table, self.digits):
            layout = part.layout()
            assert layout is not None
            layout.activate()
            width += layout.minimumSize().width()
        return width

    def _set_compact(self, compact: bool) -> None:
        self.table.show_digit(not compact)
        self.digits.stack_choices(compact)

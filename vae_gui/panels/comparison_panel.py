"""Below two planes: the table of the two models, and the digits on which they differ."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.panels.comparison_table import ComparisonTable
from vae_gui.panels.differing_digits import DifferingDigits
from vae_gui.state.comparison import Comparison
from vae_gui.style.labels import rule

MARGIN, GAP = 12, 24


class ComparisonPanel(QWidget):
    """As high as the table; the digits get the width that is left."""

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

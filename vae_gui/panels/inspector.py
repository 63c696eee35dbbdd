"""The panel at the right: decoded digit, nearest digits, chosen digit, model, ranking."""

from PySide6.QtWidgets import QWidget

from vae_gui.panels.digit_panel import DigitPanel
from vae_gui.panels.model_panel import ModelPanel
from vae_gui.panels.nearest_panel import NearestPanel
from vae_gui.panels.probe_panel import ProbePanel
from vae_gui.panels.ranking_panel import RankingPanel
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import rule
from vae_gui.widgets.column import ScrollingColumn
from vae_gui.widgets.section import Section

WIDTH = 308
MARGIN = 16


class Inspector(ScrollingColumn):
    """The decoded digit, large, and under it sections that fold. Scrolls on a low screen."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        # Where a scroll bar is needed, it lies over the right margin, not over the digit.
        super().__init__(WIDTH + 2 * MARGIN, parent)
        self.probe = ProbePanel(viewpoint)
        self.nearest = NearestPanel(viewpoint)
        self.chosen = DigitPanel(viewpoint)
        self.ranking = RankingPanel(viewpoint)
        self.model = ModelPanel(viewpoint)
        self.sections = {
            "nearest": Section("Nearest test digits", self.nearest),
            "chosen": Section("Chosen test digit", self.chosen),
            "model": Section("Model", self.model),
            "ranking": Section("Worst and best test digits", self.ranking),
        }
        self.sections["ranking"].heading.setChecked(False)
        layout = self.parts
        layout.setContentsMargins(MARGIN, 12, MARGIN, MARGIN)
        layout.setSpacing(8)
        layout.addWidget(self.probe)
        for section in self.sections.values():
            layout.addWidget(rule())
            layout.addWidget(section)
        layout.addStretch(1)

    def ask_for_index(self) -> None:
        """Move the keyboard focus to the index of the chosen digit."""
        self._unfold("chosen", self.chosen.index)
        self.chosen.index.setFocus()
        self.chosen.index.selectAll()

    def walk_ranking(self, steps: int) -> None:
        """Choose the digit `steps` places further in the ranking."""
        self._unfold("ranking", self.ranking.list)
        self.ranking.walk(steps)

    def _unfold(self, key: str, part: QWidget) -> None:
        self.setVisible(True)
        self.sections[key].heading.setChecked(True)
        self.ensureWidgetVisible(part)

"""The panel at the right: decoded digit and nearest digits; below, chosen digit, ranking, model."""

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.panels.digit_panel import DigitPanel
from vae_gui.panels.glyphs import glyph_of
from vae_gui.panels.model_panel import ModelPanel
from vae_gui.panels.nearest_panel import NearestPanel
from vae_gui.panels.probe_panel import ProbePanel
from vae_gui.panels.ranking_panel import RankingPanel
from vae_gui.plane.marks import CHOSEN, NEAREST
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import rule
from vae_gui.widgets.pages import Pages
from vae_gui.widgets.scrolling_page import ScrollingPage
from vae_gui.widgets.section import Section
from vae_gui.widgets.splitter import Splitter

MARGIN = 16
WIDTH = 408  # in a window that is not wide, in pixels
WIDE = 1400  # of what a window is wider, the inspector takes a sixth
LEAST_BELOW = 0.45  # of the height, for the pages, as long as nobody moves the edge


def usual_width(window: int) -> int:
    """The inspector's width in a window of some width, as long as nobody moves its edge."""
    return WIDTH + max(0, window - WIDE) // 6


class Inspector(QWidget):
    """The decoded digit, large, with what is near it; below an edge that can be dragged, pages.

    Each of the two takes the room it is given, and scrolls by itself where that is too low.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.probe = ProbePanel(viewpoint)
        self.nearest = NearestPanel(viewpoint)
        self.chosen = DigitPanel(viewpoint)
        self.ranking = RankingPanel(viewpoint)
        self.model = ModelPanel(viewpoint)
        self.sections = {"nearest": Section("Nearest test digits", self.nearest, glyph_of(NEAREST))}
        self.pages = Pages()
        self.edge = Splitter(Qt.Orientation.Vertical, self._usual_height_below)
        self._above = ScrollingPage(QMargins(MARGIN, 10, MARGIN, 8))
        self._lay_out()

    def ask_for_index(self) -> None:
        """Move the keyboard focus to the index of the chosen digit."""
        self.show_page("chosen")
        self._chosen_page.ensureWidgetVisible(self.chosen.index)
        self.chosen.index.setFocus()
        self.chosen.index.selectAll()

    def walk_ranking(self, steps: int) -> None:
        """Choose the digit `steps` places further in the ranking."""
        self.show_page("ranking")
        self.ranking.walk(steps)

    def _lay_out(self) -> None:
        above = self._above.parts
        above.setSpacing(8)
        above.addWidget(self.probe, 1)
        above.addWidget(rule())
        above.addWidget(self.sections["nearest"])
        self._chosen_page = page_of(self.chosen)
        ranking = QWidget()
        inside = QVBoxLayout(ranking)
        inside.setContentsMargins(MARGIN, 8, 4, 0)  # its list scrolls by itself
        inside.addWidget(self.ranking)
        glyph = glyph_of(CHOSEN)
        for key, title, tip, page in (
            ("chosen", "Chosen digit", "The chosen test digit and its numbers", self._chosen_page),
            ("ranking", "Ranking", "The worst and the best test digits (N: the next)", ranking),
            ("model", "Model", "Which model is open", page_of(self.model)),
        ):
            self.pages.add(key, title, tip, page, glyph if key == "chosen" else None)
        for part in (self._above, self.pages):
            self.edge.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edge)

    def add_page(self, key: str, title: str, tip: str, page: QWidget) -> None:
        """Add a page at the right of the others."""
        self.pages.add(key, title, tip, page_of(page))

    def _usual_height_below(self, whole: int) -> int:
        """As high as the chosen digit and its numbers; the digit above gets what is left.

        On a low screen all that is above goes first, but not all of the height.
        """
        needed = self.pages.titles_height + self._chosen_page.whole_height
        left = whole - self._above.whole_height - self.edge.handleWidth()
        return min(needed, max(left, round(LEAST_BELOW * whole)))

    def show_page(self, key: str) -> None:
        """Show a page below the digit."""
        self.setVisible(True)
        self.pages.choose(key)


def page_of(part: QWidget) -> ScrollingPage:
    """A part as a page that scrolls."""
    page = ScrollingPage(QMargins(MARGIN, 8, MARGIN, 8))
    page.parts.addWidget(part)
    return page

"""The page Evidence in the window: made when it is first seen, and connected."""

from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from model.latent.evidence import Evidence
from vae_gui.app.action import Menu
from vae_gui.app.drops import Drops, Target
from vae_gui.app.evidence_actions import evidence_menu
from vae_gui.app.evidence_flag import CHAINS, ENCODER, REFINED, GivenEvidence
from vae_gui.app.game_place import GamePlace
from vae_gui.app.looking_actions import looking_rows
from vae_gui.app.truth_place import TruthPlace
from vae_gui.panels.left_panel import LeftPanel
from vae_gui.plane.drop_sign import DropSign
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.observation import Sketch
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.late_page import LatePage

if TYPE_CHECKING:
    from vae_gui.jobs.inferring import Inferring
    from vae_gui.jobs.loading_digits import LoadingDigits
    from vae_gui.panels.evidence.panel import EvidencePanel

KEY = "evidence"
TIP = "Draw a part of a digit and see where it can lie (Ctrl+E)"


class EvidencePlace(QObject):
    """What of the window infers from a part of an image.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
        grew (QWidget): a part was added after the window was built.
        hovered (str): what is known of the pixel under the cursor; empty where there is none.
    """

    failed = Signal(str, Exception)
    grew = Signal(QWidget)
    hovered = Signal(str)

    def __init__(
        self, workspace: Workspace, left: LeftPanel, plane: PlaneView, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._viewpoint = workspace.viewpoint
        self._inferring: Inferring | None = None
        self._loading: LoadingDigits | None = None
        self._panel: EvidencePanel | None = None
        self._drops: Drops | None = None
        self.truth = TruthPlace(workspace, plane, lambda: self.panel, self)
        self.game = GamePlace(workspace, self)
        for part in (self.truth, self.game):
            part.failed.connect(self.failed)
        self.game.grew.connect(self.grew)
        self._page = LatePage(self._make)
        self._page.made.connect(self.grew)
        left.pages.add(KEY, "Evidence", TIP, self._page)

    @property
    def panel(self) -> "EvidencePanel":
        """The page of the canvas."""
        _ = self._page.content
        assert self._panel is not None
        return self._panel

    def menu(self, show_page: Callable[[], None]) -> Menu:
        """What can be done there."""

        def show_canvas() -> None:
            show_page()
            self.game.leave()

        def enter() -> None:
            show_page()
            _ = self.panel
            self.game.enter()

        menu = evidence_menu(show_canvas, lambda: self.panel, self._workspace.observation)
        pixel_map = self._viewpoint.inference.pixel_map
        looking = looking_rows(show_page, lambda: self.panel, pixel_map, self.game.game)
        rows = (*looking, None, *self.truth.rows(show_canvas), None, *self.game.rows(enter))
        return replace(menu, rows=(*menu.rows, None, *rows))

    def take_drops(self, drops: Drops) -> None:
        """Take pictures of digits that are dropped on the page, once there is one."""
        self._drops = drops

    def put(self, given: GivenEvidence, digit: int | None) -> None:
        """Put a drawing or a test digit on the canvas."""
        panel = self.panel  # it makes those who load and infer
        self._viewpoint.inference.want(True)
        if given.pixels is not None:
            self._workspace.observation.restore(Sketch(Evidence(given.pixels)))
        elif digit is not None:
            panel.digit.grey.setChecked(given.grey)
            panel.digit.index.setValue(digit)

    def show(self, given: GivenEvidence) -> Generator[None, None, None]:
        """Show what is held against the posterior; each time it yields, all is to be settled."""
        chains = self._viewpoint.inference.chains
        chains.choose_seed(given.seed)
        self._viewpoint.inference.pixel_map.switch(given.has_map)
        if given.show:
            self.panel.show_part(CHAINS if given.show == CHAINS else ENCODER)
        yield
        if given.show == REFINED:
            self.truth.refine()
        elif given.show == CHAINS:
            self.truth.run_to(given.steps)
        yield

    def close(self) -> None:
        """The window goes."""
        for job in (self._inferring, self._loading, self.truth, self.game):
            if job is not None:
                job.close()

    def _make(self) -> QWidget:
        from vae_gui.jobs.inferring import Inferring
        from vae_gui.jobs.loading_digits import LoadingDigits
        from vae_gui.panels.evidence.panel import EvidencePanel

        self._inferring = Inferring(self._workspace, self._viewpoint, self)
        self._loading = LoadingDigits(self._workspace, self._viewpoint, self)
        for job in (self._inferring, self._loading):
            job.failed.connect(self.failed)
        self._panel = panel = EvidencePanel(self._workspace, self._viewpoint, self._loading)
        self.truth.take(panel, self._loading)
        panel.canvas.hovered.connect(self.hovered)
        panel.results.drawn_again.connect(self._inferring.draw_again)
        if self._drops is not None:
            sign = DropSign(panel.canvas)
            target = Target(sign, self._draw, "draw", self._page)
            self._drops.add_target(target)
        pages = QStackedWidget()
        pages.addWidget(panel)
        self.game.take(pages, self._loading)
        panel.played.connect(self.game.enter)
        return pages

    def _draw(self, path: Path) -> None:
        """A picture was dropped: it goes onto the canvas."""
        assert self._loading is not None
        self.game.leave()
        self._loading.load_file(path)

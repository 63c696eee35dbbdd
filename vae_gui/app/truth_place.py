"""What of the page Evidence compares approximations with the exact posterior, connected."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vae_gui.app.action import Action
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.posterior_zoom import PosteriorZoom
from vae_gui.state.workspace import Workspace

if TYPE_CHECKING:
    from vae_gui.jobs.chaining import Chaining
    from vae_gui.jobs.encoder_checking import EncoderChecking
    from vae_gui.jobs.loading_digits import LoadingDigits
    from vae_gui.panels.evidence.panel import EvidencePanel

ENCODER, CHAINS = "encoder", "chains"  # parts of the page, by their keys


class TruthPlace(QObject):
    """The parts Encoder and Chains, their jobs, and the zoom to what they show.

    While the part Encoder is seen, the canvas follows to the digit that is chosen, unless something
    of one's own is on it.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
    """

    failed = Signal(str, Exception)

    def __init__(
        self,
        workspace: Workspace,
        plane: PlaneView,
        panel: "Callable[[], EvidencePanel]",
        parent: QObject,
    ) -> None:
        """Compare what is on the canvas; `panel` makes the page when it is first needed."""
        super().__init__(parent)
        self._workspace = workspace
        self._viewpoint = workspace.viewpoint
        self._make_panel = panel
        self._panel: EvidencePanel | None = None
        self._loading: LoadingDigits | None = None
        self._checking: EncoderChecking | None = None
        self._chaining: Chaining | None = None
        self.zoom = PosteriorZoom(workspace.viewpoint, plane, self)
        self.zoom.changed.connect(self._show_zoom)
        workspace.viewpoint.selection_changed.connect(self._follow_the_chosen_digit)
        workspace.viewpoint.inference.encoder.wanted_changed.connect(self._follow_the_chosen_digit)

    def take(self, panel: "EvidencePanel", loading: "LoadingDigits") -> None:
        """The page is made: connect its parts with their jobs."""
        from vae_gui.jobs.chaining import Chaining
        from vae_gui.jobs.encoder_checking import EncoderChecking

        self._panel, self._loading = panel, loading
        self._checking = EncoderChecking(self._workspace, self._viewpoint, self)
        self._chaining = Chaining(self._workspace, self._viewpoint, self)
        for job in (self._checking, self._chaining):
            job.failed.connect(self.failed)
        panel.chains.stepped.connect(self._chaining.step)
        panel.chains.cleared.connect(self._chaining.clear)
        panel.encoder.refined.connect(self._checking.refine)
        for part in (panel.encoder, panel.chains):
            part.zoom.clicked.connect(lambda _=False: self.zoom.toggle())
        panel.encoder.wants_digit.connect(panel.digit.load_chosen)
        self._show_zoom()

    def rows(self, show_page: Callable[[], None]) -> Sequence[Action | None]:
        """The rows of the menu."""

        def show_encoder() -> None:
            show_page()
            self._make_panel().show_part(ENCODER)

        def refine() -> None:
            show_encoder()
            self.refine()

        def show_chains() -> None:
            show_page()
            self._make_panel().show_part(CHAINS)

        def run() -> None:
            show_chains()
            chains = self._viewpoint.inference.chains
            chains.run(not chains.is_running)

        def step() -> None:
            show_chains()
            if self._chaining is not None:
                self._chaining.step()

        return (
            Action(
                "encoder_check",
                "&Encoder against the exact posterior",
                show_encoder,
                ("Shift+Y",),
                "Compare q(z|x) of the chosen digit with the exact posterior",
            ),
            Action("refine", "Re&fine q(z|x)", refine, ("Y",), "Refine q(z|x), or go back to it"),
            Action(
                "zoom_to_posterior",
                "&Zoom to the posterior, and back",
                self.zoom.toggle,
                ("Z",),
            ),
            None,
            Action(
                "run_chains", "Run both c&hains", run, ("V",), "Run both chains, or let them rest"
            ),
            Action("step_chains", "One &step of both chains", step, ("Shift+V",)),
        )

    def refine(self) -> None:
        """Move the encoder's Gaussian to the best one, or show the encoder's again."""
        if self._checking is not None:
            self._checking.refine()

    def run_to(self, steps: int) -> None:
        """Take both chains on to so many steps."""
        if self._chaining is not None:
            self._chaining.run_to(steps)

    def close(self) -> None:
        """The window goes."""
        for job in (self._checking, self._chaining):
            if job is not None:
                job.close()

    def _show_zoom(self) -> None:
        if self._panel is not None:
            for part in (self._panel.encoder, self._panel.chains):
                part.zoom.show_zoom(is_in=self.zoom.is_in, is_possible=self.zoom.is_possible)

    def _follow_the_chosen_digit(self) -> None:
        """Load the chosen digit, unless the canvas shows a part of an image, or a drawing."""
        index, sketch = self._viewpoint.selected, self._workspace.observation.sketch
        if index is None or self._panel is None or not self._viewpoint.inference.encoder.is_wanted:
            return
        whole = sketch.whole
        is_empty = sketch.count == 0 and whole is None
        is_digit = whole is not None and whole.index is not None and sketch.truth is not None
        is_whole = sketch.evidence.known.all() and sketch.evidence.flip == 0.0
        if is_empty or (is_digit and is_whole and whole is not None and whole.index != index):
            self._panel.digit.load_chosen()

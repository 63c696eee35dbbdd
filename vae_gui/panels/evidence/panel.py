"""The page Evidence: the canvas, what is put on it, and what follows from it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_gui.jobs.loading_digits import LoadingDigits
from vae_gui.panels.evidence.canvas import Canvas
from vae_gui.panels.evidence.given import ClearRow, DigitRow, MaskRow, NoiseRow
from vae_gui.panels.evidence.map_row import MapRow
from vae_gui.panels.evidence.results import Results
from vae_gui.panels.evidence.tools import Brush, ToolsRow
from vae_gui.panels.layers_panel import MARGIN, WIDTH
from vae_gui.state.looking import Looking
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, rule
from vae_gui.widgets.column import ScrollingColumn

HINT = "Draw or load a digit, or a part: the plane shows where it lies."


class EvidencePanel(ScrollingColumn):
    """All parts, one below the other. While it is seen, the posterior is wanted.

    Signals:
        played: the game is wanted.
    """

    played = Signal()

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        loading: LoadingDigits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(WIDTH, parent)
        self._inference = viewpoint.inference
        self.brush = Brush(self)
        self.hint = label("text", HINT)
        self.play = QPushButton("Play")
        self.play.setFixedWidth(self.play.fontMetrics().horizontalAdvance("Play") + 20)
        self.play.setToolTip("Which pixel next? A game against the model (Shift+V)")
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(lambda _=False: self.played.emit())
        self.digit = DigitRow(viewpoint, loading)
        self.masks, self.noise = MaskRow(workspace), NoiseRow(workspace)
        self.clear = ClearRow(workspace)
        self.results = Results(workspace, viewpoint)
        self.tools = ToolsRow(self.brush)
        pixel_map = viewpoint.inference.pixel_map
        self.looking = Looking(workspace.observation, pixel_map, self)
        self.map = MapRow(workspace, viewpoint, self.looking)
        self.canvas = Canvas(workspace, self.brush, pixel_map, self.looking)
        self.status = label("caption")
        layout = self.parts
        layout.setContentsMargins(MARGIN, 8, MARGIN, 6)
        layout.setSpacing(5)
        heading = QHBoxLayout()
        heading.addWidget(self.hint, 1)
        heading.addWidget(self.play, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(heading)
        layout.addWidget(self.tools)
        layout.addWidget(self.canvas, 0, Qt.AlignmentFlag.AlignHCenter)
        below = (
            self.map,
            self.clear,
            self.digit,
            self.masks,
            self.noise,
            rule(),
            self.results,
            self.status,
        )
        for part in below:
            layout.addWidget(part)
        layout.addStretch(1)
        self._inference.told.connect(self._tell)
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        """The posterior is wanted."""
        super().showEvent(event)
        self._inference.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """It is not wanted any more."""
        super().hideEvent(event)
        self._inference.want(False)

    def _tell(self) -> None:
        self.status.setText(self._inference.status)

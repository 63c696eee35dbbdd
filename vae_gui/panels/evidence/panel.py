"""The page Evidence: the canvas, what is put on it, and what follows from it."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_gui.jobs.loading_digits import LoadingDigits
from vae_gui.panels.evidence.canvas import Canvas
from vae_gui.panels.evidence.chains import ChainsPart
from vae_gui.panels.evidence.encoder import EncoderPart
from vae_gui.panels.evidence.given import ClearRow, DigitRow, MaskRow, NoiseRow
from vae_gui.panels.evidence.map_row import MapRow
from vae_gui.panels.evidence.results import Results
from vae_gui.panels.evidence.tools import Brush, ToolsRow
from vae_gui.panels.layers_panel import MARGIN, WIDTH
from vae_gui.state.looking import Looking
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, rule
from vae_gui.widgets.choice_row import ChoiceRow
from vae_gui.widgets.column import ScrollingColumn

HINT = "Draw or load a digit, or a part: the plane shows where it lies."
GIVEN = "All of this is given class {}. Draw or load a digit, or a part."
ON_THE_LEFT = "All of this is of the left model: no posterior is drawn in the right plane."
IMAGES, ENCODER, CHAINS = "images", "encoder", "chains"
_CHOICES = {
    IMAGES: ("Images", "What the whole image can be"),
    ENCODER: ("Encoder", "What the encoder loses against the exact posterior (Shift+Y)"),
    CHAINS: ("Chains", "What two Markov chains miss of the exact posterior (V)"),
}


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
        self.play.setToolTip("Which pixel next? A game against the model (Ctrl+P)")
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(lambda _=False: self.played.emit())
        self.digit = DigitRow(workspace, viewpoint, loading)
        self.masks, self.noise = MaskRow(workspace), NoiseRow(workspace)
        self.clear = ClearRow(workspace)
        self.results = Results(workspace, viewpoint)
        self.encoder = EncoderPart(workspace, viewpoint)
        self.choices = ChoiceRow("Show", _CHOICES)
        self.chains = ChainsPart(viewpoint)
        self._parts: dict[str, QWidget] = {
            IMAGES: self.results,
            ENCODER: self.encoder,
            CHAINS: self.chains,
        }
        self.tools = ToolsRow(self.brush)
        pixel_map = viewpoint.inference.pixel_map
        self.looking = Looking(workspace.observation, pixel_map, self)
        self.map = MapRow(workspace, viewpoint, self.looking)
        self.canvas = Canvas(workspace, self.brush, pixel_map, self.looking)
        self.status = label("caption")
        layout = self.parts
        layout.setContentsMargins(MARGIN, 8, MARGIN, 6)
        layout.setSpacing(4)
        heading = QHBoxLayout()
        heading.addWidget(self.hint, 1)
        heading.addWidget(self.play, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(heading)
        layout.addWidget(self.tools)
        layout.addWidget(self.canvas, 0, Qt.AlignmentFlag.AlignHCenter)
        given = (self.map, self.clear, self.digit, self.masks, self.noise)
        for part in (*given, rule(), self.choices, *self._parts.values(), self.status):
            layout.addWidget(part)
        layout.addStretch(1)
        self.choices.chosen.connect(self._show_part)
        self._show_part(IMAGES)
        self._revealed: QWidget | None = None  # the part that is scrolled to
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._reveal)
        self.verticalScrollBar().rangeChanged.connect(lambda *_: self._soon.start())
        for signal in (self.verticalScrollBar().actionTriggered, self.canvas.hovered):
            signal.connect(self._stay)
        self._comparison = workspace.comparison
        self._document = viewpoint.document
        self._document.model_changed.connect(self._tell)
        for signal in (self._inference.told, self._comparison.changed):
            signal.connect(self._tell)
        self._tell()

    def show_part(self, key: str) -> None:
        """Show one of the parts below the canvas, and scroll to it where there is little room."""
        self.choices.choose(key)
        self._revealed = self._parts[key]
        self._soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        """The posterior is wanted."""
        super().showEvent(event)
        self._inference.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """It is not wanted any more."""
        super().hideEvent(event)
        self._inference.want(False)

    def _show_part(self, key: str) -> None:
        for other, part in self._parts.items():
            part.setVisible(other == key)
        self._inference.encoder.want(key == ENCODER)
        self._inference.chains.want(key == CHAINS)

    def _reveal(self) -> None:
        """Scroll to the part that was asked for, while it grows."""
        if self._revealed is not None:
            self.ensureWidgetVisible(self._revealed, 0, 0)

    def _stay(self) -> None:
        """A hand scrolls, or is at the canvas, which stays under it."""
        self._revealed = None

    def _tell(self) -> None:
        given = self._document.label
        self.hint.setText(HINT if given is None else GIVEN.format(given))
        status = self._inference.status
        self.status.setText(f"{ON_THE_LEFT} {status}" if self._comparison.is_on else status)

"""The switch of the map over the canvas, the button that looks, and the map's colours."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.panels.evidence.pixels_picture import ramp
from vae_gui.state.looking import Looking
from vae_gui.state.pixel_map import PixelMap
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label, wrapped
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of
from vae_gui.widgets.tick_box import TickBox

BAR_HEIGHT = 9
TITLE = "Which pixel tells most?"
TIP = (
    "Colour each unknown pixel by what a look at it would tell about z on average, in nats: the "
    "mutual information I(pixel; z | seen), summed over the cells of the plane (O). The ring is "
    "round the one that tells most. With a loaded digit, a click looks at a pixel."
)


class MapBar(QWidget):
    """The map's colours from 0 to the most that a pixel tells, in nats."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.highest: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the map, in nats about z")

    def show_highest(self, nats: float | None) -> None:
        """Show where the colours end; None: it is not known yet."""
        self.highest = nats
        self.setAccessibleDescription(f"from 0 to {self.text}")
        self.update()

    @property
    def text(self) -> str:
        """What is written at its end."""
        return "… nats" if self.highest is None else f"{self.highest:.2f} nats"

    def sizeHint(self) -> QSize:
        """A line of text high."""
        return QSize(120, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar between its numbers."""
        painter, metrics = QPainter(self), self.fontMetrics()
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        left = metrics.horizontalAdvance("0") + 6.0
        right = self.width() - metrics.horizontalAdvance("0.00 nats") - 6.0
        across = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), across | Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(self.rect(), across | Qt.AlignmentFlag.AlignRight, self.text)
        bar = QRectF(left, (self.height() - BAR_HEIGHT) / 2.0, right - left, BAR_HEIGHT)
        painter.drawImage(bar, image_of(ramp(theme_of(self.palette()))[None].copy(), opaque=True))


class MapRow(QWidget):
    """The switch, and below it, while it is on, the bar or why there is no map."""

    def __init__(
        self,
        workspace: Workspace,
        viewpoint: Viewpoint,
        looking: Looking,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._observation = workspace.observation
        self._document = viewpoint.document
        self._inference = viewpoint.inference
        self._map: PixelMap = viewpoint.inference.pixel_map
        self.switch = TickBox(TITLE)
        self.look = QPushButton("Look")
        self.bar = MapBar()
        self.sentence = label("caption")
        self._set_up(looking)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.switch, 1)
        row.addWidget(self.look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.sentence)
        self._show()

    def _set_up(self, looking: Looking) -> None:
        self.switch.setToolTip(wrapped(TIP))
        self.switch.toggled.connect(self._map.switch)
        self.look.setToolTip(
            wrapped("Look at the pixel of the loaded digit that tells most (Shift+O)")
        )
        self.look.setFixedWidth(self.look.fontMetrics().horizontalAdvance("Look") + 20)
        self.look.setAccessibleName("Look at the pixel that tells most")
        self.look.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.look.clicked.connect(lambda _=False: looking.look_at_most_telling())
        looking.refused.connect(self._refuse)
        for signal in (
            self._map.switched,
            self._map.changed,
            self._observation.changed,
            self._inference.table_changed,
            self._document.model_changed,
        ):
            signal.connect(self._show)

    def _show(self) -> None:
        is_on, known = self._map.is_on, self._map.of(self._observation.evidence)
        self.switch.setChecked(is_on)
        why = self._why_not()
        self.look.setEnabled(not why and self._observation.sketch.whole is not None)
        self.bar.setVisible(is_on and not why)
        self.bar.show_highest(None if known is None else known.highest)
        self.sentence.setText(why if is_on else "")
        self.sentence.setVisible(is_on and bool(why))

    def _why_not(self) -> str:
        model = self._document.model
        if model is None:
            return "The map needs a model."
        if model.latent_dim != 2:
            return "The map is a sum over a plane: it needs a model of two latent dimensions."
        if self._observation.evidence.known.all():
            return "No pixel is unknown. Choose “nothing of it” below to hide all."
        if self._inference.table is None:
            return "The map comes when the plane is decoded."
        return ""

    def _refuse(self, sentence: str) -> None:
        self.sentence.setText(sentence)
        self.sentence.show()

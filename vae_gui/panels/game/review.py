"""After a round: both boards side by side, and the model's sequence, a step at a time."""

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from model.latent.evidence import Evidence
from vae_gui.panels.evidence.brush import SIDE
from vae_gui.panels.evidence.label_bars import LabelBars
from vae_gui.panels.evidence.pixel_marks import paint_ring
from vae_gui.panels.evidence.pixels_picture import picture
from vae_gui.panels.game import words
from vae_gui.state.game import Game
from vae_gui.state.observation import Sketch, WholeImage
from vae_gui.style.labels import label
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

SCALE = 4


class SmallBoard(QWidget):
    """What somebody had seen, and a ring round the pixel that is looked at now."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.evidence = Evidence.nothing()
        self.ringed: int | None = None
        self.setFixedSize(SIDE * SCALE, SIDE * SCALE)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)

    def show_seen(self, evidence: Evidence, ringed: int | None = None) -> None:
        """Show some evidence."""
        self.evidence, self.ringed = evidence, ringed
        self.setAccessibleDescription(words.pixels(int(evidence.known.sum())))
        self.update()

    def sizeHint(self) -> QSize:
        """A square of whole pixels."""
        return QSize(SIDE * SCALE, SIDE * SCALE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pixels."""
        painter, ratio = QPainter(self), max(1, round(self.devicePixelRatioF()))
        pixels = picture(self.evidence, SCALE * ratio, theme_of(self.palette()))
        image = image_of(pixels, opaque=True)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        if self.ringed is not None:
            paint_ring(painter, self.ringed, SCALE)


class Review(QWidget):
    """Two boards, a slider over the model's steps, and p(label | seen) before each of them."""

    def __init__(self, game: Game, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._game = game
        self._names = tuple(str(number) for number in range(10))
        self.mine, self.models = SmallBoard("What you saw"), SmallBoard("What the model saw")
        self.back, self.forth = QPushButton("‹"), QPushButton("›")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.sentence = label("caption")
        self.bars = LabelBars()
        self._set_up()
        self._lay_out()
        game.changed.connect(self._show)
        self._show()

    def name_classes(self, names: tuple[str, ...]) -> None:
        """Call the classes by their names."""
        self._names = names
        self._show_step()

    def step(self, count: int) -> None:
        """Go on by some steps, or back."""
        self.slider.setValue(self.slider.value() + count)

    def sketch(self) -> Sketch:
        """What the model had seen at the step that is shown, of the digit."""
        play = self._game.play
        assert play is not None
        hidden = play.round.hidden
        name = f"test digit {hidden.index:,}"
        whole = WholeImage(hidden.pixels, name, hidden.index, hidden.label)
        seen = play.evidence_after(self.slider.value() + 1)
        return Sketch(seen, whole, f"putting {name} on the canvas")

    def _set_up(self) -> None:
        self.slider.setAccessibleName("The model's steps")
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.valueChanged.connect(self._show_step)
        for button, name, count in ((self.back, "back", -1), (self.forth, "on", 1)):
            button.setFixedWidth(24)
            button.setAccessibleName(f"One step {name}")
            button.setToolTip(f"One step {name} ({'Left' if count < 0 else 'Right'})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, count=count: self.step(count))

    def _lay_out(self) -> None:
        boards = QGridLayout()
        boards.setContentsMargins(0, 0, 0, 0)
        boards.setVerticalSpacing(2)
        for column, (board, name) in enumerate(((self.mine, "You"), (self.models, "The model"))):
            boards.addWidget(label("caption", name, wrap=False), 0, column)
            boards.addWidget(board, 1, column)
        boards.setColumnStretch(0, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for part in (self.back, self.slider, self.forth):
            row.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(boards)
        layout.addLayout(row)
        layout.addWidget(self.sentence)
        layout.addWidget(self.bars)

    def _show(self) -> None:
        """Show the round that has just ended, at its end."""
        play, round_ = self._game.play, self._game.round
        if not self._game.is_round_over or play is None or round_ is None:
            return
        self.mine.show_seen(round_.evidence)
        self.slider.setRange(0, len(play.steps) - 1)
        self.slider.setValue(len(play.steps) - 1)
        self._show_step()

    def _show_step(self) -> None:
        play = self._game.play
        if not self._game.is_round_over or play is None:
            return
        at = self.slider.value()
        now = play.steps[at]
        self.models.show_seen(play.evidence_after(at + 1), now.pixel)
        self.sentence.setText(words.step(play, at, self._names))
        self.bars.show_labels(np.asarray(now.labels), self._names)
        self.back.setEnabled(at > 0)
        self.forth.setEnabled(at < len(play.steps) - 1)

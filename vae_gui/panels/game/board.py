"""The player's board: 28 x 28 hidden pixels that clicks and keys reveal."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from model.latent.evidence import Evidence
from vae_gui.panels.evidence.brush import SIDE
from vae_gui.panels.evidence.pixel_marks import paint_frame, paint_ring
from vae_gui.panels.evidence.pixels_picture import picture
from vae_gui.panels.game import words
from vae_gui.state.game import Game
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

SCALE = 8
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_LOOK = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class GameBoard(QWidget):
    """A press reveals a pixel. Arrows move over the board, and Enter or Space reveals.

    Once the round is over it shows the digit itself, with the pixels framed that the player has
    looked at. Then arrows step through what the model did, and Enter goes on.

    Signals:
        stepped (int): the model's sequence is to go on by so many steps.
        went_on: the next round is wanted.
        left: the game is to be left.
    """

    stepped = Signal(int)
    went_on = Signal()
    left = Signal()

    def __init__(self, game: Game, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._game = game
        self._at: int | None = None  # the pixel under the hand
        self._held = False
        self.setFixedSize(SIDE * SCALE, SIDE * SCALE)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Hidden digit of 28 by 28 pixels")
        for signal in (game.changed, game.pixel_map.changed, game.pixel_map.switched):
            signal.connect(self._show)
        self._show()

    def middle_of(self, pixel: int) -> QPointF:
        """Where a pixel of the image is on the widget."""
        row, column = divmod(pixel, SIDE)
        return QPointF((column + 0.5) * SCALE, (row + 0.5) * SCALE)

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Reveal a pixel."""
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._at, self._held = _pixel(event.position()), True
        self._look()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which pixel would be revealed. A drag reveals nothing more: looks are dear."""
        self._at = _pixel(event.position())
        self._show()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no pixel."""
        if not self.hasFocus():
            self._at = None
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, reveal, go on, or leave."""
        key = Qt.Key(event.key())
        is_over = self._game.is_round_over
        if key in _STEPS and is_over:
            self.stepped.emit(sum(_STEPS[key]))
        elif key in _STEPS:
            self._move(*_STEPS[key])
        elif key in _LOOK and is_over:
            self.went_on.emit()
        elif key in _LOOK:
            self._look()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pixels, the marks, and a frame where the keyboard is."""
        painter = QPainter(self)
        ratio = max(1, round(self.devicePixelRatioF()))
        image = image_of(self._picture(SCALE * ratio), opaque=True)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        self._paint_marks(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # Inside

    def _picture(self, scale: int) -> NDArray[np.uint32]:
        round_, theme = self._game.round, theme_of(self.palette())
        if round_ is None:
            return picture(Evidence.nothing(), scale, theme)
        if round_.ending is not None:
            return picture(Evidence.of(round_.hidden.pixels), scale, theme)
        told = self._game.pixel_map.information if self._game.pixel_map.is_on else None
        return picture(round_.evidence, scale, theme, told)

    def _paint_marks(self, painter: QPainter) -> None:
        round_, told = self._game.round, self._game.told
        if round_ is None:
            return
        if round_.ending is not None:
            accent = QColor(self.palette().color(QPalette.ColorRole.Highlight))
            for pixel in round_.looked:
                paint_frame(painter, pixel, SCALE, accent)
            return
        if self._game.pixel_map.is_on and told is not None and told.most_telling is not None:
            paint_ring(painter, told.most_telling, SCALE)
        if self._at is not None:
            paint_frame(painter, self._at, SCALE)

    def _look(self) -> None:
        if self._at is not None:
            self._game.look_at(self._at)
        self._show()

    def _move(self, down: int, right: int) -> None:
        middle = SIDE // 2
        row, column = (middle, middle) if self._at is None else divmod(self._at, SIDE)
        row, column = (min(max(one, 0), SIDE - 1) for one in (row + down, column + right))
        self._at = row * SIDE + column
        self._show()

    def _show(self) -> None:
        self.setAccessibleDescription(self._words())
        self.update()

    def _words(self) -> str:
        round_ = self._game.round
        if round_ is None or self._at is None:
            return "Arrow keys move, Enter reveals a pixel, a digit's key guesses."
        value = round_.evidence.pixels[self._at]
        seen = {0.0: "blank", 1.0: "ink"}.get(float(value), "hidden")
        return f"{words.place(self._at)}: {seen}"


def _pixel(position: QPointF) -> int | None:
    column, row = int(position.x() // SCALE), int(position.y() // SCALE)
    return row * SIDE + column if 0 <= column < SIDE and 0 <= row < SIDE else None

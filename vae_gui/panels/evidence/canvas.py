"""The canvas: 28 x 28 pixels that a hand makes ink, blank or unknown."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.panels.evidence.brush import SIDE, Point, covered
from vae_gui.panels.evidence.tools import Brush
from vae_gui.state.observation import Observation
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import DARK, Theme, rgb
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

SCALE = 8  # screen pixels for each of the image
INVITATION = "Draw here"
HATCH = 6  # pixels from one stripe to the next
_GREY = (0xFF000000 + 0x010101 * np.arange(256)).astype(np.uint32)
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QWidget):
    """Shows what is known, and is drawn on: the left button uses the brush, the right its opposite.

    Known pixels are as in all pictures of digits: ink is white, blank is black. Unknown ones are
    striped in the accent's colour, which no grey level has. With the keyboard, arrows move the
    brush and Space draws.

    Signals:
        hovered (str): what is known of the pixel under the cursor; empty where there is none.
    """

    hovered = Signal(str)

    def __init__(self, workspace: Workspace, brush: Brush, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._observation: Observation = workspace.observation
        self._brush = brush
        self._last: Point | None = None  # of a stroke that is under way
        self._button = Qt.MouseButton.NoButton
        self._at: Point | None = None  # where the brush is seen
        self._hatch: NDArray[np.uint32] | None = None
        self._hatched_for: tuple[Theme, int] | None = None
        self.setFixedSize(SIDE * SCALE, SIDE * SCALE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas of 28 by 28 pixels")
        self.setAccessibleDescription(
            "Arrow keys move the brush, Space draws: ink, blank or unknown, as is chosen above."
        )
        self._observation.changed.connect(self.update)
        brush.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A square of whole pixels."""
        return QSize(SIDE * SCALE, SIDE * SCALE)

    def middle_of(self, column: int, row: int) -> QPointF:
        """Where a pixel of the image is on the widget."""
        return QPointF((column + 0.5) * SCALE, (row + 0.5) * SCALE)

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            event.ignore()
            return
        self._end_stroke()
        self._workspace.begin_gesture()
        self._button = event.button()
        self._last = self._at = _point(event.position())
        self._draw_to(self._last)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the stroke, or show the brush."""
        self._at = _point(event.position())
        if self._last is not None:
            self._draw_to(self._at)
        self._say()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke."""
        if event.button() is self._button:
            self._end_stroke()

    def leaveEvent(self, event: QEvent) -> None:
        """Show no brush."""
        if self._last is None:
            self._at = None
            self.hovered.emit("")
            self.update()

    def hideEvent(self, event: object) -> None:
        """Another page is shown: the hand has let go."""
        self._end_stroke()
        self._at = None

    def focusOutEvent(self, event: object) -> None:
        """Show no brush without the keyboard."""
        self._at = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the brush by arrows; draw with Space."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is not None:
            x, y = self._at or (SIDE / 2.0 - 0.5, SIDE / 2.0 - 0.5)
            inside = [min(max(a + b, 0.5), SIDE - 0.5) for a, b in zip((x, y), step, strict=True)]
            self._at = (inside[0], inside[1])
            self._say()
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._at is not None:
            self._workspace.begin_gesture()
            self._brush.draw(self._observation, covered(self._at, self._at, self._brush.size))
            self._workspace.end_gesture()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pixels, the brush, and a frame where the keyboard is."""
        painter = QPainter(self)
        ratio = max(1, round(self.devicePixelRatioF()))
        picture = self._picture(SCALE * ratio)
        image = image_of(picture, opaque=True)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        if self._observation.sketch.count == 0 and self._at is None:
            self._invite(painter)
        self._paint_brush(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2.0))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # Inside

    def _draw_to(self, point: Point) -> None:
        assert self._last is not None
        pixels = covered(self._last, point, self._brush.size)
        self._last = point
        opposite = self._button is Qt.MouseButton.RightButton
        self._brush.draw(self._observation, pixels, opposite=opposite)

    def _end_stroke(self) -> None:
        if self._last is not None:
            self._last = None
            self._workspace.end_gesture()

    def _say(self) -> None:
        if self._at is None or not all(0.0 <= value < SIDE for value in self._at):
            self.hovered.emit("")
            return
        column, row = (int(value) for value in self._at)
        self.hovered.emit(f"row {row}, column {column}: {self._words(row * SIDE + column)}")

    def _words(self, pixel: int) -> str:
        value = float(self._observation.evidence.pixels[pixel])
        if np.isnan(value):
            return "unknown"
        return {0.0: "blank", 1.0: "ink"}.get(value, f"grey, {value:.2f} of ink")

    def _picture(self, scale: int) -> NDArray[np.uint32]:
        """The pixels, each as a square of `scale` screen pixels."""
        evidence = self._observation.evidence
        known = evidence.known
        values = np.where(known, evidence.pixels, 0.0)
        levels = _GREY[np.rint(255.0 * values).astype(np.uint8)]
        enlarged, shown = (
            np.repeat(np.repeat(part.reshape(SIDE, SIDE), scale, axis=0), scale, axis=1)
            for part in (levels, known)
        )
        return np.ascontiguousarray(np.where(shown, enlarged, self._stripes(scale)))

    def _stripes(self, scale: int) -> NDArray[np.uint32]:
        theme = theme_of(self.palette())
        if self._hatch is None or self._hatched_for != (theme, scale):
            self._hatched_for = theme, scale
            self._hatch = _hatched(SIDE * scale, scale, theme)
        return self._hatch

    def _invite(self, painter: QPainter) -> None:
        """Say what is to be done where nothing is drawn yet."""
        metrics = self.fontMetrics()
        plate = QRectF(0.0, 0.0, metrics.horizontalAdvance(INVITATION) + 20.0, metrics.height() + 8)
        plate.moveCenter(QRectF(self.rect()).center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Highlight))
        painter.drawRoundedRect(plate, 4.0, 4.0)
        painter.setPen(self.palette().color(QPalette.ColorRole.HighlightedText))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, INVITATION)

    def _paint_brush(self, painter: QPainter) -> None:
        if self._at is None:
            return
        circle = _circle(self._brush.size, self.devicePixelRatioF())
        half = circle.width() / circle.devicePixelRatio() / 2.0
        painter.drawPixmap(QPointF(self._at[0] * SCALE - half, self._at[1] * SCALE - half), circle)


@lru_cache(maxsize=16)
def _circle(size: int, ratio: float) -> QPixmap:
    """The outline of a brush, kept: to draw circles takes longer than to sum a posterior."""
    radius = size * SCALE / 2.0
    side = round(2.0 * (radius + 3.0) * ratio)
    picture = QPixmap(side, side)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    middle = QPointF(side, side) / ratio / 2.0
    for colour, width in ((QColor(0, 0, 0, 160), 3.0), (QColor(255, 255, 255, 230), 1.2)):
        painter.setPen(QPen(colour, width))
        painter.drawEllipse(middle, radius, radius)
    painter.end()
    return picture


def _point(position: QPointF) -> Point:
    return position.x() / SCALE, position.y() / SCALE


def _hatched(side: int, scale: int, theme: Theme) -> NDArray[np.uint32]:
    """Diagonal stripes of two tints of the accent, with the edges of pixels in between."""
    ground, stripe, edge = (
        ("#26345a", "#4d6cb4", "#1b2643") if theme is DARK else ("#dbe6fb", "#9db9ee", "#eef3fd")
    )
    row, column = np.mgrid[:side, :side]
    period = HATCH * scale // SCALE
    found = np.where((row + column) % period < max(1, period // 3), rgb(stripe), rgb(ground))
    found[(row % scale == 0) | (column % scale == 0)] = rgb(edge)
    return np.asarray(found, dtype=np.uint32)

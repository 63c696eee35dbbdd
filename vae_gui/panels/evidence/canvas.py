"""The canvas: 28 x 28 pixels that a hand makes ink, blank or unknown."""

from functools import lru_cache

import numpy as np
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
from vae_gui.panels.evidence.pixel_marks import paint_frame, paint_ring
from vae_gui.panels.evidence.pixels_picture import picture
from vae_gui.panels.evidence.tools import Brush
from vae_gui.state.looking import Looking
from vae_gui.state.observation import Observation
from vae_gui.state.pixel_map import PixelInformation, PixelMap
from vae_gui.state.workspace import Workspace
from vae_gui.style.pixels import image_of
from vae_gui.style.theme import theme_of

SCALE = 7  # screen pixels for each of the image
INVITATION = "Draw here"
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QWidget):
    """Shows what is known, and is drawn on: the left button uses the brush, the right its opposite.

    Unknown pixels are striped, and coloured by what they would tell while that map is on. With the
    map and a loaded digit, the left button looks at unknown pixels instead of drawing. With the
    keyboard, arrows move the brush, Space draws and Enter looks.

    Signals:
        hovered (str): what is known of the pixel under the cursor; empty where there is none.
    """

    hovered = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        brush: Brush,
        pixel_map: PixelMap,
        looking: Looking,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._map = pixel_map
        self._looking = looking
        self._observation: Observation = workspace.observation
        self._brush = brush
        self._last: Point | None = None  # of a stroke that is under way
        self._button = Qt.MouseButton.NoButton
        self._at: Point | None = None  # where the brush is seen
        self.setFixedSize(SIDE * SCALE, SIDE * SCALE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Canvas of 28 by 28 pixels")
        self.setAccessibleDescription(
            "Arrow keys move the brush, Space draws: ink, blank or unknown, as is chosen above. "
            "Enter looks at a pixel of the loaded digit while the map of what they tell is on."
        )
        self._observation.changed.connect(self.update)
        for signal in (brush.changed, pixel_map.switched, pixel_map.changed):
            signal.connect(self.update)

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
        self._say()

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
            self._say()
            self.update()

    def hideEvent(self, event: object) -> None:
        """Another page is shown: the hand has let go."""
        self._end_stroke()
        self._at = None
        self._say()

    def focusOutEvent(self, event: object) -> None:
        """Show no brush without the keyboard."""
        self._at = None
        self._say()
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
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._looks(self._at):
            self._look_at(self._at)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pixels, the brush, and a frame where the keyboard is."""
        painter = QPainter(self)
        ratio = max(1, round(self.devicePixelRatioF()))
        told = self._map.information if self._map.is_on else None
        pixels = picture(self._observation.evidence, SCALE * ratio, theme_of(self.palette()), told)
        image = image_of(pixels, opaque=True)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        if self._observation.sketch.count == 0 and self._at is None and not self._map.is_on:
            self._invite(painter)
        self._paint_ring(painter)
        self._paint_brush(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2.0))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    # Inside

    def _draw_to(self, point: Point) -> None:
        assert self._last is not None
        is_left = self._button is Qt.MouseButton.LeftButton
        if is_left and self._looking.is_possible:
            self._last = point
            self._look_at(point)
            return
        pixels = covered(self._last, point, self._brush.size)
        self._last = point
        opposite = self._button is Qt.MouseButton.RightButton
        self._brush.draw(self._observation, pixels, opposite=opposite)

    def _looks(self, point: Point | None) -> bool:
        return point is not None and self._looking.is_possible

    def _look_at(self, point: Point | None) -> None:
        if point is not None and all(0.0 <= value < SIDE for value in point):
            self._looking.look_at(_pixel(point))
            self._say()

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
            told = self._told
            what = (
                "" if told is None else f"; a look would tell {told.nats[pixel]:.2f} nats about z"
            )
            return f"unknown{what}"
        return {0.0: "blank", 1.0: "ink"}.get(value, f"grey, {value:.2f} of ink")

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

    @property
    def _told(self) -> PixelInformation | None:
        """The map, where it is on and of what is seen now."""
        return self._map.of(self._observation.evidence) if self._map.is_on else None

    def _paint_ring(self, painter: QPainter) -> None:
        """Ring the pixel that tells most."""
        told = self._told
        if told is not None and told.most_telling is not None:
            paint_ring(painter, told.most_telling, SCALE)

    def _paint_brush(self, painter: QPainter) -> None:
        if self._at is None:
            return
        if self._looks(self._at):
            paint_frame(painter, _pixel(self._at), SCALE)
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


def _pixel(point: Point) -> int:
    return int(point[1]) * SIDE + int(point[0])

"""The strip below the plane of a model with classes: ten digits of one z, which follow the hand."""

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from vae_gui.jobs.class_choosing import ClassChoosing
from vae_gui.jobs.class_digits import ClassDigits
from vae_gui.state.document import Document
from vae_gui.style.labels import filled, label, wrapped
from vae_gui.style.palette import CLASS_COUNT
from vae_gui.style.pixels import image_of
from vae_gui.widgets.focus_frame import paint_focus_frame

DIGIT = 28
LARGE, SMALL = 2, 1  # pixels of the widget for each of a digit
LEAST_GAP = 6  # between two digits, in pixels
FRAME = 2.0  # around the digit of the class that is shown, and its distance from it
EDGE = 4  # above, below and beside all digits, for the frame
TITLE = "One z, ten classes"
TIP = (
    "The z of the probe, or under the cursor, decoded as each class: z is the style, y the class. "
    "A click on a digit, or its key, shows the plane of its class."
)


class ClassStrip(QWidget):
    """A line of words, and the digits under it; hidden where there are no classes."""

    def __init__(
        self,
        document: Document,
        choosing: ClassChoosing,
        digits: ClassDigits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        filled(self, QPalette.ColorRole.Light)
        self._document = document
        self._digits = digits
        self.title = label("title", TITLE, wrap=False)
        self.note = label("caption", wrap=False)
        self.row = ClassRow(document, choosing, digits)
        self.title.setToolTip(wrapped(TIP))
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._top = QHBoxLayout()
        self._top.setSpacing(10)
        self._top.addWidget(self.title)
        self._top.addWidget(self.note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 3)
        layout.setSpacing(1)
        layout.addLayout(self._top)
        layout.addWidget(self.row)
        for signal in (document.model_changed, document.test_changed, document.model_read):
            signal.connect(self._show)
        self._show()

    def add_controls(self, controls: QWidget) -> None:
        """Add buttons at the right end of the line of words."""
        self._top.addWidget(controls)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a hairline that sets it off from the plane."""
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, self.palette().color(QPalette.ColorRole.Mid))

    def _show(self) -> None:
        model = self._document.model
        is_there = model is not None and model.label is not None
        self._digits.want(is_there)
        self.setVisible(is_there)
        if model is not None and is_there:
            waits = model.class_decoder is None
            words = "when the hand rests on a snapshot" if waits else "0 to 9, or a click"
            self.note.setText(words)


class ClassRow(QWidget):
    """The ten digits over the names of their classes; the class that is shown has a frame."""

    chosen = Signal(int)

    def __init__(
        self,
        document: Document,
        choosing: ClassChoosing,
        digits: ClassDigits,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._choosing = choosing
        self._digits = digits
        self._times = LARGE
        self._under: int | None = None  # the class under the cursor
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Ten digits of one z: choose the class that is shown")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing behind it is painted
        digits.changed.connect(lambda: self.update(self._line_of_digits))
        choosing.changed.connect(self._tell)
        document.test_changed.connect(self._tell)
        self._tell()

    def sizeHint(self) -> QSize:
        """As high as a digit and a name."""
        return QSize(0, self._side + 2 * EDGE + self.fontMetrics().height())

    @property
    def _side(self) -> int:
        return self._times * DIGIT

    @property
    def _line_of_digits(self) -> QRect:
        """Where the digits and their frames are: all that changes while the hand drags."""
        return QRect(0, 0, self.width(), self._side + 2 * EDGE)

    def place_of(self, class_: int) -> QRect:
        """Where the digit of a class is drawn."""
        apart = (self.width() - 2 * EDGE - self._side) / (CLASS_COUNT - 1)
        apart = min(apart, self._side + 6.0 * LEAST_GAP)
        left = (self.width() - self._side - (CLASS_COUNT - 1) * apart) / 2.0
        return QRect(round(left + class_ * apart), EDGE, self._side, self._side)

    def resizeEvent(self, event: object) -> None:
        """Draw digits as large as there is room for."""
        needed = CLASS_COUNT * (LARGE * DIGIT + LEAST_GAP)
        times = LARGE if self.width() >= needed else SMALL
        if times != self._times:
            self._times = times
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the digits on squares of whole pixels, and their names where they are asked for."""
        painter, palette, role = QPainter(self), self.palette(), QPalette.ColorRole
        painter.fillRect(event.rect(), palette.color(role.Light))
        if (images := self._digits.images) is None:
            for class_ in range(CLASS_COUNT):
                painter.fillRect(self.place_of(class_), palette.color(role.Window))
        else:
            # What is not a number is black.
            levels = np.rint(255.0 * np.fmin(np.fmax(images, 0.0), 1.0)).astype(np.uint8)
            large = levels.repeat(self._times, 1).repeat(self._times, 2)
            for class_ in range(CLASS_COUNT):
                place = QPointF(self.place_of(class_).topLeft())
                painter.drawImage(place, image_of(large[class_]))
        self._paint_frames(painter)
        if event.rect().bottom() > self._line_of_digits.bottom():
            self._paint_names(painter)
        paint_focus_frame(painter, self)

    def _paint_frames(self, painter: QPainter) -> None:
        """Around the digit of the class that is shown, and the one under the cursor."""
        palette, role = self.palette(), QPalette.ColorRole
        for class_, colour in ((self._under, role.Mid), (self._choosing.wanted, role.Highlight)):
            if class_ is not None:
                place = QRectF(self.place_of(class_))
                painter.setPen(QPen(palette.color(colour), FRAME))
                painter.drawRect(place.adjusted(-FRAME, -FRAME, FRAME, FRAME))

    def _paint_names(self, painter: QPainter) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        line = self.fontMetrics().height()
        for class_ in range(CLASS_COUNT):
            place, is_shown = self.place_of(class_), class_ == self._choosing.wanted
            painter.setPen(palette.color(role.WindowText if is_shown else role.PlaceholderText))
            room = QRect(place.left() - LEAST_GAP // 2, place.bottom() + EDGE, 0, line)
            room.setWidth(place.width() + LEAST_GAP)
            name = self.fontMetrics().elidedText(
                self._name(class_), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)

    # The hand

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would choose."""
        self._point_at(self._class_at(event.position().toPoint().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a class."""
        found = self._class_at(event.position().toPoint().x())
        if event.button() is Qt.MouseButton.LeftButton and found is not None:
            self.chosen.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the class at the left or the right."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        wanted = self._choosing.wanted
        if steps and wanted is not None:
            self.chosen.emit(min(max(wanted + steps, 0), CLASS_COUNT - 1))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what a click does."""
        if isinstance(event, QHelpEvent):
            class_ = self._class_at(event.pos().x())
            if class_ is not None:
                words = f"Show the plane of class {self._name(class_)} (key {class_})"
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _point_at(self, class_: int | None) -> None:
        if class_ != self._under:
            self._under = class_
            pointing = Qt.CursorShape.PointingHandCursor
            self.setCursor(Qt.CursorShape.ArrowCursor if class_ is None else pointing)
            self.update()

    def _class_at(self, x: int) -> int | None:
        for class_ in range(CLASS_COUNT):
            place = self.place_of(class_)
            if place.left() - LEAST_GAP // 2 <= x <= place.right() + LEAST_GAP // 2:
                return class_
        return None

    def _name(self, class_: int) -> str:
        test = self._document.test
        return str(class_) if test is None else test.class_names[class_]

    def _tell(self) -> None:
        wanted = self._choosing.wanted
        self.setAccessibleDescription("" if wanted is None else f"class {self._name(wanted)}")
        self.update()

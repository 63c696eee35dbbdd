"""The analogies of test digits: a row for each digit, its style decoded as each class."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from vae_gui.state.analogies import AnalogyChoice
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import label, wrapped
from vae_gui.style.palette import CLASS_COUNT
from vae_gui.style.pixels import image_of
from vae_gui.widgets.focus_frame import paint_focus_frame

DIGIT = 28
EDGE = 3  # around all digits, for the frame of one
ASIDE = 8  # by which the digits themselves are set apart from what they become
MOST_GAP = 4
FRAME = 1.5
TITLE = "Analogies"
SAID = "The style of each digit at the left, as every class."
TIP = (
    "z is the mean of q(z|x, y) of the digit with its label y; the row shows p(x|y, z) of that z "
    "under all ten classes. A row is of the digit of its label that was chosen last, or of the "
    "first of the test set."
)
Cell = tuple[int, int]
"""A row, and a column: 0 is the digit itself, the others are the classes from 0 on."""
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class AnalogyPart(QWidget):
    """A title, what is shown, and the table."""

    def __init__(
        self,
        viewpoint: Viewpoint,
        choice: AnalogyChoice,
        save: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        """Show the rows of a choice; `save` is the button that saves them."""
        super().__init__(parent)
        self._choice = choice
        self.title = label("title", TITLE, wrap=False)
        self.said = label("caption", SAID)
        self.table = AnalogyTable(viewpoint, choice)
        for part in (self.title, self.said):
            part.setToolTip(wrapped(TIP))
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.said)
        layout.addWidget(self.table)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self._choice.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._choice.want(False)


class AnalogyTable(QWidget):
    """The digits in rows. A click, or Enter, on one of them goes there.

    Signals:
        chosen (int, int): the row and the column of a digit.
    """

    chosen = Signal(int, int)

    def __init__(
        self, viewpoint: Viewpoint, choice: AnalogyChoice, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._choice = choice
        self._under: Cell | None = None  # the cursor
        self._at: Cell = (0, 0)  # of the keyboard
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Analogies: the style of test digits as every class")
        choice.changed.connect(self._show)
        viewpoint.selection_changed.connect(self.update)
        viewpoint.document.model_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as its rows, under the names of the classes."""
        rows = max(1, len(self._choice.indices))
        return QSize(0, self._top + rows * (DIGIT + MOST_GAP) - MOST_GAP + EDGE)

    def place_of(self, row: int, column: int) -> QRect:
        """Where a digit is drawn."""
        gap = (self.width() - 2 * EDGE - ASIDE - (CLASS_COUNT + 1) * DIGIT) / CLASS_COUNT
        gap = min(max(gap, 0.0), MOST_GAP)
        left = EDGE + column * (DIGIT + gap) + (ASIDE if column else 0)
        return QRect(round(left), self._top + row * (DIGIT + MOST_GAP), DIGIT, DIGIT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names of the classes, the digits, and a frame around those that are chosen."""
        painter, found = QPainter(self), self._choice.found
        self._paint_names(painter)
        for row in range(self._rows):
            if found is None or row >= len(found.indices):
                continue
            _draw(painter, self.place_of(row, 0), found.originals[row])
            levels = np.rint(255.0 * np.nan_to_num(found.images[row]).clip(0.0, 1.0))
            for class_ in range(CLASS_COUNT):
                image = np.ascontiguousarray(levels[class_].astype(np.uint8))
                _draw(painter, self.place_of(row, class_ + 1), image)
            if found.indices[row] == self._viewpoint.selected:
                self._frame(painter, (row, 0), QPalette.ColorRole.Highlight)
        if self._under is not None:
            self._frame(painter, self._under, QPalette.ColorRole.Mid)
        if self.hasFocus():
            self._frame(painter, self._at, QPalette.ColorRole.Highlight)
        paint_focus_frame(painter, self)

    # The hand

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would choose."""
        self._point_at(self._cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a digit."""
        cell = self._cell_at(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and cell is not None:
            self._at = cell
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the digits by arrows; choose one by Enter."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            down, right = _STEPS[key]
            row = min(max(self._at[0] + down, 0), max(0, self._rows - 1))
            self._at = row, min(max(self._at[1] + right, 0), CLASS_COUNT)
            self._tell()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at[0] < self._rows:
            self.chosen.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what a digit is, and what a click does."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            if cell is not None:
                QToolTip.showText(event.globalPos(), self._words(cell), self)
            return True
        return super().event(event)

    # Inside

    @property
    def _top(self) -> int:
        return self.fontMetrics().height() + 2 * EDGE

    @property
    def _rows(self) -> int:
        return len(self._choice.indices)

    def _show(self) -> None:
        self._at = min(self._at[0], max(0, self._rows - 1)), self._at[1]
        self.updateGeometry()
        self._tell()

    def _tell(self) -> None:
        if self._rows:
            self.setAccessibleDescription(self._words(self._at))
        self.update()

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._under:
            self._under = cell
            pointing = Qt.CursorShape.PointingHandCursor
            self.setCursor(Qt.CursorShape.ArrowCursor if cell is None else pointing)
            self.update()

    def _cell_at(self, place: QPoint) -> Cell | None:
        columns = range(CLASS_COUNT + 1)
        for row in range(self._rows):
            for column in columns:
                if self.place_of(row, column).adjusted(-1, -1, 1, 1).contains(place):
                    return row, column
        return None

    def _words(self, cell: Cell) -> str:
        row, column = cell
        test, index = self._viewpoint.document.test, self._choice.indices[row]
        own = "" if test is None else f", label {test.class_names[test.labels[index]]}"
        digit = f"Test digit {index:,}{own}"
        if column == 0:
            return f"{digit}: choose it"
        return f"{digit}, its style as {self._name(column - 1)}: show it in the plane"

    def _name(self, class_: int) -> str:
        test = self._viewpoint.document.test
        return str(class_) if test is None else test.class_names[class_]

    def _paint_names(self, painter: QPainter) -> None:
        model, metrics = self._viewpoint.document.model, self.fontMetrics()
        shown = None if model is None else model.label
        role = QPalette.ColorRole
        for class_ in range(CLASS_COUNT):
            room = self.place_of(0, class_ + 1)
            room.setRect(room.left() - 1, 0, DIGIT + 2, self._top)
            is_shown = class_ == shown
            ink = role.WindowText if is_shown else role.PlaceholderText
            painter.setPen(self.palette().color(ink))
            name = metrics.elidedText(self._name(class_), Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)

    def _frame(self, painter: QPainter, cell: Cell, role: QPalette.ColorRole) -> None:
        painter.setPen(QPen(self.palette().color(role), FRAME))
        painter.drawRect(QRectF(self.place_of(*cell)).adjusted(-1.0, -1.0, 1.0, 1.0))


def _draw(painter: QPainter, place: QRect, levels: NDArray[np.uint8]) -> None:
    painter.drawImage(QPointF(place.topLeft()), image_of(np.ascontiguousarray(levels)))

"""The choice of how large the cells of a layer are."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from vae_gui.state.appearance import SIZES
from vae_gui.widgets.action_button import paint_ground

WIDTH, HEIGHT = 20, 16
SIDES = (5.0, 8.0, 11.0)  # of the squares that stand for the sizes


class CellSizes(QWidget):
    """A square for each size, of which one is filled.

    Signals:
        chosen (int): one was pressed, 0 for small to 2 for large.
    """

    chosen = Signal(int)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Make the choice for the layer of this title."""
        super().__init__(parent)
        self.buttons = [SizeButton(size, title) for size in range(len(SIZES))]
        group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for size, button in enumerate(self.buttons):
            group.addButton(button)
            layout.addWidget(button)
            button.clicked.connect(lambda _=False, size=size: self.chosen.emit(size))
        self.setAccessibleName(f"Size of the cells of {title}")

    def show_size(self, size: int) -> None:
        """Show which is chosen."""
        self.buttons[size].setChecked(True)


class SizeButton(QAbstractButton):
    """A square as large as the size that it stands for."""

    def __init__(self, size: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = SIDES[size]
        self.setCheckable(True)
        self.setFixedSize(WIDTH, HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"{title}: {SIZES[size]} cells")
        self.setToolTip(f"{SIZES[size].capitalize()} cells")

    def sizeHint(self) -> QSize:
        """Always the same."""
        return QSize(WIDTH, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the square, filled while it is chosen."""
        painter, role = QPainter(self), QPalette.ColorRole
        paint_ground(painter, self)
        down = self.isChecked() and self.isEnabled()
        colour = self.palette().color(role.Highlight if down else role.PlaceholderText)
        square = QRectF(0.0, 0.0, self._side, self._side)
        square.moveCenter(QRectF(self.rect()).center())
        square.moveTo(int(square.x()) + 0.5, int(square.y()) + 0.5)
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(colour if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawRect(square)

"""A column of parts of one fixed width, in an area that scrolls when it is too high."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget


class Column(QWidget):
    """The parts, one below the other, each as high as its wrapped text needs at this width.

    A scroll area asks for the minimum height without giving a width. Qt's own answer ignores
    wrapped lines, for which everything else would then be squeezed.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.setFixedWidth(width)
        self.parts = QVBoxLayout(self)

    def minimumSizeHint(self) -> QSize:
        """The height that this width needs."""
        width = self.width()
        height = self.parts.totalHeightForWidth(width)
        return QSize(width, height if height > 0 else self.parts.totalMinimumSize().height())


class ScrollingColumn(QScrollArea):
    """A column that scrolls vertically, without a frame."""

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = Column(width)
        self.parts = column.parts
        self.setFixedWidth(width)
        self.setWidget(column)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

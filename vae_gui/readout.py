"""A line of text that changes with every move of the hand."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Readout(QWidget):
    """One line of plain text, elided where it does not fit.

    A QLabel would lay out the whole panel anew each time its text changes; this only repaints.
    """

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        """Make an empty line; "caption" is muted, "title" is bold, "text" is neither."""
        super().__init__(parent)
        self._text = ""
        self._muted = role == "caption"
        if role == "title":
            font = self.font()
            font.setBold(True)
            self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """What it says."""
        return self._text

    def setText(self, text: str) -> None:
        """Say something else."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """One line high; as wide as there is room."""
        return QSize(0, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text."""
        painter = QPainter(self)
        palette = self.palette()
        painter.setPen(palette.placeholderText().color() if self._muted else palette.text().color())
        fitting = self.fontMetrics().elidedText(
            self._text, Qt.TextElideMode.ElideRight, self.width()
        )
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(self.rect(), flags, fitting)

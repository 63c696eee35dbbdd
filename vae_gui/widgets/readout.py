"""A label for text that changes with every move of the hand."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.style.labels import dress


class Readout(QWidget):
    """One or more lines of plain text on a panel's background.

    A QLabel would lay out the whole panel again at each change of text; this only repaints.
    """

    def __init__(self, role: str, lines: int = 1, parent: QWidget | None = None) -> None:
        """Make room for some lines in one of the roles of `labels`."""
        super().__init__(parent)
        self._text = ""
        self._lines = lines
        dress(self, role)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
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

    def set_lines(self, lines: int) -> None:
        """Make room for another number of lines."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
            self.update()

    @property
    def flags(self) -> Qt.AlignmentFlag | Qt.TextFlag:
        """How its text is laid out in it."""
        if self._lines > 1:
            return Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        return Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft

    def sizeHint(self) -> QSize:
        """As high as its lines; as wide as there is room."""
        return QSize(0, self._lines * self.fontMetrics().lineSpacing() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground and the text."""
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.window())
        painter.setPen(palette.color(self.foregroundRole()))
        painter.drawText(self.rect(), self.flags, self._text)

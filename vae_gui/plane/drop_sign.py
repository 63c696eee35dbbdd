"""The sign on the plane that it would take what is dragged over the window."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

FRAME_WIDTH = 3.0
PADDING = 14
CORNER = 4.0


class DropSign(QWidget):
    """A frame around the whole plane, and a sentence in its middle. The mouse passes through it."""

    def __init__(self, plane: QWidget) -> None:
        """Make the sign of a plane; it is hidden until there is something to say."""
        super().__init__(plane)
        self._plane = plane
        self.text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        plane.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence; an empty one takes the sign away."""
        if text == self.text:
            return
        self.text = text
        self.setAccessibleName(text)
        self.setGeometry(self._plane.rect())
        self.setVisible(bool(text))
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the plane."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._plane.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame and the sentence, cut in its middle where there is no room for it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        half = FRAME_WIDTH / 2
        painter.setPen(QPen(accent, FRAME_WIDTH))
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        metrics = self.fontMetrics()
        room = self.width() - 4 * PADDING
        text = metrics.elidedText(self.text, Qt.TextElideMode.ElideMiddle, room)
        box = QRectF(0.0, 0.0, metrics.horizontalAdvance(text), metrics.height())
        box.adjust(-PADDING, -PADDING / 2, PADDING, PADDING / 2)
        box.moveCenter(QRectF(self.rect()).center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(box, CORNER, CORNER)
        painter.setPen(self.palette().color(QPalette.ColorRole.HighlightedText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

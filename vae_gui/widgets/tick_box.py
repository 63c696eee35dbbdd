"""A box to tick whose border can be seen on light and on dark."""

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox, QWidget

from vae_gui.widgets.focus_frame import paint_focus_frame

SIDE = 14.0
GAP = 8.0  # from the box to its title
CORNER = 3.0
INDENT = round(SIDE + GAP)


class TickBox(QCheckBox):
    """A check box painted in the palette's colours: Qt's own border vanishes in a dark window."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is

    def sizeHint(self) -> QSize:
        """Its box and its title on one line."""
        metrics = self.fontMetrics()
        words = metrics.size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(INDENT + words.width() + 3, max(round(SIDE) + 4, words.height() + 2))

    def minimumSizeHint(self) -> QSize:
        """As large as it is."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """Box and title, and what is between them."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, filled with the accent while it is ticked, and the title."""
        painter, palette, role = QPainter(self), self.palette(), QPalette.ColorRole
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - SIDE) / 2.0, SIDE - 1.0, SIDE - 1.0).translated(0.0, 0.5)
        ticked = self.isChecked()
        border = role.Highlight if ticked else role.PlaceholderText
        painter.setPen(QPen(palette.color(border), 1.0))
        painter.setBrush(palette.color(role.Highlight if ticked else role.Base))
        painter.drawRoundedRect(box, CORNER, CORNER)
        if ticked:
            self._paint_tick(painter, box, palette.color(role.HighlightedText))
        painter.setPen(palette.color(role.WindowText))
        words = self.rect().adjusted(INDENT, 0, 0, 0)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic, self.text()
        )
        paint_focus_frame(painter, self)

    def _paint_tick(self, painter: QPainter, box: QRectF, colour: QColor) -> None:
        pen = QPen(colour, 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [box.topLeft() + QPointF(x, y) for x, y in ((3.0, 6.8), (5.6, 9.4), (10.2, 3.8))]
        painter.drawPolyline(QPolygonF(points))

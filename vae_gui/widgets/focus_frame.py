"""The frame around a widget that has the keyboard."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget


def paint_focus_frame(painter: QPainter, widget: QWidget, corner: float = 3.0) -> None:
    """Draw the frame where a widget has the keyboard; nothing where it has not."""
    if widget.hasFocus():
        painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.Highlight), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inside = QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inside, corner, corner)

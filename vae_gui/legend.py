"""Which colour is which class."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.labels import label
from vae_gui.session import Session
from vae_gui.theme import CLASS_COLOURS


class Swatch(QWidget):
    """A dot in the colour of a class."""

    def __init__(self, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QColor(colour)
        self.setFixedSize(QSize(12, 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawEllipse(QPointF(6.0, 6.0), 5.0, 5.0)


class Legend(QWidget):
    """A column of dots and class names."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.names = [label("text", wrap=False) for _ in CLASS_COLOURS]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(6)
        self._heading = label("section", "Class", wrap=False)
        layout.addWidget(self._heading)
        for colour, name in zip(CLASS_COLOURS, self.names, strict=True):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Swatch(colour))
            row.addWidget(name, 1)
            layout.addLayout(row)
        layout.addStretch(1)
        session.digits_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        digits = self._session.digits
        self.setVisible(digits is not None)
        if digits is not None:
            for widget, name in zip(self.names, digits.class_names, strict=True):
                widget.setText(name)

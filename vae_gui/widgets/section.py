"""A part of a panel that folds away under its heading."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from vae_gui.style.labels import dress
from vae_gui.widgets.focus_frame import paint_focus_frame
from vae_gui.widgets.glyph import GAP, GLYPH, PaintGlyph


class Heading(QAbstractButton):
    """A title, and at its right end an arrow that points down while its section is unfolded."""

    def __init__(
        self, title: str, glyph: PaintGlyph | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        dress(self, "title")
        self._glyph = glyph
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Fold or unfold this part")

    def sizeHint(self) -> QSize:
        """One line high."""
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(round(width + self._indent) + 1, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow, the title, and a frame where the keyboard is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if self._glyph is not None:
            top = (self.height() - GLYPH) / 2.0
            self._glyph(painter, QRectF(0.0, top, GLYPH, GLYPH), palette)
        role = self.foregroundRole()
        painter.setPen(palette.color(role))
        words = QRectF(self.rect()).adjusted(self._indent, 0.0, 0.0, 0.0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        self._paint_arrow(painter, palette.color(role))
        paint_focus_frame(painter, self)

    @property
    def _indent(self) -> float:
        return 0.0 if self._glyph is None else GLYPH + GAP

    def _paint_arrow(self, painter: QPainter, colour: QColor) -> None:
        middle, half = QPointF(self.width() - 7.0, self.height() / 2.0), 3.5
        down = ((-half, -2.0), (half, -2.0), (0.0, 2.5))
        right = ((-2.0, -half), (-2.0, half), (2.5, 0.0))
        corners = down if self.isChecked() else right
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in corners]))


class Section(QWidget):
    """A heading and what it heads."""

    def __init__(
        self,
        title: str,
        content: QWidget,
        glyph: PaintGlyph | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.heading = Heading(title, glyph)
        self.content = content
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.heading)
        layout.addWidget(content)
        self.heading.toggled.connect(content.setVisible)
        self.heading.setAccessibleName(title)

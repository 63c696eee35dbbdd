"""The name of a model above its plane, where two stand side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import wrapped

MARGIN_LEFT, MARGIN_TOP, MARGIN_BOTTOM = 8, 6, 4
NOTHING = "–"


class ModelHeading(QWidget):
    """Two lines, as high for every model: its title, and what it is.

    Where the second line has no room for all, its last parts are left out; the tooltip has them.
    """

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self.title = ""
        self.facts: list[str] = []  # the most important first
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for signal in (
            self._document.model_changed,
            self._document.model_read,
            self._document.test_changed,
            viewpoint.slice_changed,
        ):
            signal.connect(self._say)
        self._say()

    def sizeHint(self) -> QSize:
        """Two lines; as wide as there is room."""
        lines = self._bold_metrics().height() + self.fontMetrics().height()
        return QSize(0, lines + MARGIN_TOP + MARGIN_BOTTOM)

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as another font is."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines."""
        painter, metrics = QPainter(self), self._bold_metrics()
        room = self.width() - 2 * MARGIN_LEFT
        painter.setFont(self._bold())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideMiddle, room)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(MARGIN_LEFT, MARGIN_TOP, room, metrics.height()), middle, title)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        below, height = MARGIN_TOP + metrics.height(), self.fontMetrics().height()
        facts = fitting(self.facts, self.fontMetrics(), room)
        painter.drawText(QRect(MARGIN_LEFT, below, room, height), middle, facts)

    def _say(self) -> None:
        model, test = self._document.model, self._document.test
        self.title = NOTHING if model is None else model.title
        parts = []
        if model is not None:
            parts.append(f"{model.latent_dim}-D")
            if model.is_read:
                checkpoint = model.checkpoint
                parts = [f"{model.latent_dim}-D, {checkpoint.config.summary}"]
                parts.append(f"epoch {checkpoint.epoch}")
        if test is not None:
            parts.append(test.source)
        self.facts = parts
        statement = self._viewpoint.slice.statement()
        words = [part for part in (self.title, "; ".join(parts), statement) if part]
        self.setToolTip(wrapped("\n".join(words)))
        self.setAccessibleName("\n".join(words))
        self.update()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def _bold_metrics(self) -> QFontMetrics:
        return QFontMetrics(self._bold())


def fitting(parts: Sequence[str], metrics: QFontMetrics, room: int) -> str:
    """As many of some parts, the first ones first, as a line has room for; the first one always."""
    for count in range(len(parts), 0, -1):
        line = "; ".join(parts[:count])
        if metrics.horizontalAdvance(line) <= room:
            return line
    return metrics.elidedText(parts[0], Qt.TextElideMode.ElideRight, room) if parts else ""

"""p(label | evidence) as ten bars, in the colours of the classes."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vae_gui.style.scales import percent_of_belief
from vae_gui.style.theme import theme_of

HEIGHT = 22.0  # of a bar of 100 %
GAP = 4.0


class LabelBars(QWidget):
    """Ten bars over their labels; the likeliest has its probability written on it."""

    def __init__(self, of: str = "p({} | seen)", parent: QWidget | None = None) -> None:
        """Show nothing; `of` is how the probability of a label, in the braces, is written."""
        super().__init__(parent)
        self._of = of
        self.probabilities: NDArray[np.float64] | None = None
        self._names: tuple[str, ...] = tuple(str(label) for label in range(10))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Probabilities of the labels")

    def show_labels(
        self, probabilities: NDArray[np.float64] | None, names: tuple[str, ...] | None = None
    ) -> None:
        """Show p(label), (10,); None: nothing is known."""
        self.probabilities = probabilities
        if names is not None:
            self._names = names
        said = "not known"
        if probabilities is not None:
            best = np.argsort(-probabilities)[:3].tolist()
            said = ", ".join(
                f"{self._names[i]}: {percent_of_belief(float(probabilities[i]))}" for i in best
            )
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """A line above the bars, and one below."""
        return QSize(200, round(HEIGHT) + 2 * self.fontMetrics().height())

    def event(self, event: QEvent) -> bool:
        """Say the probability of the label under the cursor."""
        if isinstance(event, QHelpEvent) and self.probabilities is not None:
            label = min(max(int(event.pos().x() * 10 / self.width()), 0), 9)
            share = percent_of_belief(float(self.probabilities[label]))
            words = f"{self._of.format(self._names[label])} = {share}"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        painter, theme = QPainter(self), theme_of(self.palette())
        line = self.fontMetrics().height()
        pitch = self.width() / 10.0
        known = np.zeros(10) if self.probabilities is None else self.probabilities
        best = int(known.argmax())
        muted = self.palette().color(QPalette.ColorRole.PlaceholderText)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        foot = line + HEIGHT
        painter.fillRect(QRectF(0.0, foot, self.width(), 1.0), self.palette().mid())
        for label in range(10):
            left, height = label * pitch + GAP / 2.0, max(0.0, HEIGHT * float(known[label]))
            bar = QRectF(left, foot - height, pitch - GAP, height)
            painter.fillRect(bar, QColor(theme.classes[label]))
            is_best = self.probabilities is not None and label == best
            painter.setPen(text if is_best else muted)
            below = QRectF(label * pitch, foot + 1.0, pitch, line)
            name = self.fontMetrics().elidedText(
                self._names[label], Qt.TextElideMode.ElideRight, round(pitch)
            )
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
            if is_best:
                share = percent_of_belief(float(known[label]))
                wide = QRectF(0.0, 0.0, self.fontMetrics().horizontalAdvance(share) + 2.0, line)
                wide.moveCenter(QPointF(left + (pitch - GAP) / 2.0, bar.top() - line / 2.0))
                wide.moveLeft(min(max(wide.left(), 0.0), self.width() - wide.width()))
                painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, share)

"""The colours of a number: a bar with ticks, and how many digits have which value."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.measures import NUMBERS
from vae_gui.state.session import Session
from vae_gui.style.colour_maps import amounts
from vae_gui.style.labels import label
from vae_gui.style.scales import Scale

BAR_WIDTH, BAR_HEIGHT = 14.0, 208.0
LEAST_HEIGHT = 90
BINS = 52
HISTOGRAM_WIDTH = 40.0
GAP = 4.0
PAD = 8.0  # above and below, for half a line of text


class ColourBar(QWidget):
    """What is hidden while digits are coloured by class."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.unit = label("caption", wrap=False)
        self.bar = Bar()
        self.known = label("caption")
        self._progress = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        for part in (self.unit, self.bar, self.known):
            layout.addWidget(part)
        for signal in (session.colouring_changed, session.numbers_changed, session.digits_changed):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        key, numbers = self._session.colouring, self._session.numbers
        self.setVisible(key is not None and numbers is not None)
        if key is None or numbers is None:
            return
        number, values = NUMBERS[key], numbers.values(key)
        self.setToolTip(number.tip)
        self.unit.setText(number.unit)
        self.bar.show_values(values, self._session.scale())
        self.bar.setAccessibleName(f"Colours of {number.title}, in {number.unit}")
        self._say_what_is_known(key, values)

    def set_progress(self, text: str) -> None:
        """Say how far the computation is."""
        self._progress = text
        key, numbers = self._session.colouring, self._session.numbers
        if key is not None and numbers is not None:
            self._say_what_is_known(key, numbers.values(key))

    def _say_what_is_known(self, key: str, values: NDArray[np.floating]) -> None:
        count = int(np.isfinite(values).sum())
        if key == "log_likelihood" and self._session.plane.dimensions != 2:
            text = "only with two latent dimensions"
        elif 0 < count < len(values):
            text = f"{count:,} of {len(values):,} so far"
        else:
            text = self._progress if count == 0 else ""
        self.known.setText(text)
        self.known.setVisible(bool(text))


class Bar(QWidget):
    """Ticks, colours from the lowest value at the bottom to the highest, and a histogram."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale: Scale | None = None
        self.counts: NDArray[np.intp] = np.zeros(BINS, dtype=np.intp)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(LEAST_HEIGHT)

    def show_values(self, values: NDArray[np.floating], scale: Scale | None) -> None:
        """Show a scale, and how often each part of it occurs; beyond its ends, at its ends."""
        self.scale = scale
        if scale is not None:
            known = np.clip(values[np.isfinite(values)], scale.low, scale.high)
            self.counts, _ = np.histogram(known, bins=BINS, range=(scale.low, scale.high))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as its longest tick needs; less high where there is no room."""
        width = self._text_width() + BAR_WIDTH + HISTOGRAM_WIDTH + 3 * GAP
        return QSize(round(width), round(BAR_HEIGHT + 2 * PAD))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it all."""
        if self.scale is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = self._text_width() + GAP
        bar = QRectF(left, PAD, BAR_WIDTH, self.height() - 2 * PAD)
        painter.drawImage(bar, _gradient())
        self._paint_histogram(painter, bar)
        self._paint_ticks(painter, bar, self.scale)

    def _paint_histogram(self, painter: QPainter, bar: QRectF) -> None:
        most = max(1, int(self.counts.max()))
        height = bar.height() / BINS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for index, count in enumerate(self.counts):
            top = bar.bottom() - (index + 1) * height
            width = HISTOGRAM_WIDTH * int(count) / most
            painter.drawRect(QRectF(bar.right() + GAP, top + 0.5, width, height - 1.0))

    def _paint_ticks(self, painter: QPainter, bar: QRectF, scale: Scale) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        line = float(self.fontMetrics().height())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick in scale.ticks:
            part = (tick - scale.low) / (scale.high - scale.low)
            y = bar.bottom() - part * bar.height()
            box = QRectF(0.0, y - line / 2, bar.left() - GAP, line)
            painter.drawText(box, right, scale.text_of(tick))
            painter.drawLine(QPointF(bar.left() - 2.0, y), QPointF(bar.left(), y))

    def _text_width(self) -> float:
        if self.scale is None:
            return 0.0
        metrics = self.fontMetrics()
        return max(metrics.horizontalAdvance(self.scale.text_of(tick)) for tick in self.scale.ticks)


def _gradient() -> QImage:
    """One column of all colours, the last of the table on top."""
    table = amounts()
    image = QImage(1, len(table), QImage.Format.Format_RGB32)
    for row, colour in enumerate(table[::-1]):
        image.setPixelColor(0, row, QColor(int(colour)))
    return image

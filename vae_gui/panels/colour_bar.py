"""The colours of a measure: a bar with ticks, and a histogram of its values."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.measures import MEASURES
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import amounts
from vae_gui.style.labels import label
from vae_gui.style.palette import Theme
from vae_gui.style.pixels import image_of
from vae_gui.style.scales import Scale
from vae_gui.style.theme import theme_of

BAR_WIDTH, BAR_HEIGHT = 14.0, 208.0
LEAST_HEIGHT = 90
BINS = 52
HISTOGRAM_WIDTH = 40.0
GAP = 4.0
PAD = 8.0  # above and below, for half a line of text


class ColourBar(QWidget):
    """Unit, bar and histogram of the measure that colours images; hidden when they show classes."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.unit = label("caption", wrap=False)
        self.bar = Bar()
        self.known = label("caption")
        self._progress = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(4)
        for part in (self.unit, self.bar, self.known):
            layout.addWidget(part)
        for signal in (
            self._appearance.colouring_changed,
            self._document.measures_changed,
            self._document.test_changed,
        ):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        key, measures = self._appearance.colouring, self._document.measures
        self.setVisible(key is not None and measures is not None)
        if key is None or measures is None:
            return
        measure, column = MEASURES[key], measures[key]
        self.setToolTip(measure.tip)
        self.unit.setText(measure.unit)
        self.bar.show_values(column.values, column.scale)
        self.bar.setAccessibleName(f"Colours of {measure.title}, in {measure.unit}")
        self._say_what_is_known()

    def set_progress(self, text: str) -> None:
        """Show the progress of the computation."""
        self._progress = text
        self._say_what_is_known()

    def _say_what_is_known(self) -> None:
        key, measures = self._appearance.colouring, self._document.measures
        if key is None or measures is None:
            return
        column = measures[key]
        if key in measures.never:
            text = measures.never[key]
        elif column.is_complete:
            missing = int(np.isnan(column.values).sum())
            text = f"{missing:,} of {len(measures):,} not resolved" if missing else ""
        elif column.count:
            text = f"{column.count:,} of {len(measures):,} so far"
        else:
            text = self._progress
        self.known.setText(text)
        self.known.setVisible(bool(text))


class Bar(QWidget):
    """A vertical bar, the lowest value below, with ticks at its left, a histogram at its right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale: Scale | None = None
        self.counts: NDArray[np.intp] = np.zeros(BINS, dtype=np.intp)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(LEAST_HEIGHT)

    def show_values(self, values: NDArray[np.floating], scale: Scale | None) -> None:
        """Show a scale and the histogram of values; values beyond its ends count at its ends."""
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
        painter.drawImage(bar, _gradient(theme_of(self.palette())))
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


def _gradient(theme: Theme) -> QImage:
    """A column of all colours, with the last one of the table on top."""
    table = amounts(theme)
    return image_of(np.ascontiguousarray(table[::-1, None]), opaque=True).copy()

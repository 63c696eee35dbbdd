"""The colours of a measure: a bar with ticks under it, and a histogram of its values above it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vae_gui.plane.axes import fitting
from vae_gui.state.measures import MEASURES, Measure
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.colour_maps import amounts
from vae_gui.style.labels import label, wrapped
from vae_gui.style.pixels import image_of
from vae_gui.style.scales import Scale
from vae_gui.style.theme import theme_of

HISTOGRAM_HEIGHT, BAR_HEIGHT = 32.0, 12.0
BINS = 50
GAP = 2.0  # between histogram and bar
TICK = 3.0  # how far a tick reaches below the bar
BETWEEN = 6.0  # pixels left free between two numbers
LEAST_WIDTH = 120
ENDS = "The bar reaches from the 1st to the 99th percentile. What lies beyond has an end's colour."


class ColourBar(QWidget):
    """Unit, bar and histogram of the measure that colours images; hidden when they show classes."""

    def __init__(self, viewpoint: Viewpoint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.unit = label("caption", wrap=False)
        self.bar = Bar()
        self.known = label("caption")
        self._progress = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self.unit, self.bar, self.known):
            layout.addWidget(part)
        for signal in (
            self._appearance.colouring_changed,
            viewpoint.scales_changed,
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
        self.setToolTip(wrapped(f"{measure.tip}\n\n{ENDS}"))
        self.unit.setText(f"{measure.unit}, {self._range_of(measure)}")
        self.bar.show_values(column.coloured, self._viewpoint.scale_of(key))
        title = measure.title_given(self._document.label)
        self.bar.setAccessibleName(f"Colours of {title}, in {measure.unit}")
        self._say_what_is_known()

    def set_progress(self, text: str) -> None:
        """Show the progress of the computation."""
        self._progress = text
        self._say_what_is_known()

    def _range_of(self, measure: Measure) -> str:
        """What the ends of the colours are."""
        if measure.scale is not None:
            return "the same range for all"
        if self._viewpoint.beside is not None:
            return "1st to 99th percentile of both"
        if self._document.keeps_scales:
            return "range as before scrubbing"
        return "1st to 99th percentile"

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


class Number(NamedTuple):
    """A number under the bar: its value, as it is written, and where, in pixels."""

    value: float
    text: str
    box: QRectF


class Bar(QWidget):
    """A bar from the lowest value to the highest, with ticks below it and a histogram above it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale: Scale | None = None
        self.counts: NDArray[np.intp] = np.zeros(BINS, dtype=np.intp)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: NDArray[np.floating], scale: Scale | None) -> None:
        """Show a scale and the histogram of values; values beyond its ends count at its ends."""
        self.scale = scale
        if scale is not None:
            known = np.clip(values[np.isfinite(values)], scale.low, scale.high)
            self.counts, _ = np.histogram(known, bins=BINS, range=(scale.low, scale.high))
        self.update()

    def sizeHint(self) -> QSize:
        """As high as histogram, bar and a line of numbers; as wide as there is room."""
        height = HISTOGRAM_HEIGHT + GAP + BAR_HEIGHT + TICK
        return QSize(LEAST_WIDTH, round(height) + self.fontMetrics().height())

    def column_of(self, value: float) -> float:
        """Where a value lies, in pixels from the left edge."""
        return 0.0 if self.scale is None else self.scale.fraction_of(value) * self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it all."""
        if self.scale is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(0.0, HISTOGRAM_HEIGHT + GAP, self.width(), BAR_HEIGHT)
        table = amounts(theme_of(self.palette()))
        painter.drawImage(bar, image_of(table[None], opaque=True))
        self._paint_histogram(painter)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(self._font(self.scale))
        for number in self.numbers(self.scale):
            x = min(max(self.column_of(number.value), 0.5), self.width() - 0.5)
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + TICK))
            painter.drawText(number.box, Qt.AlignmentFlag.AlignCenter, number.text)

    def numbers(self, scale: Scale) -> list[Number]:
        """Both ends, and the ticks between them that have room for their numbers."""
        metrics, top = QFontMetricsF(self._font(scale)), HISTOGRAM_HEIGHT + GAP + BAR_HEIGHT + TICK

        def placed(value: float, text: str) -> Number:
            width = metrics.horizontalAdvance(text) + 1.0
            left = self.column_of(value) - width / 2.0
            left = max(0.0, min(left, self.width() - width))
            return Number(value, text, QRectF(left, top, width, metrics.height()))

        found = [placed(end, scale.text_of_end(end)) for end in (scale.low, scale.high)]
        for tick in scale.ticks:
            number = placed(tick, scale.text_of(tick))
            free = number.box.adjusted(-BETWEEN, 0.0, BETWEEN, 0.0)
            if not any(free.intersects(other.box) for other in found):
                found.append(number)
        return found

    def _font(self, scale: Scale) -> QFont:
        """The usual font, or a smaller one in which the numbers at the ends do not meet."""
        ends = [scale.text_of_end(end) for end in (scale.low, scale.high)]
        return fitting(self.font(), ends, (self.width() - BETWEEN) / 2.0 - 1.0)

    def _paint_histogram(self, painter: QPainter) -> None:
        most = max(1, int(self.counts.max()))
        width = self.width() / BINS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for index, count in enumerate(self.counts):
            height = HISTOGRAM_HEIGHT * int(count) / most
            place = QRectF(index * width + 0.5, HISTOGRAM_HEIGHT - height, width - 1.0, height)
            painter.drawRect(place)

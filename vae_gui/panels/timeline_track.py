"""The track of the timeline: the ELBO curve over the snapshots, and a handle that scrubs."""

import math
from bisect import bisect_left
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from vae_gui.plane.layers.cached_drawing import CachedDrawing
from vae_gui.state.timeline import Moment, Timeline
from vae_gui.style.labels import wrapped

CURVE, GROOVE, WORDS = 20.0, 8.0, 14.0  # heights, in pixels
SIDE = 10.0  # left and right of the first and the last snapshot
HANDLE = 5.0  # the radius of the handle
_MUTED = QPalette.ColorRole.PlaceholderText
BETWEEN = 8.0  # pixels left free between two words
SMALL = 0.85  # the size of words, as a fraction of the usual one
TIP = (
    "The snapshots of this run, in their order and equally far apart: most of what there is to "
    "see happens in the first epoch, which a scale of time would squeeze into a pixel. The curve "
    "is the validation ELBO; before the first, dotted, that of the training images so far. Its "
    "depth is the square root of the distance below the best, which the triangle marks. Snapshots "
    "with a bold tick are encoded, and can be shown at once. Drag, or click."
)


class TimelineTrack(QAbstractSlider):
    """A slider over the snapshots of a run, whose track is the run's ELBO curve."""

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._still = CachedDrawing()
        self._worded: object = None  # what these words are of
        self._words: list[tuple[QRectF, str]] = []
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setAccessibleName("Snapshots of the training")
        self.setToolTip(wrapped(TIP))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setPageStep(10)
        self.valueChanged.connect(timeline.go_to)
        timeline.changed.connect(self._follow)
        for signal in (timeline.wanted_changed, timeline.shown_changed):
            signal.connect(self._follow)
        timeline.made_changed.connect(self.update)
        self._follow()

    def sizeHint(self) -> QSize:
        """As high as curve, groove and words; as wide as there is room."""
        return QSize(200, round(CURVE + 2 * GROOVE + WORDS))

    def column_of(self, index: float) -> float:
        """Where a snapshot lies, in pixels from the left edge; between two for a fraction."""
        last = max(1, len(self._timeline.moments) - 1)
        return SIDE + (self.width() - 2.0 * SIDE) * index / last

    def index_at(self, x: float) -> int:
        """The snapshot nearest to a pixel column."""
        last = len(self._timeline.moments) - 1
        fraction = (x - SIDE) / max(1.0, self.width() - 2.0 * SIDE)
        return max(0, min(last, math.floor(fraction * last + 0.5)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump to the snapshot under the mouse."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._go_under(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_under(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw curve, groove, words and handle."""
        timeline = self._timeline
        if not timeline.moments:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        key = (timeline.story, len(timeline.train), self._ink(_MUTED).rgb())
        self._still.paint(painter, key, self.size(), self.devicePixelRatioF(), self._paint_still)
        self._paint_groove(painter)
        self._paint_handle(painter)

    # Inside

    def _paint_still(self, painter: QPainter) -> None:
        """Curve and words, which stay while one scrubs."""
        self._paint_curve(painter)
        self._paint_words(painter)

    def _go_under(self, event: QMouseEvent) -> None:
        self._timeline.go_to(self.index_at(event.position().x()))

    def _follow(self) -> None:
        timeline = self._timeline
        place = timeline.wanted if timeline.wanted is not None else timeline.shown
        self.blockSignals(True)
        self.setRange(0, max(0, len(timeline.moments) - 1))
        self.setValue(place or 0)
        self.blockSignals(False)
        self.update()

    def _place_of(self, step: int) -> float:
        """Where a step lies among the snapshots: an index, with a fraction between two."""
        steps = [moment.step for moment in self._timeline.moments]
        after = bisect_left(steps, step)
        if after == len(steps):
            return float(after - 1)
        if steps[after] == step or after == 0:
            return float(after)
        before = steps[after - 1]
        return after - 1 + (step - before) / (steps[after] - before)

    def _height_of(self, elbo: float, best: float, lowest: float) -> float:
        """The pixel row of an ELBO, by the square root of its distance below the best."""
        part = math.sqrt(max(0.0, best - elbo) / max(1e-9, best - lowest))
        return 4.0 + (CURVE - 6.0) * part

    def _paint_curve(self, painter: QPainter) -> None:
        timeline = self._timeline
        measured = [(point.step, point.elbo) for point in timeline.story.curve]
        first = measured[0][0] if measured else math.inf
        begun = [
            (m.step, timeline.train[m.step])
            for m in timeline.moments
            if m.step in timeline.train and m.step < first
        ]
        every = [elbo for _, elbo in begun + measured]
        if not every:
            return
        best, lowest = max(every), min(every)

        def line_of(points: list[tuple[int, float]]) -> QPolygonF:
            return QPolygonF(
                [
                    QPointF(
                        self.column_of(self._place_of(step)), self._height_of(elbo, best, lowest)
                    )
                    for step, elbo in points
                ]
            )

        ink = self._ink(_MUTED)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink, 1.2, Qt.PenStyle.DotLine))
        painter.drawPolyline(line_of(begun + measured[:1]))
        painter.setPen(QPen(ink, 1.6))
        painter.drawPolyline(line_of(measured))
        if timeline.best is not None:
            row = self._height_of(timeline.best.elbo, best, lowest)
            self._paint_best(
                painter, QPointF(self.column_of(self._place_of(timeline.best.step)), row)
            )

    def _paint_best(self, painter: QPainter, at: QPointF) -> None:
        """A triangle that points at the best epoch from above."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink(QPalette.ColorRole.Highlight))
        tip = QPointF(at.x(), max(at.y(), 6.5))
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4.0, -6.5), tip + QPointF(4.0, -6.5)]))

    def _paint_groove(self, painter: QPainter) -> None:
        timeline, y = self._timeline, CURVE + GROOVE
        line, ink = self._ink(QPalette.ColorRole.Mid), self._ink(_MUTED)
        last = len(timeline.moments) - 1
        made, open_ = [], [QLineF(self.column_of(0), y, self.column_of(last), y)]
        for index, moment in enumerate(timeline.moments):
            x = self.column_of(index)
            if moment.step in timeline.made:
                made.append(QLineF(x, y - 3.0, x, y + 3.0))
            elif moment.step not in timeline.broken:
                open_.append(QLineF(x, y - 2.0, x, y + 2.0))
        painter.setPen(QPen(line, 1.0))
        painter.drawLines(open_)
        width = min(2.0, (self.width() - 2.0 * SIDE) / max(1, last) / 2.0)
        painter.setPen(QPen(ink, width))
        painter.drawLines(made)

    def _paint_words(self, painter: QPainter) -> None:
        font = QFont(self.font())
        font.setPointSizeF(SMALL * self.font().pointSizeF())
        painter.setFont(font)
        painter.setPen(self._ink(_MUTED))
        for box, text in self.words(QFontMetricsF(font)):
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def words(self, metrics: QFontMetricsF) -> list[tuple[QRectF, str]]:
        """The words below the groove that have room, the most telling first, and where."""
        moments = self._timeline.moments
        key = (moments, self.width(), metrics.height())
        if self._worded == key:
            return self._words
        found: list[tuple[QRectF, str]] = []
        for index, text in _words_of(moments):
            width = metrics.horizontalAdvance(text) + 1.0
            left = self.column_of(index) - width / 2.0
            left = max(0.0, min(left, self.width() - width))
            box = QRectF(left, CURVE + 2.0 * GROOVE - 2.0, width, WORDS)
            free = box.adjusted(-BETWEEN, 0.0, BETWEEN, 0.0)
            if not any(free.intersects(other) for other, _ in found):
                found.append((box, text))
        self._worded, self._words = key, found
        return found

    def _paint_handle(self, painter: QPainter) -> None:
        timeline, y = self._timeline, CURVE + GROOVE
        accent = self._ink(QPalette.ColorRole.Highlight)
        shown, wanted = timeline.shown, timeline.wanted
        if shown is not None and shown != wanted:  # what the plane shows until the other is read
            painter.setPen(QPen(accent, 1.5))
            painter.setBrush(self._ink(QPalette.ColorRole.Light))
            painter.drawEllipse(QPointF(self.column_of(shown), y), HANDLE - 1.0, HANDLE - 1.0)
        if wanted is not None:
            x = self.column_of(wanted)
            painter.setPen(QPen(accent, 1.5))
            painter.drawLine(QPointF(x, 2.0), QPointF(x, y))
            painter.setBrush(accent)
            painter.drawEllipse(QPointF(x, y), HANDLE, HANDLE)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.0, 1.0, -1.0, -1.0), 4.0, 4.0)

    def _ink(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(role)


@lru_cache(maxsize=4)
def _words_of(moments: tuple[Moment, ...]) -> list[tuple[int, str]]:
    """A few words for each snapshot, with its index, the most telling first.

    Where numbers begin, the words say of what: steps before the first epoch, and then epochs.
    """
    first = next((i for i, moment in enumerate(moments) if moment.ends_epoch), len(moments))
    last = len(moments) - 1

    def rank(index: int) -> int:
        moment = moments[index]
        if index in (0, first):
            return 0
        if not moment.ends_epoch:
            return 4 if index < first else 7
        if index == last:
            return 1
        return next((r for r, by in ((2, 50), (3, 10), (5, 5)) if moment.epoch % by == 0), 6)

    def text(index: int) -> str:
        moment = moments[index]
        if moment.ends_epoch:
            return f"epoch {moment.epoch:,}" if index == first else f"{moment.epoch:,}"
        return f"{moment.step:,}" if 0 < index < first else f"step {moment.step:,}"

    order = sorted(range(len(moments)), key=lambda index: (rank(index), index))
    return [(index, text(index)) for index in order]

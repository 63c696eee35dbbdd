"""The rows of the list of runs: what they hold, their order, and how each is painted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from model.files.run_summary import RunStage, RunSummary
from model.printable import printable
from vae_gui.panels.duration import in_short
from vae_gui.style.labels import wrapped
from vae_gui.style.scales import with_minus

Index = QModelIndex | QPersistentModelIndex
RUN = Qt.ItemDataRole.UserRole
PAD, GAP = 6.0, 8.0
CORNER = 4.0
POINTS = 60  # of a sparkline at most

_STAGES = list(RunStage)


def _newest(run: RunSummary) -> tuple[Any, ...]:
    return (run.started, run.folder.name)


def _highest_elbo(run: RunSummary) -> tuple[Any, ...]:
    return (run.best is not None, run.best or 0.0, run.folder.name)


# By title: what is compared, and whether the largest comes first.
ORDERS: dict[str, tuple[Callable[[RunSummary], Any], bool]] = {
    "Newest first": (_newest, True),
    "Name": (lambda run: run.folder.name, False),
    "State": (lambda run: (_STAGES.index(run.stage), run.folder.name), False),
    "Preset": (lambda run: (run.preset or "~", run.folder.name), False),
    "Epoch": (lambda run: (run.epoch, run.folder.name), True),
    "ELBO, best first": (_highest_elbo, True),
    "Time": (lambda run: (run.seconds, run.folder.name), True),
}


class RunRows(QAbstractListModel):
    """The runs in an order."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[RunSummary] = []

    def show_runs(self, runs: Sequence[RunSummary], order: str) -> None:
        """Show other runs, or in another order."""
        key, largest_first = ORDERS[order]
        ordered = sorted(runs, key=key, reverse=largest_first)
        if [run.folder for run in ordered] == [run.folder for run in self.runs]:
            self.runs = ordered
            if ordered:
                self.dataChanged.emit(self.index(0), self.index(len(ordered) - 1))
            return
        self.beginResetModel()
        self.runs = ordered
        self.endResetModel()

    def row_of(self, folder: Path | None) -> int:
        """The row of a run; -1 where it is not there."""
        return next((row for row, run in enumerate(self.runs) if run.folder == folder), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """How many runs there are."""
        return 0 if parent is not None and parent.isValid() else len(self.runs)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A run, its name, or all of it in words."""
        if not index.isValid():
            return None
        run = self.runs[index.row()]
        if role == RUN:
            return run
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(run.folder.name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return wrapped("\n".join((printable(run.folder), *texts_of(run))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((printable(run.folder.name), *texts_of(run)))
        return None


def texts_of(run: RunSummary) -> tuple[str, ...]:
    """All that is said of a run: state and time; kind and epoch; ELBO. Of a damaged one, why."""
    if run.stage is RunStage.DAMAGED:
        return (run.stage, run.reason)
    state = f"{run.stage}, {in_short(run.seconds)}" if run.history else str(run.stage)
    epochs = f"{run.epoch}/{run.epochs}" if run.epochs else str(run.epoch)
    kind = f"{run.preset or run.network}  {epochs}"
    return (state, kind, "" if run.best is None else with_minus(f"{run.best:.1f}"))


class RunPainter(QStyledItemDelegate):
    """Two lines: name, state and time; preset, epochs, the course of the ELBO, its best value."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as two lines."""
        return QSize(0, round(2 * option.fontMetrics.lineSpacing() + 2 * PAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        run = index.data(RUN)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, option)
        inside = QRectF(option.rect).adjusted(PAD, PAD, -PAD, -PAD)
        half = inside.height() / 2.0
        above = QRectF(inside.left(), inside.top(), inside.width(), half)
        texts = texts_of(run)
        _paint_name(painter, option, above, printable(run.folder.name), texts[0], run)
        _paint_rest(painter, option, above.translated(0.0, half), texts[1:], run)
        painter.restore()


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    state, role = QStyle.StateFlag, QPalette.ColorRole
    colour = option.palette.color(role.Highlight)
    if option.state & state.State_Selected:
        colour.setAlphaF(0.22)
    elif option.state & state.State_MouseOver:
        colour.setAlphaF(0.08)
    else:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(QRectF(option.rect).adjusted(0.0, 1.0, 0.0, -1.0), CORNER, CORNER)


def _paint_name(
    painter: QPainter,
    option: QStyleOptionViewItem,
    room: QRectF,
    name: str,
    state: str,
    run: RunSummary,
) -> None:
    role, align = QPalette.ColorRole, Qt.AlignmentFlag
    is_called = run.stage.is_under_way
    painter.setPen(option.palette.color(role.Highlight if is_called else role.PlaceholderText))
    painter.drawText(room, align.AlignRight | align.AlignVCenter, state)
    left = room.width() - option.fontMetrics.horizontalAdvance(state) - GAP
    font = option.font
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(option.palette.color(role.WindowText))
    shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, round(left))
    painter.drawText(room, align.AlignLeft | align.AlignVCenter, shown)
    font.setBold(False)
    painter.setFont(font)


def _paint_rest(
    painter: QPainter,
    option: QStyleOptionViewItem,
    room: QRectF,
    texts: Sequence[str],
    run: RunSummary,
) -> None:
    """The words at the left, the ELBO at the right, its course in what is left between them."""
    role, align = QPalette.ColorRole, Qt.AlignmentFlag
    metrics = option.fontMetrics
    elbo = texts[1] if len(texts) > 1 else ""
    right = room.width() - (metrics.horizontalAdvance(elbo) + GAP if elbo else 0.0)
    painter.setPen(option.palette.color(role.WindowText))
    painter.drawText(room, align.AlignRight | align.AlignVCenter, elbo)
    painter.setPen(option.palette.color(role.PlaceholderText))
    words = metrics.elidedText(texts[0], Qt.TextElideMode.ElideRight, round(right))
    painter.drawText(room, align.AlignLeft | align.AlignVCenter, words)
    start = metrics.horizontalAdvance(words) + GAP
    if len(run.history) > 1 and right - start > 2 * GAP:
        width = min(60.0, right - start)
        spark = QRectF(room.left() + right - width, room.top() + 3.0, width, room.height() - 6.0)
        painter.setPen(QPen(option.palette.color(role.Highlight), 1.2))
        painter.drawPolyline(sparkline([e.validation.elbo for e in run.history], spark))


def sparkline(values: Sequence[float], room: QRectF) -> QPolygonF:
    """A line through some of the values, the lowest at the room's foot, the highest at its top."""
    step = max(1, len(values) // POINTS)
    chosen = [*values[:-1:step], values[-1]]
    low, high = min(chosen), max(chosen)
    across = room.width() / max(1, len(chosen) - 1)
    up = room.height() / (high - low) if high > low else 0.0
    return QPolygonF(
        [
            QPointF(room.left() + number * across, room.bottom() - (value - low) * up)
            for number, value in enumerate(chosen)
        ]
    )

"""One number of a training along its epochs: its curves, and the values where the cursor is.

pyqtgraph takes a third of a second to import: nothing imports this file before a training is shown.
"""

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from vae_gui.state.glossary import explained
from vae_gui.style.scales import with_minus
from vae_gui.style.theme import theme_of

HEIGHT = 96  # of the curves, in pixels
AXIS_WIDTH = 40
TRAIN, VALIDATION = "train", "validation"
SNAPSHOTS = "snapshots"


class CurvePlot(QWidget):
    """The curve of training, thin, and that of validation, strong; before them some snapshots.

    Signals:
        pointed (float): the cursor is at an epoch.
        left: the cursor has gone.
    """

    pointed = Signal(float)
    left = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values = CurveValues(title)
        self.plot = pg.PlotWidget(axisItems={"left": MinusAxis("left")})
        self._epochs: Sequence[int] = ()
        self._curves: dict[str, Sequence[float]] = {TRAIN: (), VALIDATION: ()}
        self._items = {name: self.plot.plot() for name in self._curves}
        self._early: dict[float, float] = {}
        self._early_item = self.plot.plot(pen=None, symbol="d")
        self._line = pg.InfiniteLine(angle=90)
        self._line.hide()
        self._set_up(title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.values)
        layout.addWidget(self.plot)
        self._colour()

    def show_curves(
        self, epochs: Sequence[int], train: Sequence[float], validation: Sequence[float]
    ) -> None:
        """Show other curves: a value of each for each epoch."""
        self._epochs = epochs
        self._curves = {TRAIN: train, VALIDATION: validation}
        for name, item in self._items.items():
            # A single point would be no line.
            item.setData(epochs, self._curves[name], symbol="o" if len(epochs) == 1 else None)
        self.read(None)

    def show_snapshots(self, early: Mapping[float, float]) -> None:
        """Show values at snapshots within the first epoch, by the fraction of it that was done."""
        self._early = dict(early)
        self._early_item.setData(list(early), list(early.values()))

    def reach(self, first: float, last: float) -> None:
        """Show the epochs from one to another."""
        self.plot.setXRange(first, max(last, first + 1.0), padding=0.03)

    def read(self, epoch: float | None) -> None:
        """Show a line at an epoch, and its values; without one, those of the last epoch.

        At a fraction of the first epoch the value is that of the snapshot there.
        """
        self._line.setVisible(epoch is not None)
        if epoch is not None:
            self._line.setPos(epoch)
        if epoch is not None and epoch not in self._epochs:
            value = self._early.get(epoch)
            self.values.show_snapshot("" if value is None else with_minus(f"{value:.2f}"))
            return
        epochs = [float(number) for number in self._epochs]
        at = epochs.index(epoch) if epoch is not None and epoch in epochs else -1
        numbers = {n: with_minus(f"{v[at]:.1f}") for n, v in self._curves.items() if v}
        self.values.show_values(numbers.get(TRAIN, ""), numbers.get(VALIDATION, ""))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme: pyqtgraph's colours do not by themselves."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    def leaveEvent(self, event: QEvent) -> None:
        """The cursor has gone."""
        super().leaveEvent(event)
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell where the cursor is: pyqtgraph's own signal drops moves, the last one too."""
        if event.type() is QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            box = self.plot.getPlotItem().getViewBox()
            place = self.plot.mapToScene(event.position().toPoint())
            self.pointed.emit(float(box.mapSceneToView(place).x()))
        return False

    def _set_up(self, title: str) -> None:
        plot, item = self.plot, self.plot.getPlotItem()
        plot.setFixedHeight(HEIGHT)
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setAccessibleName(f"{title} along the epochs")
        item.setContentsMargins(0, 4, 4, 0)
        item.getAxis("left").setWidth(AXIS_WIDTH)
        item.getAxis("bottom").setHeight(20)
        plot.addItem(self._line, ignoreBounds=True)
        plot.viewport().installEventFilter(self)

    def _colour(self) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        muted = palette.color(role.PlaceholderText)
        self.plot.setBackground(palette.color(role.Window))
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(palette.color(role.Mid))
            axis.setTextPen(muted)
            axis.setTickFont(self.font())
        for name, item in self._items.items():
            colour = colours_of(palette)[name]
            item.setPen(pg.mkPen(colour, width=2.0 if name == VALIDATION else 1.2))
            item.setSymbolBrush(colour)
            item.setSymbolPen(None)
            item.setSymbolSize(5)
        self._early_item.setSymbolBrush(colours_of(palette)[SNAPSHOTS])
        self._early_item.setSymbolPen(None)
        self._early_item.setSymbolSize(7)
        self._line.setPen(pg.mkPen(muted, width=1.0))


class MinusAxis(pg.AxisItem):
    """An axis whose numbers have a minus sign, not a hyphen, as all others in the window."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """The texts of ticks."""
        return [with_minus(text) for text in super().tickStrings(values, scale, spacing)]


def colours_of(palette: QPalette) -> dict[str, QColor]:
    """The colour of each curve: three that all eyes can tell apart."""
    classes = theme_of(palette).classes
    return {
        TRAIN: QColor(classes[3]),
        VALIDATION: QColor(classes[2]),
        SNAPSHOTS: QColor(classes[9]),
    }


class CurveValues(QWidget):
    """A title, and in their colours the values of training and validation: the key as well."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.texts = {TRAIN: "", VALIDATION: ""}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().height() + 4)
        self.setToolTip(
            explained(
                title,
                "Left: over the training images of the epoch, while the "
                "weights changed. Right: over the validation images after it. "
                "In nats per image.",
            )
        )

    def show_values(self, train: str, validation: str) -> None:
        """Show other values."""
        self.texts = {TRAIN: train, VALIDATION: validation}
        self.setAccessibleName(f"{self._title}: train {train}, validation {validation}")
        self.update()

    def show_snapshot(self, value: str) -> None:
        """Show the value at a snapshot alone; nothing, if empty."""
        self.texts = {SNAPSHOTS: value}
        self.setAccessibleName(f"{self._title}: test digits {value}" if value else self._title)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title at the left, the two values at the right."""
        painter, palette = QPainter(self), self.palette()
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        whole, middle = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(whole, middle, self._title)
        right = whole.right()
        for name, text in reversed(self.texts.items()):
            painter.setPen(colours_of(palette)[name])
            place = QRectF(whole.left(), whole.top(), right - whole.left(), whole.height())
            painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, text)
            right -= painter.fontMetrics().horizontalAdvance(text or "-000.0") + 10.0

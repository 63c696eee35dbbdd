"""The name of each class, at the median of its points: colour alone does not tell ten apart."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.viewport import View
from vae_gui.state.session import Session
from vae_gui.style.theme import Theme, faded

_PADDING = 4.0


class ClassLabelsLayer(Layer):
    """A label a class, in the middle of its points."""

    key = "labels"
    title = "Class names"
    tip = "The name of each class, at the median of its posterior means."

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._labels: dict[int, tuple[str, NDArray[np.float64]]] = {}
        self._plates: dict[tuple[str, Theme, float, str], QPixmap] = {}
        session.digits_changed.connect(self._take)
        session.classes_changed.connect(self.changed)
        self._take()

    def source(self) -> str:
        """Of what the medians are."""
        if not self._shown():
            return ""
        return f"medians of the posterior means of each class{self._cut()}"

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Put each name's plate where it belongs, on whole pixels."""
        for name, place in self._shown():
            plate = self._plate(name, theme, view.ratio, painter.font())
            size = plate.deviceIndependentSize()
            corner = view.pixel_of(*place) - QPointF(size.width() / 2, size.height() / 2)
            painter.drawPixmap(corner.toPoint(), plate)

    def _plate(self, name: str, theme: Theme, ratio: float, font: QFont) -> QPixmap:
        """A name on a plate of the background's colour; kept, since to draw it takes 0.1 ms."""
        key = (name, theme, ratio, font.key())
        if key not in self._plates:
            self._plates[key] = _draw_plate(name, theme, ratio, font)
        return self._plates[key]

    def _shown(self) -> list[tuple[str, NDArray[np.float64]]]:
        hidden = self._session.hidden_classes
        return [named for label, named in self._labels.items() if label not in hidden]

    def _take(self) -> None:
        digits = self._session.digits
        self._labels.clear()
        self._plates.clear()
        if digits is not None:
            places = self._session.plane.place_digits(digits.means, digits.labels)
            for label, name in enumerate(digits.class_names):
                of_class = places[digits.labels == label]
                if len(of_class):
                    self._labels[label] = (name, median(of_class))
        self.changed.emit()


def median(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The median of points (N, d) in each coordinate (d,).

    numpy's own imports masked arrays when it is first called: 40 ms of the GUI thread.
    """
    low, high = (len(points) - 1) // 2, len(points) // 2
    middle = np.partition(points, (low, high), axis=0)[[low, high]]
    return middle.mean(axis=0, dtype=np.float64)


def _draw_plate(name: str, theme: Theme, ratio: float, font: QFont) -> QPixmap:
    size = QFontMetricsF(font).size(Qt.TextFlag.TextSingleLine, name)
    width, height = math.ceil(size.width() + 2 * _PADDING) + 1, math.ceil(size.height()) + 1
    plate = QPixmap(round(width * ratio), round(height * ratio))
    plate.setDevicePixelRatio(ratio)
    plate.fill(Qt.GlobalColor.transparent)
    behind = faded(theme.surface, 0.85)
    painter = QPainter(plate)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setPen(QPen(QColor(theme.line), 1.0))
    painter.setBrush(behind)
    frame = QRectF(0.5, 0.5, width - 1.0, height - 1.0)
    painter.drawRoundedRect(frame, 3.0, 3.0)
    painter.setPen(QColor(theme.text))
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, name)
    painter.end()
    return plate

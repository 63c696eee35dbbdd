"""The name of each class, at the median of its points: colour alone does not tell ten apart."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from vae_gui.layers.layer import Layer
from vae_gui.session import Session
from vae_gui.theme import Theme, faded
from vae_gui.view import View

_PADDING = 4.0


class ClassLabelsLayer(Layer):
    """A label a class, in the middle of its points."""

    key = "labels"
    title = "Class names"
    tip = "The name of each class, at the median of its posterior means."

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._labels: list[tuple[str, NDArray[np.float64]]] = []
        session.digits_changed.connect(self._take)
        session.classes_changed.connect(self._take)
        self._take()

    def source(self) -> str:
        """Of what the medians are."""
        if not self._labels:
            return ""
        return f"medians of the posterior means of each class{self._cut()}"

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Write each name on a plate of the background's colour."""
        metrics = QFontMetricsF(painter.font())
        behind = faded(theme.surface, 0.85)
        for name, place in self._labels:
            size = metrics.size(Qt.TextFlag.TextSingleLine, name)
            plate = QRectF(0.0, 0.0, size.width() + 2 * _PADDING, size.height())
            plate.moveCenter(QPointF(*view.to_pixels(place)))
            painter.setPen(QPen(QColor(theme.line), 1.0))
            painter.setBrush(behind)
            painter.drawRoundedRect(plate, 3.0, 3.0)
            painter.setPen(QColor(theme.text))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, name)

    def _take(self) -> None:
        digits = self._session.digits
        self._labels = []
        if digits is not None:
            places = self._session.plane.place_digits(digits.means, digits.labels)
            for label, name in enumerate(digits.class_names):
                of_class = places[digits.labels == label]
                if len(of_class) and label not in self._session.hidden_classes:
                    self._labels.append((name, np.median(of_class, axis=0)))
        self.changed.emit()

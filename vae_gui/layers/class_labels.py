"""The name of each class, at the median of its points: colour alone does not tell ten apart."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from vae_gui.session import Session
from vae_gui.theme import LIGHT, Theme


class ClassLabelsLayer:
    """A label a class, in the middle of its points."""

    def __init__(self, view: pg.ViewBox, session: Session) -> None:
        self._view = view
        self._session = session
        self._labels: list[pg.TextItem] = []
        self._theme = LIGHT
        session.digits_changed.connect(self._show)

    def set_theme(self, theme: Theme) -> None:
        """Draw the labels anew, in the theme's colours."""
        self._theme = theme
        self._show()

    def _show(self) -> None:
        for label in self._labels:
            self._view.removeItem(label)
        self._labels = []
        digits = self._session.digits
        if digits is None:
            return
        places = self._session.plane.place_digits(digits.means, digits.labels)
        for label, name in enumerate(digits.class_names):
            of_class = places[digits.labels == label]
            if len(of_class):
                self._add(name, np.median(of_class, axis=0))

    def _add(self, name: str, place: np.ndarray) -> None:
        behind = QColor(self._theme.surface)
        behind.setAlpha(215)
        item = pg.TextItem(
            name, color=self._theme.text, anchor=(0.5, 0.5), fill=behind, border=self._theme.line
        )
        item.setPos(*place)
        item.setZValue(5)
        self._view.addItem(item, ignoreBounds=True)
        self._labels.append(item)

"""The encoded test digits as points, coloured by class."""

import pyqtgraph as pg
from PySide6.QtGui import QColor

from vae_gui.session import Session
from vae_gui.theme import CLASS_COLOURS, Theme

POINT_SIZE = 4.5


class PosteriorMeansLayer:
    """One point for each test digit, at the mean of its posterior."""

    def __init__(self, view: pg.ViewBox, session: Session) -> None:
        self._session = session
        # Shared brushes and no pen: styles are told apart by identity, and ten draw fast.
        self._brushes = [pg.mkBrush(QColor(colour)) for colour in CLASS_COLOURS]
        self._points = pg.ScatterPlotItem(size=POINT_SIZE, pen=None, pxMode=True, hoverable=False)
        view.addItem(self._points)
        session.digits_changed.connect(self._show)

    def set_theme(self, theme: Theme) -> None:
        """The colours of the classes are the same on light and on dark."""

    def _show(self) -> None:
        digits = self._session.digits
        if digits is None:
            self._points.clear()
            return
        places = self._session.plane.place_digits(digits.means, digits.labels)
        brushes = [self._brushes[label] for label in digits.labels]
        self._points.setData(x=places[:, 0], y=places[:, 1], brush=brushes)

"""The encoded digits as points."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from vae_gui.discs import draw_discs
from vae_gui.layers.layer import Patch, PictureLayer
from vae_gui.session import Session
from vae_gui.theme import CLASS_COLOURS, Theme
from vae_gui.view import Bounds, View

POINT_SIZE = 4.5
# Drawn beyond the edges of what is seen, so that a pan has something to show at once.
MARGIN = 0.15


@dataclass(frozen=True)
class _Request:
    bounds: Bounds
    per_pixel: float  # units of z
    diameter: float  # of a point, in pixels of the picture


class PosteriorMeansLayer(PictureLayer):
    """One point for each test digit, at the mean of its posterior."""

    key = "test"
    title = "Test digits"
    tip = "The mean of q(z|x) of each test image."
    starts_opacity = 1.0

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._places: NDArray[np.float64] = np.empty((0, 2))
        self._colours: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        session.digits_changed.connect(self._take)
        self._take()

    def source(self) -> str:
        """What the points are."""
        digits = self._session.digits
        return "" if digits is None else digits.source

    def request(self, view: View, theme: Theme) -> _Request | None:
        """Another picture for each view: points have their size on the screen, not in the plane."""
        if len(self._places) == 0:
            return None
        per_pixel = 1.0 / (view.per_unit * view.ratio)
        return _Request(view.bounds.grown(MARGIN), per_pixel, POINT_SIZE * view.ratio)

    def draw(self, request: object) -> Generator[Patch, None, None]:
        """Draw all points, once."""
        assert isinstance(request, _Request)
        bounds = request.bounds
        width = round(bounds.width / request.per_pixel)
        height = round(bounds.height / request.per_pixel)
        centres = (self._places - [bounds.left, bounds.high]) * [1.0, -1.0] / request.per_pixel
        palette = np.array([QColor(colour).rgb() for colour in CLASS_COLOURS], dtype=np.uint32)
        picture = draw_discs(centres, self._colours, palette, request.diameter, (width, height))
        exact = Bounds(
            bounds.left,
            bounds.left + width * request.per_pixel,
            bounds.high - height * request.per_pixel,
            bounds.high,
        )
        yield Patch(picture, exact, smooth=False)

    def _take(self) -> None:
        digits = self._session.digits
        if digits is None:
            self._places = np.empty((0, 2))
        else:
            self._places = self._session.plane.place_digits(digits.means, digits.labels)
            self._colours = digits.labels
        self.renew()

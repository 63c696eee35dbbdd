"""The encoded digits as points."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from vae_gui.discs import draw_discs
from vae_gui.layers.layer import Patch, PictureLayer
from vae_gui.session import EncodedDigits, Session
from vae_gui.theme import CLASS_COLOURS, Theme
from vae_gui.view import Canvas, View

# Drawn beyond the edges of what is seen, so that a pan has something to show at once.
MARGIN = 0.15


@dataclass(frozen=True)
class _Request:
    canvas: Canvas
    diameter: float  # of a point, in pixels of the canvas
    hidden_classes: frozenset[int]
    faint: int  # the colour of hidden classes


class PosteriorMeansLayer(PictureLayer):
    """One point for each digit of a set, at the mean of its posterior."""

    starts_opacity = 1.0
    diameter = 4.5

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._places: NDArray[np.float64] = np.empty((0, 2))
        self._labels: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        session.classes_changed.connect(self.changed)

    def digits(self) -> EncodedDigits | None:
        """The set."""
        raise NotImplementedError

    def source(self) -> str:
        """What the points are."""
        digits = self.digits()
        return "" if digits is None else digits.source

    def request(self, view: View, theme: Theme) -> _Request | None:
        """Another picture for each view: points have their size on the screen, not in the plane."""
        if len(self._places) == 0:
            return None
        hidden, faint = self._session.hidden_classes, QColor(theme.line).rgb()
        return _Request(view.canvas(MARGIN), self.diameter * view.ratio, hidden, faint)

    def draw(self, request: object) -> Generator[Patch, None, None]:
        """Draw all points, once."""
        assert isinstance(request, _Request)
        canvas = request.canvas
        centres = canvas.to_pixels(self._places)
        palette = np.array(
            [
                request.faint if label in request.hidden_classes else QColor(colour).rgb()
                for label, colour in enumerate(CLASS_COLOURS)
            ],
            dtype=np.uint32,
        )
        above = ~np.isin(self._labels, list(request.hidden_classes))
        picture = draw_discs(centres, self._labels, palette, request.diameter, canvas.size, above)
        yield Patch(picture, canvas.bounds, smooth=False)

    def take(self) -> None:
        """Take over the set as it is now."""
        digits = self.digits()
        if digits is None:
            self._places = np.empty((0, 2))
        else:
            self._places = self._session.plane.place_digits(digits.means, digits.labels)
            self._labels = digits.labels
        self.renew()


class TestDigitsLayer(PosteriorMeansLayer):
    """The test set."""

    key = "test"
    title = "Test digits"
    tip = "The mean of q(z|x) of each test image, in the colour of its class."
    shortcut = "T"

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.digits_changed.connect(self.take)
        self.take()

    def digits(self) -> EncodedDigits | None:
        """Those of the test set."""
        return self._session.digits


class TrainingDigitsLayer(PosteriorMeansLayer):
    """The training set."""

    key = "training"
    title = "Training digits"
    tip = "The mean of q(z|x) of each training image, smaller, in the colour of its class."
    shortcut = "Shift+T"
    starts_visible = False
    diameter = 3.0

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.training_changed.connect(self.take)
        self.take()

    def digits(self) -> EncodedDigits | None:
        """Those of the training set."""
        return self._session.training

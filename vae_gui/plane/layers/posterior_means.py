"""The encoded digits as points."""

from abc import abstractmethod
from collections.abc import Generator, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from vae_gui.plane.layers.discs import draw_discs
from vae_gui.plane.layers.layer import Extent, Patch, PictureLayer
from vae_gui.plane.viewport import Canvas, View
from vae_gui.state.encoded import EncodedDigits
from vae_gui.state.measures import NUMBERS, DigitNumbers
from vae_gui.state.session import Session
from vae_gui.style.colour_maps import amounts, steps_of
from vae_gui.style.scales import Scale
from vae_gui.style.theme import CLASS_COLOURS, Theme

# Drawn beyond the edges of what is seen, so that a pan has something to show at once.
MARGIN = 0.15


@dataclass(frozen=True)
class _Request:
    canvas: Canvas
    diameter: float  # of a point, in pixels of the canvas
    hidden_classes: frozenset[int]
    faint: int  # the colour of hidden classes, and of numbers that are not known yet
    number: str | None  # what they are coloured by; None: by class
    scale: Scale | None


class PosteriorMeansLayer(PictureLayer):
    """One point for each digit of a set, at the mean of its posterior."""

    starts_opacity = 1.0
    diameter = 4.5

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        self._places: NDArray[np.float64] = np.empty((0, 2))
        self._labels: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        session.classes_changed.connect(self.changed)
        session.colouring_changed.connect(self.changed)
        session.numbers_changed.connect(self._take_numbers)

    @abstractmethod
    def digits(self) -> EncodedDigits | None:
        """The set."""

    @abstractmethod
    def numbers(self) -> DigitNumbers | None:
        """What is known of its digits."""

    def source(self) -> str:
        """What the points are."""
        digits = self.digits()
        return "" if digits is None else digits.source

    def request(self, view: View, theme: Theme) -> _Request | None:
        """Another picture for each view: points have their size on the screen, not in the plane."""
        if len(self._places) == 0:
            return None
        hidden, faint = self._session.hidden_classes, QColor(theme.line).rgb()
        number, scale = self._session.colouring, self._session.scale()
        diameter = self.diameter * view.ratio
        return _Request(view.canvas(MARGIN), diameter, hidden, faint, number, scale)

    def extent(self, request: Hashable) -> Extent:
        """Where the points are, and at which scale."""
        assert isinstance(request, _Request)
        r = request
        manner = (r.diameter, r.hidden_classes, r.faint, r.number, r.scale)
        return Extent(r.canvas.bounds, r.canvas.per_unit, manner)

    def draw(self, request: object) -> Generator[Patch, None, None]:
        """Draw all points, once."""
        assert isinstance(request, _Request)
        canvas = request.canvas
        centres = canvas.to_pixels(self._places)
        hidden = np.isin(self._labels, list(request.hidden_classes))
        palette, colours = self._colours(request)
        colours = np.where(hidden, len(palette) - 1, colours)
        above = colours < len(palette) - 1
        picture = draw_discs(centres, colours, palette, request.diameter, canvas.size, above)
        yield Patch(picture, canvas.bounds, smooth=False)

    def _colours(self, request: _Request) -> tuple[NDArray[np.uint32], NDArray[np.integer]]:
        """A palette, whose last colour is the faint one, and each digit's place in it."""
        numbers = self.numbers()
        if request.number is None:
            named = [QColor(colour).rgb() for colour in CLASS_COLOURS]
            return np.array([*named, request.faint], dtype=np.uint32), self._labels
        palette = np.append(amounts(), np.uint32(request.faint))
        if numbers is None or request.scale is None:
            return palette, np.full(len(self._labels), len(palette) - 1)
        values, scale = numbers.values(request.number), request.scale
        steps = steps_of(values, scale.low, scale.high).astype(np.int64)
        return palette, np.where(np.isnan(values), len(palette) - 1, steps)

    def _take_numbers(self) -> None:
        if self._session.colouring is not None:
            self.renew()

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
    tip = "The mean of q(z|x) of each test image, in the colour of its class or number."
    shortcut = "T"

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.digits_changed.connect(self.take)
        self.take()

    def digits(self) -> EncodedDigits | None:
        """Those of the test set."""
        return self._session.digits

    def numbers(self) -> DigitNumbers | None:
        """What is known of them."""
        return self._session.numbers


class TrainingDigitsLayer(PosteriorMeansLayer):
    """The training set."""

    key = "training"
    title = "Training digits"
    tip = (
        "The mean of q(z|x) of each training image, smaller, in the colour of its class or number."
    )
    shortcut = "Shift+T"
    starts_visible = False
    diameter = 3.0

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, parent)
        session.training_changed.connect(self.take)
        self.take()

    def source(self) -> str:
        """What the points are, and why they may have no colour."""
        if self.digits() is None:
            return "waits for the training digits" if self._session.model else ""
        if self._session.colouring in ("log_likelihood", "log_density"):
            title = NUMBERS[self._session.colouring].title
            return f"{super().source()}; {title} is measured of the test set alone"
        return super().source()

    def digits(self) -> EncodedDigits | None:
        """Those of the training set."""
        return self._session.training

    def numbers(self) -> DigitNumbers | None:
        """What is known of them."""
        return self._session.training_numbers

"""The one state of the window. Views call its setters and listen to its signals."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_gui.state.encoded import EncodedDigits, OpenModel
from vae_gui.state.measures import DigitNumbers, LabelAccuracy
from vae_gui.state.reading import NearestDigit, Reading
from vae_gui.state.slice import Plane
from vae_gui.style.scales import Scale, scale_of

if TYPE_CHECKING:
    from model.latent.neighbours import Neighbours

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LayerState:
    """How a layer of the plane is shown.

    Attributes:
        visible: whether it is.
        opacity: from 0 to 1; 1 where the layer has none.
    """

    visible: bool
    opacity: float = 1.0


class Session(QObject):
    """Model, test digits, training digits, plane, probe, peek, selection, reading and layers.

    Signals:
        model_changed: another model is open; digits and selection are gone.
        digits_changed: the test digits are encoded, or gone.
        training_changed: the training digits are encoded, or gone.
        plane_changed: another slice of the latent space is shown.
        point_changed: the probe or the peek moved.
        reading_changed: there is a new reading.
        selection_changed: another test digit is selected, or none.
        layers_changed: a layer of the plane is shown otherwise.
        classes_changed: other classes are shown.
        numbers_changed: more is known of some digits.
        colouring_changed: digits are coloured by something else.
        label_accuracy_changed: how many test digits lie where their label is the likeliest.
        gesture_began (bool): the hand takes hold of something; whether it is the second press of
            a double click, which goes on with what the first began.
        gesture_ended: it lets go. All that changed in between was one act.
    """

    model_changed = Signal()
    digits_changed = Signal()
    training_changed = Signal()
    plane_changed = Signal()
    point_changed = Signal()
    reading_changed = Signal()
    selection_changed = Signal()
    layers_changed = Signal()
    classes_changed = Signal()
    numbers_changed = Signal()
    colouring_changed = Signal()
    label_accuracy_changed = Signal()
    gesture_began = Signal(bool)
    gesture_ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: OpenModel | None = None
        self.digits: EncodedDigits | None = None
        self.training: EncodedDigits | None = None
        self.plane = Plane(np.zeros(2))
        self.probe: Array = np.zeros(2)
        self.peek: Array | None = None
        self.reading: Reading | None = None
        self.selected: int | None = None
        self.layers: dict[str, LayerState] = {}
        self.hidden_classes: frozenset[int] = frozenset()
        self.colouring: str | None = None  # a key of NUMBERS; None: by class
        self.numbers: DigitNumbers | None = None
        self.training_numbers: DigitNumbers | None = None
        self.label_accuracy: LabelAccuracy | None = None  # None: not measured
        self._neighbours: Neighbours | None = None
        self._findable: NDArray[np.intp] = np.empty(0, dtype=np.intp)

    @property
    def point(self) -> Array:
        """The latent point (D,) that is decoded: the peek while there is one, else the probe."""
        return self.probe if self.peek is None else self.peek

    def set_model(self, model: OpenModel) -> None:
        """Open a model. The probe keeps its place in the plane, so that two models compare."""
        place = self.plane.to_plane(self.probe)
        self.model = model
        self.digits = self.training = None
        self.numbers = self.training_numbers = None
        self.label_accuracy = None
        self.hidden_classes = frozenset()
        self.selected = None
        self.reading = None
        self.peek = None
        self.plane = Plane(np.zeros(model.latent_dim))
        self.probe = self.plane.to_latent(place)
        for signal in (
            self.model_changed,
            self.digits_changed,
            self.training_changed,
            self.selection_changed,
            self.classes_changed,
            self.numbers_changed,
        ):
            signal.emit()
        self.plane_changed.emit()
        self.point_changed.emit()

    def set_digits(self, digits: EncodedDigits) -> None:
        """Show the encoded test digits of the open model.

        With more than two dimensions the plane is laid through the digit nearest to the prior's
        mean: the origin itself is often far from every digit.
        """
        self.digits = digits
        self.numbers = DigitNumbers.of(digits.means, digits.spreads)
        self._find_among_shown()
        self.digits_changed.emit()
        self.numbers_changed.emit()
        if self.plane.dimensions > 2:
            self.select(int(np.argmin(np.square(digits.means).sum(axis=1))))

    def set_training(self, digits: EncodedDigits) -> None:
        """Take the encoded training digits of the open model."""
        self.training = digits
        self.training_numbers = DigitNumbers.of(digits.means, digits.spreads)
        self.training_changed.emit()
        self.numbers_changed.emit()

    def set_label_accuracy(self, accuracy: LabelAccuracy) -> None:
        """Publish how many test digits lie where their own label is the likeliest."""
        self.label_accuracy = accuracy
        self.label_accuracy_changed.emit()

    def set_probe(self, z: Array) -> None:
        """Move the probe to a latent point (D,). The peek ends: what the hand moves is seen."""
        if self.peek is not None or not np.array_equal(z, self.probe):
            self.peek = None
            self.probe = z
            self.point_changed.emit()

    def set_peek(self, z: Array | None) -> None:
        """Look at the point under the cursor; None when the cursor has left."""
        if z is None and self.peek is None:
            return
        self.peek = z
        self.point_changed.emit()

    def set_reading(self, reading: Reading) -> None:
        """Publish what was decoded."""
        self.reading = reading
        self.reading_changed.emit()

    def select(self, index: int) -> None:
        """Select a test digit: the probe moves to its mean, and with D > 2 so does the plane."""
        assert self.digits is not None
        mean = self.digits.means[index]
        self.selected = index
        self.selection_changed.emit()
        if self.plane.dimensions > 2 and self.plane.base_digit != index:
            self.plane = Plane(mean.copy(), index)
            self.plane_changed.emit()
        self.set_probe(mean.copy())

    def select_nearest(self, z: Array) -> None:
        """Select the test digit that is drawn nearest to a latent point (D,)."""
        nearest = self.nearest_to(z)
        if nearest is not None:
            self.select(nearest.index)

    def go_to(self, plane: Plane, selected: int | None, probe: Array) -> None:
        """Go back to a place: a plane, the test digit that was selected there, and the probe."""
        if selected != self.selected:
            self.selected = selected
            self.selection_changed.emit()
        if plane is not self.plane:
            self.plane = plane
            self.plane_changed.emit()
        if not np.array_equal(probe, self.probe):
            self.set_probe(probe)

    def set_layer(self, key: str, state: LayerState) -> None:
        """Show a layer of the plane otherwise."""
        if self.layers.get(key) != state:
            self.layers[key] = state
            self.layers_changed.emit()

    def colour_by(self, number: str | None) -> None:
        """Colour digits by a number, a key of NUMBERS, or by class."""
        if number != self.colouring:
            self.colouring = number
            self.colouring_changed.emit()

    def scale(self) -> Scale | None:
        """From what to what the colours of the present number go: that of the test digits."""
        if self.colouring is None or self.numbers is None:
            return None
        return scale_of(self.numbers.values(self.colouring))

    def hide_classes(self, labels: frozenset[int]) -> None:
        """Let only the other classes be coloured, named, and found as nearest."""
        if labels != self.hidden_classes:
            self.hidden_classes = labels
            self._find_among_shown()
            self.classes_changed.emit()
            self.point_changed.emit()  # another digit may be the nearest

    def toggle_class(self, label: int) -> None:
        """Show a class if it is hidden, hide it if it is shown."""
        self.hide_classes(self.hidden_classes ^ {label})

    def solo_class(self, label: int) -> None:
        """Show one class alone; all of them, if it was alone before."""
        if self.digits is not None:
            others = frozenset(range(len(self.digits.class_names))) - {label}
            self.hide_classes(frozenset() if self.hidden_classes == others else others)

    def show_layer(self, key: str, visible: bool) -> None:
        """Show or hide a layer of the plane."""
        self.set_layer(key, replace(self.layers[key], visible=visible))

    def is_shown(self, key: str) -> bool:
        """Whether a layer of the plane is shown."""
        return key in self.layers and self.layers[key].visible

    @property
    def hides_all(self) -> bool:
        """Whether there are test digits, but each is of a hidden class."""
        return self.digits is not None and len(self._findable) == 0

    def place_of(self, index: int) -> Array:
        """Where a test digit is drawn in the plane: (2,)."""
        assert self.digits is not None
        one = slice(index, index + 1)
        place: Array = self.plane.place_digits(self.digits.means[one], self.digits.labels[one])[0]
        return place

    def nearest_to(self, z: Array) -> NearestDigit | None:
        """The test digit of a shown class drawn nearest to where z (D,) lies in the plane."""
        if self.digits is None or self._neighbours is None:
            return None
        index = int(self._findable[self._neighbours.nearest(z[:2])])
        return NearestDigit(index, math.dist(self.digits.means[index], z))

    def nearest_few(self, z: Array, count: int) -> list[NearestDigit]:
        """The `count` test digits of shown classes drawn nearest to z (D,), the nearest first."""
        if self.digits is None or self._neighbours is None:
            return []
        found = self._findable[self._neighbours.nearest_few(z[:2], count)]
        distances = np.linalg.norm(self.digits.means[found] - z, axis=1)
        pairs = zip(found, distances, strict=True)
        return [NearestDigit(int(index), float(distance)) for index, distance in pairs]

    def _find_among_shown(self) -> None:
        from model.latent.neighbours import Neighbours

        if self.digits is None:
            return
        shown = ~np.isin(self.digits.labels, list(self.hidden_classes))
        self._findable = np.flatnonzero(shown)
        places = self.digits.means[self._findable, :2]
        self._neighbours = Neighbours(places) if len(places) else None

"""Where one looks at a document: the slice, the probe, the peek, the selection, the reading."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_gui.state.appearance import Appearance
from vae_gui.state.document import Document
from vae_gui.state.encoded import Array, EncodedImages, NearestImage, Reading
from vae_gui.state.inference import Inference
from vae_gui.state.slice import Slice
from vae_gui.style.scales import Scale, joined

if TYPE_CHECKING:
    from model.latent.neighbours import Neighbours


REACH = 20.0  # how far the plane reaches from the origin, if no image lies farther away
BEYOND = float(np.finfo(np.float32).max)  # no decoder takes a larger number


class Viewpoint(QObject):
    """A look at a document through a slice of its latent space.

    Attributes:
        reach: how far from the origin one can see and go, along each axis of the plane.
        is_led: whether its peek follows that of another viewpoint, under whose plane the hand is.
        beside: the viewpoint that this one is compared with: colours have one scale for both.
        inference: what is known of p(z | what is on the canvas), once somebody wants it.

    Signals:
        slice_changed: another slice of the latent space is shown.
        point_changed: the probe or the peek moved.
        reading_changed: there is a new reading.
        selection_changed: another test image is selected, or none.
        about_to_adapt: images were encoded, and the viewpoint may move by itself: no one's step.
        scales_changed: more is measured of its images, or of those beside: the range of the colours
            may be another one.
    """

    slice_changed = Signal()
    point_changed = Signal()
    reading_changed = Signal()
    selection_changed = Signal()
    about_to_adapt = Signal()
    scales_changed = Signal()

    def __init__(
        self, document: Document, appearance: Appearance, parent: QObject | None = None
    ) -> None:
        """Look at a document; classes that its appearance hides are not found as nearest."""
        super().__init__(parent)
        self.document = document
        self.appearance = appearance
        self.slice = Slice(np.zeros(2))
        self.probe: Array = np.zeros(2)
        self.peek: Array | None = None
        self.selected: int | None = None
        self.reading: Reading | None = None
        self.reach = REACH
        self.is_led = False
        self.beside: Viewpoint | None = None
        self.inference = Inference(self)
        self._scales: dict[str, Scale] = {}  # of the colours that were seen
        self._before: tuple[EncodedImages, int] | None = None  # the digit chosen in another model
        self._test: EncodedImages | None = None  # the last that were there
        self._is_new = True  # nobody has chosen yet what a slice goes through
        self._neighbours: Neighbours | None = None
        self._findable: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        document.opened.connect(self._start_anew)
        document.test_changed.connect(self._take_test)
        document.measures_changed.connect(self._tell_both_of_scales)
        appearance.classes_changed.connect(self._show_other_classes)

    @property
    def point(self) -> Array:
        """The latent point (D,) that is decoded: the peek while there is one, else the probe."""
        return self.probe if self.peek is None else self.peek

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

    def mark(self, index: int | None) -> None:
        """Choose a test image, or none, without going there."""
        if index != self.selected:
            self.selected = index
            self.selection_changed.emit()

    def set_turn(self, turn: Array | None) -> None:
        """Turn the plane by an orthogonal matrix (D, D), or back: the probe keeps its z."""
        if turn is not self.slice.turn:
            self._cut(replace(self.slice, turn=turn))
            self.point_changed.emit()  # it is drawn elsewhere

    def expect_to_adapt(self) -> None:
        """Say that what changes now is no one's step."""
        self.about_to_adapt.emit()

    def tell_of_scales(self) -> None:
        """Say that the range of the colours may be another one."""
        self.scales_changed.emit()

    def scale_of(self, measure: str) -> Scale | None:
        """The range of the colours of a measure, one for both planes where two are compared.

        While a timeline is scrubbed it stays as it was: else all colours would change their meaning
        under the hand.
        """
        if (fixed := self.document.table[measure].scale) is not None:
            return fixed
        if self.document.keeps_scales and self.beside is None and measure in self._scales:
            return self._scales[measure]
        scale = self._scale_now(measure)
        if scale is not None:
            self._scales[measure] = scale
        return scale

    def _scale_now(self, measure: str) -> Scale | None:
        both = (self.document, *(() if self.beside is None else (self.beside.document,)))
        scales = [d.measures[measure].scale for d in both if d.measures is not None]
        return joined([scale for scale in scales if scale is not None])

    def select(self, index: int) -> None:
        """Select a test image: the probe moves to its mean, and with D > 2 so does the slice."""
        assert self.document.test is not None
        mean = self.document.test.means[index]
        self.selected = index
        self._is_new = False
        self.selection_changed.emit()
        if self.slice.is_cut and self.slice.base_image != index:
            self._cut(Slice(mean.copy(), index, self.slice.axes, self.slice.turn))
        self.set_probe(mean.copy())

    def select_nearest(self, z: Array) -> None:
        """Select the test image that is drawn nearest to a latent point (D,)."""
        nearest = self.nearest_to(z)
        if nearest is not None:
            self.select(nearest.index)

    def go_to(self, slice_: Slice, selected: int | None, probe: Array) -> None:
        """Go to a place: a slice, the test image that is selected there, and the probe.

        The plane stays turned as it is, whatever the slice was turned by when one was there.
        """
        self.mark(selected)
        z = probe
        if slice_ is not self.slice:
            there = self._through_its_image(slice_)
            is_turned = there.turn is not self.slice.turn
            self._cut(replace(there, turn=self.slice.turn) if is_turned else there)
            z = self._in_the_slice(probe)
        if not np.array_equal(z, self.probe):
            self.set_probe(z)

    @property
    def hides_all(self) -> bool:
        """Whether there are test images, but each is of a hidden class."""
        return self.document.test is not None and len(self._findable) == 0

    def place_of(self, index: int) -> Array:
        """Where a test image is drawn in the plane: (2,)."""
        test = self.document.painted
        assert test is not None
        one = slice(index, index + 1)
        place: Array = self.slice.place(test.means[one], test.labels[one])[0]
        return place

    def nearest_to(self, z: Array) -> NearestImage | None:
        """The test image of a shown class drawn nearest to where z (D,) lies in the plane."""
        test = self.document.test
        if test is None or self._neighbours is None:
            return None
        place = self.slice.along(z)
        index = int(self._findable[self._neighbours.nearest(place)])
        mean = test.means[index]
        return NearestImage(index, math.dist(mean, z), math.dist(self.slice.along(mean), place))

    def nearest_few(self, z: Array, count: int) -> list[NearestImage]:
        """The `count` test images of shown classes drawn nearest to z (D,), the nearest first."""
        test = self.document.test
        if test is None or self._neighbours is None:
            return []
        found = self._findable[self._neighbours.nearest_few(self.slice.along(z), count)]
        offsets = test.means[found] - z
        whole = np.linalg.norm(offsets, axis=1)
        in_plane = np.linalg.norm(self.slice.along(offsets), axis=1)
        rows = zip(found.tolist(), whole.tolist(), in_plane.tolist(), strict=True)
        return [NearestImage(*row) for row in rows]

    def _start_anew(self) -> None:
        """Another model is open. The probe keeps its place in the plane: so two models compare.

        The chosen digit is chosen again once the images are there, if they are the same.
        """
        model = self.document.model
        if self._test is not None and self.selected is not None:
            self._before = self._test, self.selected
        if model is None:  # the document is closed
            self._before = self._test = None
        place = self.slice.to_plane(self.probe)
        self._is_new = True
        self._scales.clear()
        self.reach = REACH
        self.selected = self.reading = self.peek = None
        self.slice = Slice(np.zeros(2 if model is None else model.latent_dim))
        self.probe = self.slice.to_latent(place)
        self.selection_changed.emit()
        self.slice_changed.emit()
        self.point_changed.emit()

    def _take_test(self) -> None:
        """The test images are encoded, or encoded anew.

        With more than two dimensions the slice is laid through one of them: the origin itself is
        often far from every image.
        """
        self.about_to_adapt.emit()
        self._measure_reach()
        self._find_among_shown()
        test, base = self.document.test, self.slice.base_image
        if test is None:
            return
        self._test = test
        self._choose_again(test)
        if self.slice.is_cut and self._is_new:
            self.select(int(np.argmin(np.square(test.means).sum(axis=1))))
        elif self.slice.is_cut and base is not None:  # its mean has moved
            self._cut(self._through_its_image(self.slice))
            self.set_probe(self._in_the_slice(self.probe))
        self.point_changed.emit()  # another image may be the nearest

    def _choose_again(self, test: EncodedImages) -> None:
        """Choose the digit that was chosen in the model before, if it is one of these images."""
        before, self._before = self._before, None
        if before is None or self.selected is not None or not before[0].shows_the_same_as(test):
            return
        if self.slice.is_cut:
            self.select(before[1])  # the slice has to go through some digit
        else:
            self.mark(before[1])

    def _cut(self, slice_: Slice) -> None:
        self.slice = slice_
        self._measure_reach()
        self._find_among_shown()
        self.slice_changed.emit()

    def _through_its_image(self, slice_: Slice) -> Slice:
        """A slice through the mean of its base image as it is now: other weights move it."""
        test, base = self.document.test, slice_.base_image
        return slice_ if test is None or base is None else replace(slice_, base=test.means[base])

    def _in_the_slice(self, z: Array) -> Array:
        """The point of the slice that is drawn where z (D,) is."""
        if not self.slice.is_cut:
            return z  # to the last bit, which turning there and back would not keep
        return self.slice.to_latent(self.slice.to_plane(z))

    def _measure_reach(self) -> None:
        """Reach a little beyond every image."""
        test = self.document.test
        if test is not None:
            farthest = float(np.abs(self.slice.place(test.means, test.labels)).max())
            self.reach = min(max(REACH, 1.1 * farthest), BEYOND)

    def _tell_both_of_scales(self) -> None:
        self.tell_of_scales()
        if self.beside is not None:
            self.beside.tell_of_scales()

    def _show_other_classes(self) -> None:
        self._find_among_shown()
        self.point_changed.emit()  # another image may be the nearest

    def _find_among_shown(self) -> None:
        from model.latent.neighbours import Neighbours

        test = self.document.test
        self._neighbours, self._findable = None, np.empty(0, dtype=np.intp)
        if test is None:
            return
        shown = test.shown_beside(self.appearance.hidden_classes)
        self._findable = np.flatnonzero(shown)
        places = self.slice.along(test.means[self._findable])
        self._neighbours = Neighbours(places) if len(places) else None

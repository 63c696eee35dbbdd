"""What one has seen of an image: pixels that are ink, blank, grey or unknown, drawn by a hand."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from model.latent.decode_table import Floats
from model.latent.evidence import UNKNOWN, Evidence

INK, BLANK = 1.0, 0.0


@dataclass(frozen=True, eq=False)
class WholeImage:
    """An image of which all pixels are known, though not all of them are shown.

    Attributes:
        pixels: (784,) float32 in [0, 1].
        name: what to call it, as "test digit 18".
        index: its place in the test set, if it has one.
        label: its class, if that is known.
    """

    pixels: Floats
    name: str
    index: int | None = None
    label: int | None = None


@dataclass(frozen=True, eq=False)
class Sketch:
    """What is on the canvas at one moment.

    Attributes:
        evidence: what is known of each pixel, and the flip rate.
        whole: the image that was loaded; None where there is none.
        act: what was done last, in words that follow "Undo".
        flows: whether that was one of many small acts, as steps of a slider are.
    """

    evidence: Evidence
    whole: WholeImage | None = None
    act: str = "clearing the canvas"
    flows: bool = False

    @property
    def count(self) -> int:
        """How many pixels are known."""
        return int(self.evidence.known.sum())

    @property
    def truth(self) -> Floats | None:
        """The loaded image, (784,), while all that is known agrees with it; else None."""
        if self.whole is None:
            return None
        known = self.evidence.known
        agrees = np.array_equal(self.evidence.pixels[known], self.whole.pixels[known])
        return self.whole.pixels if agrees else None

    def is_same_as(self, other: "Sketch") -> bool:
        """Whether both show the same."""
        mine, others = self.evidence, other.evidence
        same = np.array_equal(mine.pixels, others.pixels, equal_nan=True)
        return same and mine.flip == others.flip and self.whole is other.whole


class Observation(QObject):
    """The canvas: a hand draws on it, and may take an image from the test set and hide parts of it.

    Signals:
        changed: it shows something else.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sketch = Sketch(Evidence.nothing())

    @property
    def evidence(self) -> Evidence:
        """What is known of each pixel, and the flip rate."""
        return self.sketch.evidence

    def draw(self, pixels: NDArray[np.intp], value: float) -> None:
        """A brush goes over some pixels, given by their indices; a value or UNKNOWN."""
        before = self.evidence.pixels[pixels]
        different = ~(before == value) if value == value else ~np.isnan(before)  # noqa: PLR0124
        if different.any():
            self._set(self.evidence.marked(pixels[different], value), act="brush stroke")

    def uncover(self, pixels: NDArray[np.intp]) -> None:
        """Show what the loaded image has in some pixels; without one, they are ink."""
        if self.sketch.whole is None:
            self.draw(pixels, INK)
            return
        hidden = pixels[~self.evidence.known[pixels]]
        if len(hidden):
            values = self.sketch.whole.pixels[hidden]
            self._set(self.evidence.marked(hidden, values), act="brush stroke")

    def look_at(self, pixel: int) -> None:
        """Show what the loaded image has in one pixel that is unknown; without one, nothing."""
        whole = self.sketch.whole
        if whole is not None and not self.evidence.known[pixel]:
            seen = self.evidence.marked(np.array([pixel]), float(whole.pixels[pixel]))
            self._set(seen, act="look at a pixel")

    def load(self, whole: WholeImage) -> None:
        """Show all of an image."""
        evidence = Evidence.of(whole.pixels, flip=self.evidence.flip)
        self.restore(Sketch(evidence, whole, f"loading {whole.name}"))

    def hide_all_but(self, seen: NDArray[np.bool_], name: str) -> None:
        """See some pixels (784,) of the loaded image; without one, of what is drawn."""
        whole = self.sketch.whole
        pixels = self.evidence.pixels if whole is None else whole.pixels
        self._set(Evidence.of(pixels, seen, self.evidence.flip), act=f"mask: {name}")

    def fill(self, value: float) -> None:
        """Give all unknown pixels a value."""
        unknown = np.flatnonzero(~self.evidence.known)
        if len(unknown):
            what = "blank" if value == BLANK else "ink"
            self._set(self.evidence.marked(unknown, value), act=f"making the rest {what}")

    def set_flip(self, flip: float) -> None:
        """Trust each pixel more or less: 0 is fully, 1/2 not at all."""
        if flip != self.evidence.flip:
            evidence = replace(self.evidence, flip=flip)
            self._set(evidence, act="change of the noise", flows=True)

    def clear(self) -> None:
        """Know nothing."""
        if self.sketch.count or self.sketch.whole is not None:
            self.restore(Sketch(Evidence.nothing(self.evidence.flip)))

    def restore(self, sketch: Sketch) -> None:
        """Show what was there at another moment."""
        if sketch is not self.sketch:
            self.sketch = sketch
            self.changed.emit()

    def _set(self, evidence: Evidence, *, act: str, flows: bool = False) -> None:
        self.restore(Sketch(evidence, self.sketch.whole, act, flows))


__all__ = ["BLANK", "INK", "UNKNOWN", "Observation", "Sketch", "WholeImage"]

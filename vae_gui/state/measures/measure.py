"""A measure: a number of each image, and how it is computed."""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.style.scales import Scale, scale_of, with_minus

Array = NDArray[np.float64]
_LONGEST = 1e12  # a value from here on is written with a power of ten


@dataclass(frozen=True, eq=False)
class Column:
    """One measure of N images, as far as it is known. Its arrays are never written to.

    Attributes:
        values: (N,); not a number where it is not measured yet or could not be resolved.
        measured: (N,), for which images the measurement is done.
        belongs: (N,), which images belong to the class that is shown: only these have colours.
    """

    values: Array
    measured: NDArray[np.bool_]
    belongs: NDArray[np.bool_]

    @classmethod
    def empty(cls, belongs: NDArray[np.bool_]) -> "Column":
        """A column of which nothing is measured yet."""
        count = len(belongs)
        return cls(np.full(count, np.nan), np.zeros(count, dtype=bool), belongs)

    def with_values(self, first: int, values: Array) -> "Column":
        """A copy in which the values of the images from `first` on are known."""
        filled, measured = self.values.copy(), self.measured.copy()
        filled[first : first + len(values)] = values
        measured[first : first + len(values)] = True
        return Column(filled, measured, self.belongs)

    @cached_property
    def count(self) -> int:
        """For how many images the measurement is done."""
        return int(self.measured.sum())

    @property
    def is_complete(self) -> bool:
        """Whether it is done for all of them."""
        return self.count == len(self.values)

    @property
    def coloured(self) -> Array:
        """The values that colours stand for."""
        return self.values[self.belongs]

    @cached_property
    def scale(self) -> Scale | None:
        """The range of its colours; None where no value is known that has one."""
        return scale_of(self.coloured)


@dataclass(frozen=True, eq=False)
class Subject:
    """All that a measure is computed from.

    Attributes:
        model: the model.
        images: the N images that are measured.
        training: the training images, for measures of the aggregate posterior.
        is_training: whether the images are those of the training set themselves.
        so_far: what is measured already, by key.
    """

    model: OpenModel
    images: EncodedImages
    training: EncodedImages | None = None
    is_training: bool = False
    so_far: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Values:
    """Values of a measure, of the images from an index on; NaN for what cannot be resolved."""

    key: str
    first: int
    values: Array


@dataclass(frozen=True)
class Fraction:
    """How far a computation is that has no values to show yet, from 0 to 1."""

    fraction: float


Compute = Callable[[Subject], Generator[Values | Fraction, None, None]]


def _never_unavailable(subject: Subject) -> str:
    return ""


@dataclass(frozen=True)
class Measure:
    """A number that each image has.

    Attributes:
        key: its name in settings.
        title: its name on screen.
        unit: its unit.
        tip: a sentence that explains it, for tooltips.
        decimals: how many are shown of a single value.
        high_is_good: whether a high value means that the model does well.
        compute: computes it, some images at a time, in a worker: a generator without Qt. It may
            yield values of other measures too.
        unavailable: why it can never be known of a subject; empty if it can.
        at_once: whether it is so quick that it is computed in the GUI thread with the encoding.
        on_request: whether it is only computed where images are coloured by it.
        needs_training: whether it can only be computed once the training images are encoded.
        urgency: of several that are wanted, the highest is computed first.
        activity: what the status line says meanwhile, where "Measuring the test digits" is not it.
        scale: the range of its colours, where that does not depend on the values.
        is_silent_where_unavailable: whether nothing is said of it where it can never be known.
        title_of_a_class: its name on screen where one class is shown of a model with classes, with
            `{y}` for the class; empty where that is told by the title and the class beside it.
    """

    key: str
    title: str
    unit: str
    tip: str
    decimals: int
    high_is_good: bool
    compute: Compute
    unavailable: Callable[[Subject], str] = _never_unavailable
    at_once: bool = False
    on_request: bool = False
    needs_training: bool = False
    urgency: int = 0
    activity: str = ""
    scale: Scale | None = None
    is_silent_where_unavailable: bool = False
    title_of_a_class: str = ""

    def title_given(self, label: int | None) -> str:
        """Its name on screen where a class is shown: log p(x|y) is not to be read as log p(x)."""
        if label is None:
            return self.title
        return (self.title_of_a_class or f"{self.title}, y = {{y}}").format(y=label)

    def text_of(self, value: float) -> str:
        """A value as it is written."""
        if math.isinf(value):
            return "∞" if value > 0.0 else "−∞"
        return with_minus(f"{value:.{self.decimals}f}" if abs(value) < _LONGEST else f"{value:.3g}")

"""What is measured of a set of images: a column for each measure."""

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.encoded import EncodedImages
from vae_gui.state.measures.measure import Array, Column, Fraction, Measure, Subject


class Knowledge(Enum):
    """What is known of a measure of one image."""

    NEVER = "it can never be known"
    NOT_YET = "it is not measured yet"
    UNRESOLVED = "it is measured, but could not be resolved"
    KNOWN = "it is known"


class Measurements:
    """The columns of N images, by the keys of the measures."""

    def __init__(self, table: Mapping[str, Measure], subject: Subject) -> None:
        """Begin with what can be computed at once."""
        self._table = table
        self.subject = subject
        self.never = {
            key: reason
            for key, measure in table.items()
            if (reason := measure.unavailable(subject))
        }
        self._columns = dict.fromkeys(table, Column.empty(subject.images.belongs))
        for measure in table.values():
            if measure.at_once:
                for part in measure.compute(subject):
                    assert not isinstance(part, Fraction)
                    self.fill(part.key, part.first, part.values)

    def __len__(self) -> int:
        """N."""
        return len(self.subject.images)

    def __getitem__(self, key: str) -> Column:
        """One measure's column."""
        return self._columns[key]

    def fill(self, key: str, first: int, values: Array) -> None:
        """Keep values of a measure, of the images from an index on."""
        self._columns[key] = self._columns[key].with_values(first, values)

    def knowledge_of(self, key: str, index: int) -> Knowledge:
        """What is known of one image."""
        if key in self.never:
            return Knowledge.NEVER
        column = self[key]
        if not column.measured[index]:
            return Knowledge.NOT_YET
        return Knowledge.UNRESOLVED if np.isnan(column.values[index]) else Knowledge.KNOWN

    def is_open(self, key: str) -> bool:
        """Whether there are images of which it could still be measured."""
        return key not in self.never and not self[key].is_complete

    def subject_with(self, training: EncodedImages | None) -> Subject:
        """The subject as it is now: with the training images, and what is measured so far."""
        return replace(self.subject, training=training, so_far=dict(self._columns))

    def ranked(self, key: str) -> NDArray[np.intp]:
        """The indices of the images whose value is known, from the worst to the best."""
        values = self[key].values
        known = np.flatnonzero(~np.isnan(values))
        order = known[np.argsort(values[known], kind="stable")]
        return order if self._table[key].high_is_good else order[::-1]

    def rank_of(self, index: int, key: str) -> tuple[int, int] | None:
        """An image's place from the best, from 1, and among how many; None if it is not known."""
        values = self[key].values
        if np.isnan(values[index]):
            return None
        high = self._table[key].high_is_good
        better = values > values[index] if high else values < values[index]
        return int(better.sum()) + 1, int((~np.isnan(values)).sum())

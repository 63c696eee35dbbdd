"""Linked viewpoints: where one goes, the other goes too."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from vae_gui.state.comparison import Comparison, Link
from vae_gui.state.encoded import Array
from vae_gui.state.slice import Slice
from vae_gui.state.viewpoint import Viewpoint


class Linking(QObject):
    """Moves probe, peek and chosen digit of each of two viewpoints as the hand moves the other's.

    Through the digit: the other one goes to the posterior mean, there, of the test digit that is
    nearest here; no offset is added, for a step here has no meaning there. Through z: it goes to
    the same place of its plane, which stands for another z of its own if that plane is turned.
    """

    def __init__(self, comparison: Comparison, parent: QObject | None = None) -> None:
        """Link the viewpoints of a comparison, which has both."""
        super().__init__(parent)
        assert comparison.second is not None
        self._comparison = comparison
        self._pair = (comparison.first, comparison.second)
        self._leader = comparison.first  # whose probe was moved last
        self._probes = [viewpoint.probe for viewpoint in self._pair]
        self._peeks = [viewpoint.peek for viewpoint in self._pair]
        self._is_following = False
        for index, viewpoint in enumerate(self._pair):
            viewpoint.point_changed.connect(lambda index=index: self._move(index))
            viewpoint.selection_changed.connect(lambda index=index: self._choose(index))
            viewpoint.slice_changed.connect(lambda index=index: self._cut(index))
        comparison.changed.connect(self._begin_anew)

    def _move(self, index: int) -> None:
        """The probe or the peek of one has moved."""
        leader, follower = self._pair[index], self._pair[1 - index]
        probe_moved = not np.array_equal(leader.probe, self._probes[index])
        peek_moved = leader.peek is not self._peeks[index]
        self._probes[index], self._peeks[index] = leader.probe, leader.peek
        if self._rests:
            return
        self._is_following = True
        if peek_moved:
            self._lead_peek(leader, follower)
        if probe_moved:
            self._leader = leader
            self._lead_probe(leader, follower)
        self._is_following = False

    def _choose(self, index: int) -> None:
        """Another digit is chosen in one."""
        leader, follower = self._pair[index], self._pair[1 - index]
        if self._rests or not self._comparison.shows_same:
            return
        self._is_following = True
        chosen = leader.selected
        if chosen is None or self._comparison.link is Link.Z:
            follower.mark(chosen)
        elif chosen != follower.selected:
            self._leader = leader
            follower.select(chosen)
        self._is_following = False

    def _cut(self, index: int) -> None:
        """One shows another slice."""
        if not self._rests:
            self._is_following = True
            self._lead_slice(self._pair[index], self._pair[1 - index])
            self._is_following = False

    def _begin_anew(self) -> None:
        """The link, the alignment or one of the models is another one."""
        if self._rests:
            return
        follower = next(viewpoint for viewpoint in self._pair if viewpoint is not self._leader)
        self._is_following = True
        self._lead_slice(self._leader, follower)
        self._lead_probe(self._leader, follower)
        if self._comparison.shows_same:
            follower.mark(self._leader.selected)
        self._is_following = False

    @property
    def _rests(self) -> bool:
        comparison = self._comparison
        return self._is_following or comparison.is_unlinked or comparison.link is None

    def _lead_peek(self, leader: Viewpoint, follower: Viewpoint) -> None:
        z = None if leader.peek is None else self._partner(leader, follower, leader.peek)
        leader.is_led, follower.is_led = False, z is not None
        follower.set_peek(z)

    def _lead_probe(self, leader: Viewpoint, follower: Viewpoint) -> None:
        z = self._partner(leader, follower, leader.probe)
        if z is not None and not np.array_equal(z, follower.probe):
            follower.set_probe(z)

    def _lead_slice(self, leader: Viewpoint, follower: Viewpoint) -> None:
        """With more than two dimensions: the same slice through z, or one through the same digit.

        Through the digit a slice changes when a digit is chosen, which is led by itself.
        """
        if not follower.slice.is_cut:
            return
        if self._comparison.link is Link.Z:
            base = follower.slice.turned_back(leader.slice.turned(leader.slice.base))
            slice_ = Slice(base, None, leader.slice.axes, is_led=True)
        elif follower.slice.is_led and (index := _digit_at(leader, leader.probe)) is not None:
            test = follower.document.test
            assert test is not None
            slice_ = Slice(test.means[index], index, follower.slice.axes)
        else:
            return
        same = replace(slice_, turn=follower.slice.turn)
        follower.go_to(same, follower.selected, follower.probe)

    def _partner(self, leader: Viewpoint, follower: Viewpoint, z: Array) -> Array | None:
        """The point (D,) of one that goes with z of the other; None where there is none."""
        if self._comparison.link is Link.Z:
            return follower.slice.turned_back(leader.slice.turned(z)).copy()
        index, test = _digit_at(leader, z), follower.document.test
        return None if index is None or test is None else test.means[index].copy()


def _digit_at(viewpoint: Viewpoint, z: Array) -> int | None:
    """The test digit that a point stands for: the chosen one at its mean, else the nearest."""
    test, chosen = viewpoint.document.test, viewpoint.selected
    if test is not None and chosen is not None and np.array_equal(z, test.means[chosen]):
        return chosen
    nearest = viewpoint.nearest_to(z)
    return None if nearest is None else nearest.index

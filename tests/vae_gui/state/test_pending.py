"""Whether all is settled: one answer for all who work."""

import pytest

from vae_gui.state.pending import Pending


@pytest.fixture
def pending():
    return Pending()


@pytest.fixture
def settled(pending):
    calls = []
    pending.settled.connect(lambda: calls.append(pending.is_settled))
    return calls


def test_at_first_nothing_is_on_its_way(pending):
    assert pending.is_settled


def test_it_is_settled_when_the_last_of_all_has_ended(pending, settled):
    one, other = object(), object()
    pending.set_working(one, True)
    pending.set_working(other, True)
    pending.set_working(one, False)
    assert not pending.is_settled
    assert settled == []
    pending.set_working(other, False)
    assert pending.is_settled
    assert settled == [True]


def test_who_says_it_twice_has_begun_once(pending, settled):
    who = object()
    for _ in range(3):
        pending.set_working(who, True)
    pending.set_working(who, False)
    assert pending.is_settled
    assert settled == [True]


def test_who_never_began_settles_nothing(pending, settled):
    pending.set_working(object(), False)
    assert settled == []
    pending.set_working("one", True)
    pending.set_working("other", False)
    assert not pending.is_settled
    assert settled == []


def test_one_may_begin_again_while_told_that_all_is_settled(pending):
    pending.settled.connect(lambda: pending.set_working("next", True))
    pending.set_working("first", True)
    pending.set_working("first", False)
    assert not pending.is_settled

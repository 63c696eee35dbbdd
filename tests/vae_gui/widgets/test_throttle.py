from PySide6.QtCore import QObject

from vae_gui.widgets.throttle import PAUSES_MS, Throttle


def test_the_first_call_is_made_at_once_and_of_many_more_the_last(qtbot):
    owner, state, seen = QObject(), [0], []
    throttle = Throttle(lambda: seen.append(state[0]), owner)
    for number in range(100):  # no event is handled meanwhile
        state[0] = number
        throttle.call()
    assert seen == [0]
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [0, 99]
    qtbot.wait(PAUSES_MS[-1] + 20)  # this timer is a coarse one
    assert seen == [0, 99]  # nothing more was wanted
    throttle.call()
    assert len(seen) == 3  # after a rest, at once
    del owner


def test_what_it_calls_may_call_it(qtbot):
    owner, seen = QObject(), []

    def act():
        seen.append(1)
        if len(seen) < 3:
            throttle.call()

    throttle = Throttle(act, owner)
    throttle.call()
    assert len(seen) == 1
    qtbot.waitUntil(lambda: len(seen) == 3)
    del owner


def test_a_call_that_waits_can_be_made_now_and_once(qtbot, monkeypatch):
    monkeypatch.setattr("vae_gui.widgets.throttle.PAUSES_MS", [30])
    owner, seen = QObject(), []
    throttle = Throttle(lambda: seen.append(1), owner)
    throttle.catch_up()
    assert not seen  # none waits
    throttle.call()
    throttle.call()
    throttle.catch_up()
    assert len(seen) == 2
    throttle.catch_up()
    qtbot.wait(60)
    assert len(seen) == 2
    del owner

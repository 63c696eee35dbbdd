"""Which moment is wanted, shown and followed, and how a timeline is played."""

from dataclasses import replace
from pathlib import Path

import pytest

from vae_gui.state.timeline import SPEEDS, CurvePoint, Moment, Story, Timeline


def moment(step, version=(1,)):
    name = f"step_{step:08d}.safetensors"
    return Moment(step, -(-step // 10), step > 0 and step % 10 == 0, Path(name), version)


def story(*steps, goes_on=False):
    return Story(tuple(moment(step) for step in steps), (), 9, goes_on)


@pytest.fixture
def timeline(qtbot, monkeypatch):
    monkeypatch.setattr("vae_gui.state.timeline.SNAPSHOT_MS", 4)
    made = Timeline()
    made.take(story(0, 3, 10, 20))
    made.begin(20, follows=False)
    made.set_made([], is_all=False)
    return made


def steps(timeline):
    return [each.step for each in timeline.moments]


def show_what_is_wanted(timeline):
    """As one who has every moment ready."""
    timeline.wanted_changed.connect(
        lambda: timeline.set_shown(timeline.moments[timeline.wanted].step)
    )


def test_a_timeline_begins_with_nothing():
    timeline = Timeline()
    assert (timeline.wanted, timeline.shown, timeline.best) == (None, None, None)
    assert not timeline.is_there
    timeline.walk(1)
    timeline.play_or_pause()
    timeline.follow()
    assert timeline.wanted is None


def test_what_is_wanted_is_shown_only_when_somebody_has_it_ready(timeline, qtbot):
    with qtbot.waitSignal(timeline.wanted_changed):
        timeline.go_to(1)
    assert (timeline.wanted, timeline.shown) == (1, 3)
    with qtbot.waitSignal(timeline.shown_changed):
        timeline.set_shown(3)
    assert (timeline.wanted, timeline.shown) == (1, 1)


def test_one_walks_no_farther_than_the_ends(timeline):
    timeline.walk(-1)
    assert timeline.wanted == 2
    timeline.walk(-9)
    assert timeline.wanted == 0
    timeline.walk(9)
    assert timeline.wanted == 3


def test_the_best_epoch_is_that_of_the_curve_whether_it_has_a_snapshot_or_not(timeline):
    curve = tuple(CurvePoint(10 * epoch, epoch, -150.0 - abs(epoch - 7)) for epoch in range(1, 10))
    timeline.take(replace(timeline.story, curve=curve))
    assert timeline.best == CurvePoint(70, 7, -150.0)


def test_the_newest_of_a_run_that_goes_on_is_followed():
    timeline = Timeline()
    timeline.take(story(0, 3, goes_on=True))
    timeline.begin(0, follows=True)
    assert timeline.wanted == 1
    timeline.take(story(0, 3, 10, goes_on=True))
    assert timeline.wanted == 2


def test_a_hand_that_scrubs_back_is_left_there_until_it_comes_to_the_newest(timeline):
    timeline.take(story(0, 3, 10, 20, goes_on=True))
    timeline.go_to(1)
    timeline.take(story(0, 3, 10, 20, 30, goes_on=True))
    assert timeline.wanted == 1
    assert not timeline.follows
    timeline.go_to(4)
    timeline.take(story(0, 3, 10, 20, 30, 40, goes_on=True))
    assert timeline.wanted == 5
    timeline.go_to(0)
    timeline.follow()
    assert timeline.wanted == 5
    assert timeline.follows


def test_a_run_that_has_ended_is_not_followed_by_going_to_its_end(timeline):
    timeline.go_to(3)
    assert not timeline.follows


def test_it_plays_on_from_here_and_rests_at_the_end(timeline, qtbot):
    show_what_is_wanted(timeline)
    timeline.go_to(1)
    seen = []
    timeline.shown_changed.connect(lambda: seen.append(timeline.shown))
    timeline.play_or_pause()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert seen == [2, 3]


def test_it_plays_from_the_beginning_where_it_is_at_the_end(timeline, qtbot):
    show_what_is_wanted(timeline)
    seen = []
    timeline.shown_changed.connect(lambda: seen.append(timeline.shown))
    timeline.play_or_pause()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert seen == [0, 1, 2, 3]


def test_a_film_waits_for_what_is_not_ready(timeline, qtbot):
    timeline.play_or_pause()
    qtbot.wait(40)
    assert (timeline.wanted, timeline.is_playing) == (0, True)
    timeline.set_shown(0)
    qtbot.waitUntil(lambda: timeline.wanted == 1)


def test_a_film_leaves_out_what_cannot_be_read_and_what_has_no_room(timeline, qtbot):
    show_what_is_wanted(timeline)
    timeline.set_made([0, 3, 20], is_all=False)
    timeline.set_broken(3, "no")
    seen = []
    timeline.shown_changed.connect(lambda: seen.append(timeline.shown))
    timeline.play_or_pause()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert seen == [0, 2, 3]
    timeline.set_made([0, 20], is_all=True)
    timeline.play_or_pause()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert seen[3:] == [0, 3]


def test_the_hand_ends_a_film(timeline):
    for act in (lambda: timeline.go_to(2), lambda: timeline.walk(-1), timeline.follow):
        timeline.play_or_pause()
        assert timeline.is_playing
        act()
        assert not timeline.is_playing


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_faster_it_plays_the_shorter_are_glides(timeline, speed, monkeypatch):
    monkeypatch.setattr("vae_gui.state.timeline.SNAPSHOT_MS", 400)
    timeline.set_speed(speed)
    timeline.play_or_pause()
    assert timeline.glide_ms == min(300, 400 / speed)
    timeline.pause()


def test_points_jump_under_the_hand_and_glide_otherwise(timeline):
    timeline.go_to(1)
    assert timeline.glide_ms == 0.0
    timeline.walk(1)
    assert timeline.glide_ms > 0.0


def test_what_can_be_shown_stays_when_its_file_goes(timeline):
    timeline.set_made([3, 20], is_all=True)
    timeline.take(story(0))
    assert steps(timeline) == [0, 3, 20]
    assert timeline.moments[timeline.shown].step == 20


def test_a_file_that_is_written_anew_may_be_read_again(timeline):
    timeline.set_broken(10, "half of it")
    timeline.take(Story((moment(0), moment(3), moment(10, (2,)), moment(20)), (), 9, False))
    assert timeline.broken == {}


def test_a_moment_that_cannot_be_read_is_not_wanted_any_longer(timeline):
    timeline.go_to(1)
    timeline.set_broken(3, "no")
    assert timeline.wanted == timeline.shown == 3


def test_another_model_has_no_timeline_yet(timeline):
    timeline.play_or_pause()
    timeline.clear()
    assert not timeline.is_there
    assert not timeline.is_playing
    assert timeline.shown is None
    timeline.go_to(0)  # by a hand that still holds the track of the run before
    assert timeline.wanted is None

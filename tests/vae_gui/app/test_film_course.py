"""Which snapshot each frame of a film shows."""

import itertools

import pytest

from vae_gui.app.film_course import FRAME_MS, Frame, course


@pytest.mark.parametrize("snapshots", [2, 3, 36, 500])
@pytest.mark.parametrize("seconds", [1.0, 8.0, 30.0])
def test_a_film_goes_from_the_first_snapshot_to_the_last_and_rests_there(snapshots, seconds):
    frames = course(snapshots, seconds)
    assert len(frames) * FRAME_MS / 1000 == pytest.approx(seconds, abs=FRAME_MS / 1000)
    assert frames[0] == Frame(0, 1.0)
    resting = [frame for frame in frames if frame == Frame(snapshots - 1, 1.0)]
    assert len(resting) >= 0.15 * len(frames)
    assert frames[-len(resting) :] == resting
    assert all(0.0 < frame.fraction <= 1.0 for frame in frames)


def test_points_never_go_back_and_move_evenly():
    places = [frame.snapshot - 1 + frame.fraction for frame in course(20, 10.0)]
    steps = [later - place for place, later in itertools.pairwise(places)]
    moving = [step for step in steps if step > 0]
    assert min(steps) >= 0
    assert max(moving) == pytest.approx(min(moving))
    assert places[0] == 0
    assert places[-1] == 19

"""Moments are made ready beside the hand and shown: with real files and a real worker."""

from itertools import pairwise

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from plainly import decode_point
from written_run import TINY, WrittenRun, encode

from model.files.checkpoint import read_checkpoint
from vae_gui.jobs.following import Following
from vae_gui.jobs.opening import Opening
from vae_gui.jobs.showing import Showing, coarse_to_fine
from vae_gui.jobs.worker import Worker
from vae_gui.state.encoded import OpenModel
from vae_gui.state.timeline import Moment, Story, Timeline
from vae_gui.state.workspace import Workspace

ALL = (0, 1, 3, 10, 20)


class Shown:
    """A document, its timeline, and what shows it."""

    def __init__(self, run, room=10**9):
        self.run = run
        self.workspace = Workspace()
        self.document = self.workspace.document
        self.timeline = Timeline()
        self.showing = Showing(self.document, self.timeline, self.workspace.pending, room=room)
        self.failures = []
        self.showing.failed.connect(lambda sentence, _: self.failures.append(sentence))

    def open(self, path, count=200):
        checkpoint = read_checkpoint(path)
        self.document.open(OpenModel(path, path.name, checkpoint))
        self.document.set_test(make_digits(count=count))

    def take(self, *steps, goes_on=False):
        paths = {step: self.run.paths.snapshot(step) for step in steps}
        moments = [
            Moment(step, -(-step // 10), step % 10 == 0 < step, path, (path.stat().st_mtime_ns,))
            for step, path in paths.items()
        ]
        self.timeline.take(Story(tuple(moments), (), 9, goes_on))

    def go(self, qtbot, index):
        self.timeline.go_to(index)
        qtbot.waitUntil(lambda: self.timeline.shown == index)

    def close(self):
        self.showing.close()
        settle()


@pytest.fixture
def run(tmp_path):
    made = WrittenRun(tmp_path / "a run")
    made.add(*ALL)
    return made


@pytest.fixture
def shown(qtbot, run):
    made = Shown(run)
    made.open(run.paths.snapshot(20))
    made.take(*ALL)
    made.timeline.begin(20, follows=False)
    qtbot.waitUntil(lambda: made.timeline.made == frozenset(ALL))
    yield made
    made.close()


@pytest.mark.parametrize("index", range(len(ALL)))
def test_points_are_where_that_snapshot_encodes_them(shown, qtbot, index):
    shown.timeline.go_to(0 if index else 1)
    shown.go(qtbot, index)
    test = shown.document.test
    means, deviations = encode(shown.run.paths.snapshot(ALL[index]), test.images)
    np.testing.assert_allclose(test.means, means, atol=1e-6, rtol=0)
    np.testing.assert_allclose(test.standard_deviations, deviations, atol=1e-6, rtol=0)


@pytest.mark.parametrize("index", range(len(ALL)))
def test_digits_are_those_of_that_snapshot(shown, qtbot, index):
    shown.timeline.go_to(0 if index else 1)
    shown.go(qtbot, index)
    model, z = shown.document.model, np.array([0.4, -0.7])
    vae = read_checkpoint(shown.run.paths.snapshot(ALL[index])).vae
    np.testing.assert_allclose(model.point_decoder.decode(z), decode_point(vae, z), atol=1e-6)
    np.testing.assert_allclose(model.decode(z[None])[0], decode_point(vae, z), atol=1e-6)
    assert model.path == shown.run.paths.snapshot(ALL[index])


def test_the_epoch_that_was_opened_stays_in_full_precision(shown):
    assert shown.timeline.shown == 4
    assert shown.document.model.preview is None


def test_where_the_hand_rests_the_whole_checkpoint_is_read(shown, qtbot, monkeypatch):
    with qtbot.waitSignal(shown.document.model_read):
        shown.go(qtbot, 2)
    assert shown.document.model.is_read
    assert shown.document.model.checkpoint.epoch == 1


def test_what_one_knows_of_the_images_stays_over_a_scrub(shown, qtbot):
    images = shown.document.test.images
    shown.workspace.viewpoint.select(7)
    with qtbot.assertNotEmitted(shown.document.opened):
        shown.go(qtbot, 0)
        shown.go(qtbot, 3)
    assert shown.document.test.images is images
    assert shown.workspace.viewpoint.selected == 7


def test_all_that_is_kept_is_counted(shown):
    decoder = sum(
        weight.numel()
        for weight in read_checkpoint(shown.run.paths.snapshot(0)).vae.decoder.parameters()
    )
    assert shown.showing.bytes == len(ALL) * (2 * decoder + 2 * 4 * 200 * TINY.latent_dim)


def test_where_there_is_no_room_for_all_others_are_made_when_they_are_wanted(qtbot, run):
    all_steps = tuple(range(0, 40, 2))
    run.add(*all_steps)
    made = Shown(run, room=0)
    made.open(run.paths.snapshot(0))
    made.take(*all_steps)
    made.timeline.begin(0, follows=False)
    made.go(qtbot, 3)
    one = made.showing.bytes
    made.close()
    assert one > 0

    made = Shown(run, room=5 * one)
    made.open(run.paths.snapshot(0))
    made.take(*all_steps)
    made.timeline.begin(0, follows=False)
    qtbot.waitUntil(lambda: made.timeline.is_all_made)
    assert len(made.timeline.made) == 5
    for index in range(1, len(all_steps), 3):
        made.go(qtbot, index)
        assert made.showing.bytes <= 5 * one
        means, _ = encode(run.paths.snapshot(all_steps[index]), made.document.test.images)
        np.testing.assert_allclose(made.document.test.means, means, atol=1e-6, rtol=0)
    made.close()


def test_a_hand_that_is_too_fast_sees_the_nearest_that_is_ready(qtbot, run, monkeypatch):
    made = Shown(run)
    made.open(run.paths.snapshot(20))
    made.take(*ALL)
    made.timeline.begin(20, follows=False)
    qtbot.waitUntil(lambda: {0, 20} <= made.timeline.made)
    made.timeline.go_to(1)
    shown = made.timeline.moments[made.timeline.shown].step
    assert shown in made.timeline.made or shown == 20
    qtbot.waitUntil(lambda: made.timeline.shown == 1)
    made.close()


def test_a_snapshot_that_is_written_anew_is_shown_anew(shown, qtbot):
    shown.go(qtbot, 2)
    before = shown.document.test.means
    shown.run.add(3, seed=77)
    with qtbot.waitSignal(shown.document.weights_replaced):
        shown.take(*ALL)
    means, _ = encode(shown.run.paths.snapshot(3), shown.document.test.images)
    np.testing.assert_allclose(shown.document.test.means, means, atol=1e-6, rtol=0)
    assert not np.allclose(shown.document.test.means, before)


def test_a_checkpoint_that_was_written_anew_is_not_taken_for_the_one_that_is_shown(shown, qtbot):
    shown.go(qtbot, 0)
    model = shown.document.model
    shown.run.add(0, seed=77)
    if not model.is_read:
        with pytest.raises(Exception, match="was written anew; open it again"):
            _ = model.checkpoint


def test_a_broken_file_is_said_once_and_left_out(qtbot, run):
    for step in (1, 3):
        path = run.paths.snapshot(step)
        content = bytearray(path.read_bytes())
        content[-5] ^= 0xFF
        path.write_bytes(content)
    made = Shown(run)
    made.open(run.paths.snapshot(20))
    made.take(*ALL)
    made.timeline.begin(20, follows=False)
    qtbot.waitUntil(lambda: len(made.timeline.broken) == 2)
    qtbot.waitUntil(lambda: made.timeline.made == {0, 10, 20})
    assert len(made.failures) == 1
    assert made.failures[0].startswith("step_0000000")
    assert "checksum" in made.failures[0]
    made.go(qtbot, 0)
    made.close()


def test_a_snapshot_of_another_kind_of_model_is_refused(qtbot, run, make_model):
    path = make_model(5).path
    path.replace(run.paths.snapshot(3))
    made = Shown(run)
    made.open(run.paths.snapshot(20))
    made.take(*ALL)
    made.timeline.begin(20, follows=False)
    qtbot.waitUntil(lambda: 3 in made.timeline.broken)
    assert "dimensions" in made.timeline.broken[3]
    made.close()


def test_another_model_forgets_all_moments(shown, make_model):
    model = make_model(3)
    shown.document.open(model)
    assert shown.showing.bytes == 0
    assert not shown.timeline.is_there


@pytest.mark.parametrize("count", [0, 1, 2, 3, 8, 9, 100, 500])
def test_coarse_to_fine_names_each_once_and_leaves_no_wide_gap(count):
    order = list(coarse_to_fine(count))
    assert sorted(order) == list(range(count))
    assert order[:2] == ([count - 1, 0] if count > 1 else order[:2])
    known = sorted(order[: count // 4 + 2])
    assert all(b - a <= 8 for a, b in pairwise(known))


def test_following_tells_the_timeline_of_what_is_open(qtbot, run, quick_digits, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    made = Shown(run)
    opening = Opening(made.workspace, made.document)
    following = Following(opening, made.document, made.timeline)
    run.finish_epochs(1, 2)
    try:
        opening.open(run.paths.folder)
        qtbot.waitUntil(lambda: made.timeline.shown is not None)
        assert made.document.model.path == run.paths.best
        assert made.timeline.follows
        assert [moment.elbo for moment in made.timeline.moments][-2:] == [-156.0, -155.0]
        qtbot.waitUntil(lambda: made.document.test is not None)
        run.finish_epochs(3)
        qtbot.waitUntil(lambda: made.document.model.path == run.paths.snapshot(30))
        assert made.timeline.shown == len(made.timeline.moments) - 1
    finally:
        following.close()
        for worker in opening.findChildren(Worker):
            worker.close()
        made.close()


# Where points come from


def test_the_distance_moved_is_from_where_the_snapshot_before_encodes_them(shown, qtbot):
    images = shown.document.test.images
    places = {step: encode(shown.run.paths.snapshot(step), images)[0] for step in ALL}
    for index, step in enumerate(ALL[1:], start=1):
        shown.go(qtbot, index)
        moved = shown.document.measures["moved"].values
        expected = np.sqrt(np.square(places[step] - places[ALL[index - 1]]).sum(axis=1))
        np.testing.assert_allclose(moved, expected, atol=1e-6)
    shown.go(qtbot, 0)
    assert shown.document.measures.never["moved"] == "no snapshot before"


def test_it_is_known_once_the_snapshot_before_has_been_read(qtbot, run):
    made = Shown(run)
    made.open(run.paths.snapshot(20))
    made.take(3, 20)
    made.timeline.begin(3, follows=False)
    qtbot.waitUntil(lambda: made.timeline.made == frozenset({3, 20}))
    made.go(qtbot, 1)
    model, moved = made.document.model, made.document.measures["moved"].values
    assert (moved > 0).any()
    made.take(3, 10, 20)  # another came between them: no harm is done
    qtbot.waitUntil(lambda: 10 in made.timeline.made)
    assert made.document.model is model
    made.close()


def test_colours_keep_their_meaning_while_a_timeline_is_scrubbed(shown, qtbot):
    viewpoint = shown.workspace.viewpoint
    shown.go(qtbot, 2)
    scale = viewpoint.scale_of("kl")
    for index in (0, 4, 1):
        shown.go(qtbot, index)
        assert viewpoint.scale_of("kl") == scale
    assert shown.document.measures["kl"].scale != scale
    shown.open(shown.run.paths.snapshot(0))  # another model: its own colours
    assert viewpoint.scale_of("kl") == shown.document.measures["kl"].scale


def test_colours_follow_a_run_that_goes_on(qtbot, run):
    made = Shown(run)
    made.open(run.paths.snapshot(1))
    made.take(1, 3, goes_on=True)
    made.timeline.begin(1, follows=True)
    qtbot.waitUntil(lambda: made.timeline.shown == 1)
    made.workspace.viewpoint.scale_of("kl")
    made.take(1, 3, 20, goes_on=True)
    qtbot.waitUntil(lambda: made.timeline.shown == 2)
    found = made.workspace.viewpoint.scale_of("kl")
    assert found == made.document.measures["kl"].scale
    made.close()

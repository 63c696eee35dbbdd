"""What the benchmarks of the window do and compute beside times: hands that really act."""

import itertools
import mmap

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from PySide6.QtWidgets import QLabel

from benchmarks import background, brush, drag, plane, soak
from benchmarks.window import PaintClock, resized, rest, summary, wander
from vae_gui.app.main_window import MainWindow
from vae_gui.app.watchdog import Block, Blocks
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, make_model, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    made.open(make_model().path)
    qtbot.waitUntil(lambda: made.workspace.document.test is not None)
    rest(made)
    yield made
    made.close()
    made.join()


@pytest.fixture
def hands(window):
    return soak.Hands(window)


def count(signal):
    calls = []
    signal.connect(lambda *_: calls.append(1))
    return calls


def test_a_clock_takes_the_time_of_the_paint_that_an_act_causes(qtbot):
    label, other = QLabel("before"), QLabel("before")
    for widget in (label, other):
        qtbot.addWidget(widget)
        widget.show()
    settle()
    clock = PaintClock(label, other)

    def act():
        label.setText("after")
        other.setText("after")

    taken = clock.time(act)
    assert taken > 0.0
    assert set(clock.painted) == {label, other}


def test_a_clock_waits_for_the_last_paint_before_all_is_done(qtbot):
    label = QLabel("0")
    qtbot.addWidget(label)
    label.show()
    settle()
    clock, painted = PaintClock(label), []

    def done():
        painted.append(len(painted))
        label.setText(str(len(painted)))
        return len(painted) > 3

    first = clock.time(lambda: label.setText("begin"))
    assert first > 0.0
    clock.time(lambda: label.setText("again"), until=done)
    assert len(painted) > 3


def test_a_path_never_stands_still_and_stays_in_the_plane():
    path = wander(2000)
    steps = np.hypot(*np.diff(path, axis=0).T)
    assert steps.min() > 0.0
    assert np.abs(path).max() <= 2.5


def test_a_set_is_cut_or_repeated():
    digits = make_digits(count=20)
    np.testing.assert_array_equal(resized(digits, 7).labels, digits.labels[:7])
    more = resized(digits, 45)
    assert len(more.means) == len(more.standard_deviations) == len(more.images) == 45
    np.testing.assert_array_equal(more.means[20:40], digits.means)


def test_a_summary_is_of_all_times():
    found = summary([1.0] * 98 + [3.0, 5.0])
    assert found == {"mean_ms": 1.06, "p50_ms": 1.0, "p99_ms": 3.02, "max_ms": 5.0}


@pytest.mark.parametrize(("state", "budget"), [("idle", 4.0), ("while training", 10.0)])
def test_a_report_compares_within_one_run(state, budget):
    times = drag.Times([1.0, 2.0, 3.0], [0.5, 1.0, 0.9], [10.0, 22.0, 60.0])
    found = drag.report(70_000, state, times)
    assert found["ratio_p50"] == 11.0
    assert found["decoding"]["max_ms"] == 1.0
    assert found["ratio_without_decoding_p50"] == 22.0
    assert found["state"] == state
    assert found["budget"]["p99_ms"] == budget


def test_a_drag_moves_the_probe_and_the_yardstick_its_marker(window):
    held = drag.Drag(window)
    took = held.time(np.array([0.5, -0.25]))
    assert 0.0 < 1000.0 * held.decoder.seconds < took
    np.testing.assert_allclose(window.workspace.viewpoint.probe, [0.5, -0.25], atol=0.01)
    places, labels = drag.places_and_labels(window)
    assert len(places) == len(labels) == 200
    plain = drag.Plain((places, labels))
    plain.time(np.array([0.5, -0.25]))
    # the mouse is on whole pixels
    np.testing.assert_allclose([*plain.marker.pos()], [0.5, -0.25], atol=0.02)
    assert plain.time(np.array([0.5, -0.25])) > 0.0  # painted, though it is there already
    plain.plot.close()


def test_a_hand_pans_and_zooms(window):
    hand = plane.Gestures(window)
    for act in (hand.pan, hand.zoom):
        seen = []
        for index in range(4):
            act(index)
            settle()
            seen.append(window.plane.view().bounds)
        assert len(set(seen)) == 4


@pytest.mark.slow
def test_hands_switch_what_they_say_and_leave_it_as_it_was(window, hands):
    workspace = window.workspace
    layers, colours = (
        dict(workspace.appearance.layers),
        count(workspace.appearance.colouring_changed),
    )
    switched, classes = (
        count(workspace.appearance.layers_changed),
        count(workspace.appearance.classes_changed),
    )
    hands.switch_layers()
    assert len(switched) >= 2 * len(layers)
    assert {key: state.visible for key, state in workspace.appearance.layers.items()} == {
        key: state.visible for key, state in layers.items()
    }
    hands.switch_colours()
    assert len(colours) == 8  # ELBO, reconstruction, KL, standard deviation, and back
    assert workspace.appearance.colouring is None
    hands.switch_classes()
    assert len(classes) >= 6
    assert not workspace.appearance.hidden_classes


def test_hands_drag_hover_pan_and_nudge(window, hands, monkeypatch):
    workspace = window.workspace
    moved = count(workspace.viewpoint.point_changed)
    hands.drag(20)
    assert len(moved) >= 20
    assert workspace.viewpoint.peek is None
    hands.hover(5)
    assert workspace.viewpoint.peek is None  # it has left
    assert len(moved) >= 26
    before = window.plane.view().bounds
    shown = []
    show = window.plane.viewport.show
    monkeypatch.setattr(
        window.plane.viewport, "show", lambda wanted: (shown.append(wanted), show(wanted))
    )
    hands.pan(10)
    assert sum(one != other for one, other in itertools.pairwise(shown)) >= 8
    after = window.plane.view().bounds
    assert after.left == pytest.approx(before.left, abs=0.2 * before.width)
    hands.nudge()
    assert workspace.viewpoint.selected is not None
    assert hands.events == 22 + 6 + 12 + 5


def test_hands_open_another_checkpoint(window, hands, make_model):
    other = make_model(5, name="other.safetensors").path
    hands.open(other)
    assert window.workspace.document.model.path == other
    assert window.workspace.document.test is not None


def test_memory_is_that_of_the_process():
    before = soak.memory_mb()
    with mmap.mmap(-1, 64_000_000) as block:  # pages that the process does not have yet
        block.write(bytes(range(1, 251)) * 256_000)
        assert 40.0 < soak.memory_mb() - before < 90.0


def test_blocks_are_told_with_the_most_work_first():
    blocks = Blocks()
    for taken, worked, event in ((30.0, 2.0, "a"), (20.0, 15.0, "b"), (12.0, 11.0, "b")):
        blocks.add(Block(taken, worked, event, ""), 10.0)
    told = soak.told(blocks)
    assert told["count"] == 3
    assert told["count_of_work"] == 2
    assert told["longest"] == "30.0 ms (2.0 of work): a"
    assert list(told["kinds"]) == ["b", "a"]
    assert told["kinds"]["b"] == {"count": 2, "longest_ms": 20.0, "most_work_ms": 15.0}


def test_checkpoints_of_two_and_of_five_dimensions(tmp_path):
    from model.files.checkpoint import read_checkpoint

    found = soak.checkpoints(tmp_path)
    assert [read_checkpoint(path).config.latent_dim for path in found] == [2, 2, 5]


@pytest.mark.slow
def test_a_training_runs_beside_what_is_measured_and_is_ended():
    with background.training():
        pass


def test_a_brush_draws_moves_that_change_the_posterior(qtbot, window, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.inferring.SIDE", 40)
    monkeypatch.setattr("benchmarks.brush.SIDE", 40)
    monkeypatch.setattr("benchmarks.brush.WARM_UP", 10)
    assert brush.make_table(window) > 0.0
    times = brush.measure(window, 60)
    assert len(times) > 5
    assert min(times) > 0.0
    inference = window.workspace.viewpoint.inference
    assert inference.table.side == 40
    assert not inference.heat.is_prior
    assert window.history.stack.undoText() == "brush stroke"

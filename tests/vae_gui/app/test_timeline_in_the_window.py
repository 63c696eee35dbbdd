"""The timeline in the real window by mouse and keys; runs that are followed; what goes wrong."""

import os
import shutil
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from gui_helpers import coarse_elbo, make_digits, settle, settle_layers
from run_folders import unreadable
from written_run import WrittenRun, encode

from benchmarks.hand import hand_over_widget
from vae_gui.app.main_window import MainWindow
from vae_gui.jobs import opening
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def few_digits(monkeypatch):
    """Opening a checkpoint encodes 60 made-up digits."""
    coarse_elbo(monkeypatch)
    real = opening.open_checkpoint

    def open_quickly(path, data_dir, label=0):
        results = real(path, data_dir, label)
        model = next(results)
        results.close()
        yield model
        digits = make_digits(model.latent_dim, 60)
        means, deviations = encode(model.path, digits.images)
        yield replace(
            digits, means=means.astype(float), standard_deviations=deviations.astype(float)
        )

    monkeypatch.setattr("vae_gui.jobs.opening.open_checkpoint", open_quickly)


@pytest.fixture
def open_window(qtbot, few_digits, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    monkeypatch.setattr("vae_gui.state.timeline.SNAPSHOT_MS", 40)
    made = []

    def make():
        window = MainWindow(ThemeChoice.LIGHT, remember=False)
        made.append(window)
        qtbot.addWidget(window)
        window.resize(1400, 900)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in made:
        window.close()
        window.join()
    settle()


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def run(tmp_path):
    """A run that goes on, in its first epoch."""
    made = WrittenRun(tmp_path / "a run")
    made.add(0, 1, 3)
    return made


@pytest.fixture
def ended(run):
    run.finish_epochs(*range(1, 10))
    run.end()
    return run


def open_all(window, run, qtbot):
    """Open a run, and wait until all of its snapshots are ready."""
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    timeline = window.timeline
    qtbot.waitUntil(lambda: timeline.is_there and len(timeline.made) == len(timeline.moments))


def is_shown(window, step):
    shown = window.timeline.shown
    return shown is not None and window.timeline.moments[shown].step == step


def see(window, step, qtbot):
    """Wait for a snapshot; its points are those of its file."""
    qtbot.waitUntil(lambda: is_shown(window, step) and window.workspace.document.glide is None)
    document = window.workspace.document
    means, _ = encode(document.model.path, document.test.images)
    np.testing.assert_allclose(document.test.means, means, atol=1e-6, rtol=0)


def text(window):
    return window.strip.text.text


def mean_kl(window, run, step):
    """KL(q(z|x) || p(z)) with the weights after a step, averaged over the test images: in nats."""
    mean, deviation = encode(run.paths.snapshot(step), window.workspace.document.test.images)
    mean, deviation = mean.astype(np.float64), deviation.astype(np.float64)
    kl = 0.5 * (mean**2 + deviation**2 - 1.0) - np.log(deviation)
    return kl.sum(axis=1).mean()


def test_a_hand_that_scrubs_reads_the_kl_of_each_snapshot_of_the_first_epoch(window, ended, qtbot):
    """Also where the window is narrow: then in fewer words, but never without the number."""
    open_all(window, ended, qtbot)
    track = window.strip.track
    hand, y = hand_over_widget(track), track.height() / 2
    for width in (1400, 1000):
        window.resize(width, 700)
        settle()
        hand.press(at=(track.column_of(0), y))
        for index, step in enumerate((0, 1, 3)):
            hand.move((track.column_of(index), y))
            see(window, step, qtbot)
            number = f"KL {mean_kl(window, ended, step):.2f} nats"
            qtbot.waitUntil(lambda number=number: number in text(window))
            assert number in window.strip.text.seen
            assert "test" in window.strip.text.seen
        hand.release()


@pytest.mark.slow
def test_the_train_page_draws_the_kl_within_the_first_epoch(window, ended, qtbot):
    open_all(window, ended, qtbot)
    hand_over_widget(window.plane).key("Ctrl+T")
    curves = window.place.panel.curves
    qtbot.waitUntil(lambda: bool(curves.plots) and curves.key.isVisible())
    items = curves.plots["kl"].plot.getPlotItem().listDataItems()
    points = np.stack(items[-1].getData()).T
    wanted = [(step / 10, mean_kl(window, ended, step)) for step in (0, 1, 3)]
    np.testing.assert_allclose(points, wanted, rtol=1e-5)


def test_the_kl_of_weights_that_were_written_anew_is_theirs(window, run, qtbot):
    run.finish_epochs(1)
    open_all(window, run, qtbot)
    run.add(3, seed=123)
    window.timeline.go_to(2)
    number = f"KL {mean_kl(window, run, 3):.2f} nats"
    qtbot.waitUntil(lambda: number in text(window))


# By hand


def test_a_drag_scrubs_and_a_click_jumps(window, ended, qtbot):
    open_all(window, ended, qtbot)
    track = window.strip.track
    hand, y = hand_over_widget(track), track.height() / 2
    hand.press(at=(track.column_of(0), y))
    see(window, 0, qtbot)
    for index in (3, 7, 5):
        hand.move((track.column_of(index), y))
        see(window, window.timeline.moments[index].step, qtbot)
    hand.move((-500.0, y))
    see(window, 0, qtbot)
    hand.move((5000.0, y))
    see(window, 90, qtbot)
    hand.release()
    hand.move((track.column_of(2), y))
    assert window.timeline.wanted == len(window.timeline.moments) - 1
    hand.click((track.column_of(4), y))
    see(window, window.timeline.moments[4].step, qtbot)
    assert window.messages.isHidden()


@pytest.mark.slow
def test_keys_walk_play_and_pause(window, ended, qtbot):
    open_all(window, ended, qtbot)
    hand, timeline = hand_over_widget(window.plane), window.timeline
    hand.key("Shift+J")
    see(window, 0, qtbot)
    hand.key("L", "L")
    see(window, 3, qtbot)
    hand.key("J")
    see(window, 1, qtbot)
    hand.key("K")
    assert timeline.is_playing
    qtbot.waitUntil(lambda: timeline.shown > 4)
    hand.key("K")
    assert not timeline.is_playing
    place = timeline.wanted
    qtbot.wait(80)
    assert timeline.wanted == place
    hand.key("K")
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert timeline.shown == len(timeline.moments) - 1


@pytest.mark.slow
def test_buttons_and_speeds_do_as_the_keys_do(window, ended, qtbot):
    open_all(window, ended, qtbot)
    back, play, forth, _ = window.strip.controls.buttons
    window.timeline.go_to(2)
    hand_over_widget(forth).click((5, 5))
    see(window, window.timeline.moments[3].step, qtbot)
    hand_over_widget(back).click((5, 5))
    see(window, window.timeline.moments[2].step, qtbot)
    hand_over_widget(play).click((5, 5))
    assert window.timeline.is_playing
    assert window.actions_by_name["play"].data() == "pause"
    window.actions_by_name["speed_4"].trigger()
    assert window.strip.speed.currentText() == "4×"
    hand_over_widget(play).click((5, 5))
    assert not window.timeline.is_playing


def test_arrow_keys_scrub_where_the_keyboard_is_on_the_track(window, ended, qtbot):
    open_all(window, ended, qtbot)
    window.strip.track.setFocus()
    hand = hand_over_widget(window.strip.track)
    hand.key("Home")
    see(window, 0, qtbot)
    hand.key("Right")
    see(window, 1, qtbot)
    hand.key("End")
    see(window, 90, qtbot)


def test_the_strip_says_what_is_shown(window, ended, qtbot):
    open_all(window, ended, qtbot)
    for index, step, said in (
        (0, 0, "Untrained: ELBO −200.0 (training, of its epoch so far)"),
        (2, 3, "Epoch 1 of 9, step 3: ELBO −203.0 (training, of its epoch so far)"),
        (3, 10, "Epoch 1 of 9, step 10: ELBO −156.0 (validation)"),
        (9, 70, "Epoch 7 of 9, step 70: ELBO −150.0 (validation)"),
    ):
        kl = f"KL {mean_kl(window, ended, step):.2f} nats (mean of the test digits)"
        window.timeline.go_to(index)
        qtbot.waitUntil(lambda said=f"{said}  ·  {kl}": text(window) == said)
    assert window.timeline.best.epoch == 7


def test_a_scrub_leaves_what_the_user_chose_to_see(window, ended, qtbot):
    open_all(window, ended, qtbot)
    workspace = window.workspace
    viewpoint = workspace.viewpoint
    window.plane.zoom(2)
    viewpoint.select(11)
    workspace.appearance.toggle_class(4)
    workspace.appearance.colour_by("kl")
    settle()
    view, undo = window.plane.view(), window.history.stack.undoText()
    probe = viewpoint.probe.copy()
    for index in (0, 5, 2):
        window.timeline.go_to(index)
        see(window, window.timeline.moments[index].step, qtbot)
    settle()
    assert window.plane.view() == view
    assert viewpoint.selected == 11
    assert workspace.appearance.hidden_classes == {4}
    assert workspace.appearance.colouring == "kl"
    assert window.history.stack.undoText() == undo
    np.testing.assert_array_equal(viewpoint.probe, probe)


def test_the_terms_of_the_chosen_digit_are_those_of_the_snapshot(window, ended, qtbot):
    open_all(window, ended, qtbot)
    document = window.workspace.document
    window.workspace.viewpoint.select(11)
    window.timeline.go_to(0)
    see(window, 0, qtbot)
    settle_layers(window.workspace)
    mean, deviation = encode(ended.paths.snapshot(0), document.test.images)
    kl = 0.5 * (mean**2 + deviation**2 - 1.0 - 2.0 * np.log(deviation)).sum(axis=1)
    assert document.measures["kl"].values[11] == pytest.approx(kl[11], abs=1e-4)
    elbo, reconstruction = (document.measures[key].values[11] for key in ("elbo", "reconstruction"))
    assert elbo == pytest.approx(reconstruction - kl[11], abs=1e-4)


def test_the_manifold_is_that_of_the_snapshot(window, ended, qtbot):
    """What was decoded with other weights is not painted any more from the moment they change."""
    open_all(window, ended, qtbot)
    appearance, layers = window.workspace.appearance, window.plane.layers
    appearance.show_layer("manifold", True)
    settle_layers(window.workspace)
    assert layers.shows("manifold")
    with qtbot.waitSignal(window.workspace.document.weights_replaced):
        window.timeline.go_to(0)
    assert not layers.shows("manifold")
    settle_layers(window.workspace)
    assert layers.shows("manifold")


@pytest.fixture
def few_training_images(monkeypatch):
    """The training set has 300 images, of noise."""
    from model.data import datasets

    def load(name, data_dir=None):
        grey = np.random.default_rng(2).integers(0, 256, size=(300, 1, 28, 28), dtype=np.uint8)
        return datasets.Images(torch.from_numpy(grey), torch.arange(300) % 10)

    monkeypatch.setattr(datasets, "load_training", load)
    monkeypatch.setattr("vae_gui.jobs.training_encoding.REST_MS", 40)


def brief_of(window, key):
    layer = next(layer for layer in window.plane.layers.layers if layer.key == key)
    return layer.brief(window.workspace.viewpoint)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "letter"), [("regions", "R"), ("difference", "D")])
def test_a_layer_of_the_training_images_comes_where_the_hand_rests(
    window, ended, qtbot, few_training_images, key, letter
):
    open_all(window, ended, qtbot)
    document = window.workspace.document
    window.timeline.go_to(2)
    see(window, 3, qtbot)
    assert brief_of(window, key) == "encoded where the hand rests"
    hand_over_widget(window.plane).key(letter)
    qtbot.waitUntil(lambda: document.training is not None)
    means, deviations = encode(ended.paths.snapshot(3), document.training.images)
    np.testing.assert_allclose(document.training.means, means, atol=1e-6, rtol=0)
    np.testing.assert_allclose(document.training.standard_deviations, deviations, atol=1e-6)
    settle_layers(window.workspace)
    assert window.plane.layers.shows(key)


@pytest.mark.slow
def test_what_is_encoded_for_one_snapshot_is_never_taken_for_another(
    window, ended, qtbot, few_training_images
):
    open_all(window, ended, qtbot)
    document = window.workspace.document
    hand_over_widget(window.plane).key("R")
    for index in (0, 1, 2, 1, 0):  # as a hand that goes on before anything is encoded
        window.timeline.go_to(index)
        see(window, window.timeline.moments[index].step, qtbot)
        assert document.training is None
    qtbot.waitUntil(lambda: document.training is not None)
    means, _ = encode(ended.paths.snapshot(0), document.training.images)
    np.testing.assert_allclose(document.training.means, means, atol=1e-6, rtol=0)
    first = document.training
    window.timeline.go_to(3)
    see(window, 10, qtbot)
    qtbot.waitUntil(lambda: document.training is not None)
    window.timeline.go_to(0)
    see(window, 0, qtbot)
    qtbot.waitUntil(lambda: document.training is not None)
    assert document.training is first  # it was kept


def test_without_such_a_layer_no_training_image_is_encoded(
    window, ended, qtbot, few_training_images
):
    open_all(window, ended, qtbot)
    window.timeline.go_to(0)
    see(window, 0, qtbot)
    qtbot.wait(200)
    assert window.workspace.document.training is None


def test_a_snapshot_whose_file_has_gone_leaves_the_layer_empty_and_says_so(
    window, ended, qtbot, few_training_images
):
    open_all(window, ended, qtbot)
    ended.paths.snapshot(0).unlink()
    hand_over_widget(window.plane).key("R")
    window.timeline.go_to(0)
    qtbot.waitUntil(lambda: is_shown(window, 0))
    settle_layers(window.workspace)
    qtbot.waitUntil(lambda: brief_of(window, "regions") == "not encoded at a snapshot")


def test_without_two_snapshots_there_is_no_strip(window, run, make_model, qtbot, tmp_path):
    open_all(window, run, qtbot)
    assert window.strip.isVisible()
    assert window.actions_by_name["play"].isEnabled()
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    assert window.strip.isHidden()
    assert not window.actions_by_name["play"].isEnabled()


# While it is written


def test_a_run_in_its_first_epoch_opens_at_once_and_is_followed(window, run, qtbot):
    open_all(window, run, qtbot)
    assert window.workspace.document.model.path == run.paths.snapshot(3)
    see(window, 3, qtbot)
    run.finish_epochs(1)
    see(window, 10, qtbot)
    run.finish_epochs(2)
    see(window, 20, qtbot)
    assert text(window).startswith("Epoch 2 of 9, step 20: ELBO −155.0 (validation)")
    assert window.run_bar.isHidden()


def test_a_run_without_any_file_yet_opens_with_its_first_snapshot(window, run, qtbot):
    shutil.rmtree(run.paths.snapshot(0).parent)
    with qtbot.waitSignal(window.opening.unready):
        window.open(run.paths.folder)
    with qtbot.waitSignal(window.opening.finished):
        run.paths.snapshot(0).parent.mkdir()
        run.add(0)
    assert window.workspace.document.model.path == run.paths.snapshot(0)
    run.add(1)
    see(window, 1, qtbot)


def test_points_glide_and_the_strip_says_so(window, run, qtbot, monkeypatch):
    seen = []  # each picture takes 70 of the glide's 300 ms, however slow the machine is
    clock = SimpleNamespace(monotonic=lambda: 0.07 * len(seen))
    monkeypatch.setattr("vae_gui.plane.gliding.time", clock)
    open_all(window, run, qtbot)
    document = window.workspace.document
    before = document.test.means
    document.glided.connect(lambda: seen.append((document.painted.means, text(window))))
    run.add(4)
    see(window, 4, qtbot)
    places, texts = zip(*seen, strict=True)
    assert len(texts) == 6
    assert set(texts[:-1]) == {"Moving to epoch 1 of 9, step 4 …"}
    # on the straight line between two snapshots, and at the end of it at last
    way = document.test.means - before
    for place in places:
        parts = (place - before) / way
        np.testing.assert_allclose(parts, np.full_like(parts, np.median(parts)), atol=1e-6)
    assert document.painted is document.test
    assert text(window).startswith("Epoch 1 of 9, step 4:")


def test_while_the_hand_drags_points_arrive_at_once(window, run, qtbot):
    open_all(window, run, qtbot)
    document, seen = window.workspace.document, []
    document.glided.connect(lambda: seen.append(document.glide))
    hand = hand_over_widget(window.plane)
    middle = window.plane.rect().center()
    hand.press(at=(middle.x(), middle.y()))
    hand.move((middle.x() + 20, middle.y()))
    run.add(4)
    see(window, 4, qtbot)
    assert seen == [None]
    assert document.painted is document.test
    hand.release()


def test_a_hand_that_scrubbed_back_is_left_there(window, run, qtbot):
    open_all(window, run, qtbot)
    window.timeline.go_to(0)
    see(window, 0, qtbot)
    run.finish_epochs(1)
    qtbot.waitUntil(lambda: 10 in window.timeline.made)
    assert is_shown(window, 0)
    hand_over_widget(window.plane).key("Shift+L")
    see(window, 10, qtbot)


def test_a_snapshot_that_was_asked_for_by_name_stays(window, run, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.snapshot(1))
    qtbot.waitUntil(lambda: len(window.timeline.made) == 3)
    assert is_shown(window, 1)
    run.add(4)
    qtbot.waitUntil(lambda: 4 in window.timeline.made)
    assert is_shown(window, 1)


@pytest.mark.slow
def test_two_windows_on_one_run_see_the_same(open_window, run, qtbot):
    one, other = open_window(), open_window()
    for window in (one, other):
        open_all(window, run, qtbot)
    run.finish_epochs(1)
    for window in (one, other):
        see(window, 10, qtbot)
    one.timeline.go_to(0)
    see(one, 0, qtbot)
    assert is_shown(other, 10)


# What goes wrong


def test_a_trainer_that_was_killed_leaves_all_that_it_wrote(window, run, qtbot):
    """No end, a line torn in two, and half a snapshot under the name of its temporary file."""
    run.finish_epochs(1, 2)
    with run.paths.metrics.open("a") as file:
        file.write('{"kind": "epoch", "epo')
    whole = run.paths.snapshot(20)
    whole.with_name(".step_00000030.safetensors.x.part").write_bytes(whole.read_bytes()[:100])
    open_all(window, run, qtbot)
    see(window, 20, qtbot)
    qtbot.wait(50)
    assert len(window.timeline.moments) == 5
    assert window.messages.isHidden()


def test_a_snapshot_that_another_machine_is_still_copying_comes_when_it_is_whole(
    window, run, qtbot
):
    open_all(window, run, qtbot)
    run.add(4)
    path = run.paths.snapshot(4)
    see(window, 4, qtbot)
    content = path.read_bytes()
    copied = run.paths.snapshot(5)
    copied.write_bytes(content[: len(content) // 2])
    qtbot.wait(60)
    assert is_shown(window, 4)
    copied.write_bytes(content)
    see(window, 5, qtbot)
    assert window.messages.isHidden()


def test_a_line_of_metrics_torn_in_two_costs_one_elbo(window, run, qtbot):
    run.finish_epochs(1, 2, 3)
    lines = run.paths.metrics.read_text().splitlines()
    lines[1] = lines[1][:20] + "\n" + lines[1][20:]
    run.paths.metrics.write_text("\n".join(lines) + "\n")
    open_all(window, run, qtbot)
    assert [m.elbo for m in window.timeline.moments][-3:] == [-156.0, None, -154.0]
    assert window.messages.isHidden()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 1.0, 4e9])
def test_clocks_that_jump_change_nothing(window, run, qtbot, seconds):
    open_all(window, run, qtbot)
    run.add(4)
    for path in (run.paths.config, run.paths.snapshot(3), run.paths.snapshot(4)):
        os.utime(path, (seconds, seconds))
    see(window, 4, qtbot)
    run.finish_epochs(1)
    os.utime(run.paths.metrics, (seconds, seconds))
    see(window, 10, qtbot)
    qtbot.waitUntil(lambda: "−156.0" in text(window))


def test_a_folder_that_is_deleted_leaves_what_was_ready(window, run, qtbot):
    open_all(window, run, qtbot)
    shutil.rmtree(run.paths.folder)
    gone = "a run is no longer there: what is open stays open."
    qtbot.waitUntil(lambda: window.run_bar.text.text() == gone)
    for index, step in ((0, 0), (1, 1), (2, 3)):
        window.timeline.go_to(index)
        qtbot.waitUntil(lambda step=step: is_shown(window, step))
    settle_layers(window.workspace)
    assert window.timeline.is_there


@pytest.mark.slow
def test_a_folder_that_is_deleted_amid_the_encoding_is_said_once(window, run, qtbot):
    run.add(*range(4, 10), *range(11, 20))
    said = []
    window.showing.failed.connect(lambda sentence, _: said.append(sentence))
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    shutil.rmtree(run.paths.folder)
    qtbot.waitUntil(lambda: not window.showing.busy)
    assert len(said) <= 1
    assert window.workspace.document.test is not None


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_folder_that_cannot_be_read_is_tried_again(window, run, qtbot):
    open_all(window, run, qtbot)
    with unreadable(run.paths.folder) as reason:
        said = f"a run cannot be read at present ({reason}); it is tried again."
        qtbot.waitUntil(lambda: window.run_bar.text.text() == said)
        window.timeline.go_to(0)
        qtbot.waitUntil(lambda: is_shown(window, 0))
    see(window, 0, qtbot)
    run.add(4)
    qtbot.waitUntil(lambda: 4 in window.timeline.made)
    assert window.run_bar.isHidden()


@pytest.mark.slow
def test_a_run_that_is_continued_with_other_epochs_is_followed_on(window, run, qtbot):
    run.finish_epochs(1, 2)
    run.end()
    open_all(window, run, qtbot)
    assert not window.timeline.follows
    run.plan(30)
    lines = run.paths.metrics.read_text().splitlines()[:2]
    run.paths.metrics.write_text("\n".join(lines) + "\n")
    run.finish_epochs(3)
    qtbot.waitUntil(lambda: 30 in window.timeline.made)
    hand_over_widget(window.plane).key("Shift+L")
    see(window, 30, qtbot)
    assert text(window).startswith("Epoch 3 of 30, step 30: ELBO −154.0 (validation)")
    run.finish_epochs(4)
    see(window, 40, qtbot)


def test_weights_that_a_continued_run_writes_anew_take_the_place_of_the_old(window, run, qtbot):
    run.finish_epochs(1)
    open_all(window, run, qtbot)
    see(window, 10, qtbot)
    run.add(10, seed=123)
    means, _ = encode(run.paths.snapshot(10), window.workspace.document.test.images)
    qtbot.waitUntil(lambda: np.allclose(window.workspace.document.test.means, means, atol=1e-6))


@pytest.mark.slow
@pytest.mark.parametrize(
    "state", ["encoding", "playing", "gliding", "scrubbing", "waiting", "gone"]
)
def test_a_window_closes_in_each_state_without_a_thread_left(window, run, qtbot, state):
    if state == "waiting":
        shutil.rmtree(run.paths.snapshot(0).parent)
        with qtbot.waitSignal(window.opening.unready):
            window.open(run.paths.folder)
    elif state == "encoding":
        run.add(*range(4, 10))
        with qtbot.waitSignal(window.opening.finished):
            window.open(run.paths.folder)
    else:
        open_all(window, run, qtbot)
        if state == "playing":
            window.timeline.play_or_pause()
        elif state == "gliding":
            window.timeline.walk(-1)
        elif state == "scrubbing":
            hand_over_widget(window.strip.track).press(at=(20, 20))
        else:
            shutil.rmtree(run.paths.folder)
    window.close()
    window.join()
    settle()
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]


@pytest.mark.slow
def test_five_hundred_snapshots_are_scrubbed_within_bounded_memory(
    open_window, run, qtbot, monkeypatch
):
    monkeypatch.setattr("vae_gui.jobs.showing.ROOM", 400_000)
    run.add(*range(4, 501))
    window = open_window()
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    timeline = window.timeline
    qtbot.waitUntil(lambda: timeline.is_there and timeline.is_all_made)
    assert 20 < len(timeline.made) < 100
    track = window.strip.track
    hand, y = hand_over_widget(track), track.height() / 2
    hand.press(at=(track.column_of(0), y))
    for index in range(0, 500, 25):
        hand.move((track.column_of(index), y))
        see(window, timeline.moments[index].step, qtbot)
        assert window.showing.bytes <= 400_000
    hand.release()
    window.timeline.play_or_pause()  # over those that are ready
    window.timeline.set_speed(4.0)
    seen = len(timeline.made)
    qtbot.waitUntil(lambda: not timeline.is_playing or timeline.wanted > 100)
    assert len(timeline.made) == seen

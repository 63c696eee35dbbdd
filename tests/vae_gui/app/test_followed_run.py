"""A run that is waited for, and one that goes on, in the real window."""

import json
import shutil
import threading

import pytest
from gui_helpers import settle
from PySide6.QtCore import QSize, Qt
from shown_window import shown_window

from model.files.checkpoint import Checkpoint, write_checkpoint
from model.files.run import RunPaths
from model.files.run_state import RunState, Stage
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from vae_gui.app.screenshot import ScreenshotError, Shot, take

LEFT = Qt.MouseButton.LeftButton
WAITS = "a run has not finished its first epoch; it opens with its first weights."
TINY = VAEConfig(latent_dim=2, hidden=16, blocks=1, fourier_features=0)


@pytest.fixture
def window(qtbot, quick_digits, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    with shown_window(qtbot) as made:
        yield made


@pytest.fixture
def run(tmp_path):
    """A run that has begun, before its first epoch."""
    paths = RunPaths(tmp_path / "a run")
    paths.folder.mkdir()
    paths.config.write_text(json.dumps({"model": {}, "training": {}}))
    return paths


def begin(run, started):
    run.config.write_text(json.dumps({"model": {}, "training": {}, "started": started}))


def write_epoch(run, epoch, *names):
    vae = build(TINY, epoch).eval()
    for name in names or ("last", "best"):
        checkpoint = Checkpoint(vae, TrainConfig(epochs=9), epoch, {}, {})
        write_checkpoint(getattr(run, name), checkpoint)


def write_end(run, reason):
    run.metrics.write_text(json.dumps({"kind": "end", "reason": reason}) + "\n")


def wait_for(window, run, qtbot):
    with qtbot.waitSignal(window.opening.unready):
        window.open(run.folder)
    qtbot.waitUntil(lambda: window.following.state is not None)


def open_and_wait(window, path, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(path)


def see(window, sentence, qtbot):
    qtbot.waitUntil(lambda: window.run_bar.text.text() == sentence)
    assert window.run_bar.isVisible()


@pytest.mark.parametrize("name", ["folder", "config"])
def test_a_run_before_its_first_epoch_is_waited_for_and_opens(window, run, qtbot, name):
    with qtbot.waitSignal(window.opening.unready):
        window.open(getattr(run, name))
    see(window, WAITS, qtbot)
    assert window.messages.isHidden()
    assert window.status.progress == ""
    assert window.run_bar.newer.isHidden()
    with qtbot.waitSignal(window.opening.finished):
        write_epoch(run, 1)
    assert window.workspace.document.model.path == run.best
    assert window.run_bar.isHidden()


def test_what_was_open_stays_open_while_a_run_is_waited_for(window, run, make_model, qtbot):
    path = make_model().path
    open_and_wait(window, path, qtbot)
    wait_for(window, run, qtbot)
    assert window.workspace.document.model.path == path


def test_what_was_being_opened_comes_while_a_run_is_waited_for(window, run, make_model, qtbot):
    path = make_model().path
    window.open(path)
    open_and_wait(window, run.folder, qtbot)
    assert window.workspace.document.model.path == path
    see(window, WAITS, qtbot)
    with qtbot.waitSignal(window.opening.finished):
        write_epoch(run, 1)
    assert window.workspace.document.model.path == run.best


def test_a_half_written_checkpoint_does_not_end_the_waiting(window, run, qtbot):
    wait_for(window, run, qtbot)
    write_epoch(run, 1, "last")
    whole = run.last.read_bytes()
    run.last.unlink()
    with qtbot.assertNotEmitted(window.following.ready, wait=60):
        run.last.write_bytes(whole[:-10])
    see(window, WAITS, qtbot)
    with qtbot.waitSignal(window.opening.finished):
        run.last.write_bytes(whole)
    assert window.messages.isHidden()


def test_a_deleted_run_is_said_to_be_gone(window, run, qtbot):
    wait_for(window, run, qtbot)
    shutil.rmtree(run.folder)
    see(window, "a run is no longer there.", qtbot)
    qtbot.mouseClick(window.run_bar.dismiss, LEFT)
    assert window.run_bar.isHidden()


def test_a_run_that_diverges_while_it_is_waited_for_is_said_to_have_ended(window, run, qtbot):
    wait_for(window, run, qtbot)
    write_end(run, "diverged")
    see(window, "a run ended before its first epoch was done (diverged).", qtbot)
    assert window.run_bar.dismiss.text() == "Close"


def test_opening_something_else_ends_the_waiting(window, run, make_model, qtbot):
    wait_for(window, run, qtbot)
    open_and_wait(window, make_model().path, qtbot)
    assert window.run_bar.isHidden()
    with qtbot.assertNotEmitted(window.following.ready, wait=60):
        write_epoch(run, 1)


def test_one_can_stop_waiting(window, run, qtbot):
    wait_for(window, run, qtbot)
    assert window.run_bar.dismiss.text() == "Stop waiting"
    qtbot.mouseClick(window.run_bar.dismiss, LEFT)
    assert window.run_bar.isHidden()
    with qtbot.assertNotEmitted(window.following.ready, wait=60):
        write_epoch(run, 1)


def test_a_run_that_goes_on_offers_its_newer_epoch(window, run, qtbot):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    settle()
    assert window.run_bar.isHidden()
    write_epoch(run, 5, "last")
    write_epoch(run, 6)
    see(window, "a run has learned on: its best epoch is now 6; epoch 3 is shown.", qtbot)
    write_epoch(run, 7)
    see(window, "a run has learned on: its best epoch is now 7; epoch 3 is shown.", qtbot)
    assert window.workspace.document.model.checkpoint.epoch == 3
    assert window.run_bar.newer.text() == "Show epoch 7"
    with qtbot.waitSignal(window.opening.finished):
        qtbot.mouseClick(window.run_bar.newer, LEFT)
    assert window.workspace.document.model.checkpoint.epoch == 7
    assert window.run_bar.isHidden()


def test_the_last_checkpoint_is_followed_for_itself(window, run, qtbot):
    write_epoch(run, 3)
    open_and_wait(window, run.last, qtbot)
    write_epoch(run, 4, "last")
    see(window, "a run has learned on: it has finished epoch 4; epoch 3 is shown.", qtbot)


def test_an_offer_that_was_closed_does_not_come_again_with_each_epoch(window, run, qtbot):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    write_epoch(run, 4)
    qtbot.waitUntil(window.run_bar.isVisible)
    qtbot.mouseClick(window.run_bar.dismiss, LEFT)
    assert window.run_bar.isHidden()
    write_epoch(run, 5)
    qtbot.waitUntil(lambda: window.following.newer == 5)
    assert window.run_bar.isHidden()


def test_an_offer_stays_when_the_run_has_ended(window, run, qtbot):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    write_epoch(run, 4)
    write_end(run, "finished")
    qtbot.waitUntil(lambda: window.following.state == RunState(Stage.ENDED, 4, "finished"))
    assert window.run_bar.newer.isVisible()


def test_a_bad_file_does_not_end_the_watch_of_what_is_open(window, run, qtbot, tmp_path):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    with qtbot.waitSignal(window.opening.failed):
        window.open(tmp_path / "missing.safetensors")
    write_epoch(run, 4)
    qtbot.waitUntil(window.run_bar.isVisible)


def test_a_checkpoint_outside_a_run_is_not_followed(window, run, qtbot):
    write_epoch(run, 3)
    run.config.unlink()
    open_and_wait(window, run.best, qtbot)
    qtbot.waitUntil(lambda: window.following.folder is None)
    assert window.run_bar.isHidden()


def test_an_open_run_that_is_deleted_stays_open(window, run, qtbot):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    qtbot.waitUntil(lambda: window.following.state is not None)
    shutil.rmtree(run.folder)
    see(window, "a run is no longer there: what is open stays open.", qtbot)


def test_an_open_run_that_comes_back_is_followed_on(window, run, qtbot):
    """As on a shared disk that was away for a moment."""
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    qtbot.waitUntil(lambda: window.following.state is not None)
    aside = run.folder.rename(run.folder.with_name("aside"))
    see(window, "a run is no longer there: what is open stays open.", qtbot)
    aside.rename(run.folder)
    qtbot.waitUntil(window.run_bar.isHidden)
    write_epoch(run, 4)
    see(window, "a run has learned on: its best epoch is now 4; epoch 3 is shown.", qtbot)


def test_what_a_run_that_comes_back_has_learned_is_offered_though_its_absence_was_closed(
    window, run, qtbot
):
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    qtbot.waitUntil(lambda: window.following.state is not None)
    aside = run.folder.rename(run.folder.with_name("aside"))
    see(window, "a run is no longer there: what is open stays open.", qtbot)
    qtbot.mouseClick(window.run_bar.dismiss, LEFT)
    assert window.run_bar.isHidden()
    aside.rename(run.folder)
    write_epoch(run, 4)
    see(window, "a run has learned on: its best epoch is now 4; epoch 3 is shown.", qtbot)


def test_another_run_in_the_place_of_one_that_was_deleted_is_not_followed(window, run, qtbot):
    begin(run, "2026-01-01")
    write_epoch(run, 3)
    open_and_wait(window, run.folder, qtbot)
    qtbot.waitUntil(lambda: window.following.state is not None)
    shutil.rmtree(run.folder)
    run.folder.mkdir()
    begin(run, "2026-01-02")
    write_epoch(run, 5)
    qtbot.waitUntil(lambda: window.following.folder is None)
    assert window.run_bar.isHidden()
    assert window.workspace.document.model.checkpoint.epoch == 3


def test_a_run_that_is_waited_for_and_comes_back_opens(window, run, qtbot):
    wait_for(window, run, qtbot)
    aside = run.folder.rename(run.folder.with_name("aside"))
    see(window, "a run is no longer there.", qtbot)
    aside.rename(run.folder)
    see(window, WAITS, qtbot)
    with qtbot.waitSignal(window.opening.finished):
        write_epoch(run, 1)


def test_a_disk_that_hangs_keeps_nothing_waiting_and_is_asked_once(
    window, run, make_model, qtbot, monkeypatch
):
    """A look that does not return: the window goes on, and no second look begins."""
    hangs, asked = threading.Event(), []

    def look(self):
        asked.append(threading.current_thread())
        assert hangs.wait(20.0)
        return RunState(Stage.GOING_ON, 9)

    monkeypatch.setattr("model.files.run_look.RunLook.look", look)
    write_epoch(run, 3)
    try:
        open_and_wait(window, run.folder, qtbot)
        qtbot.wait(50)
        assert len(asked) == 1
        assert asked[0] is not threading.main_thread()
        open_and_wait(window, make_model().path, qtbot)
    finally:
        hangs.set()
    settle()
    assert window.run_bar.isHidden()


def test_closing_while_a_run_is_watched_leaves_no_thread_and_no_timer(window, run, qtbot):
    wait_for(window, run, qtbot)
    window.close()
    window.join()
    write_epoch(run, 1)
    with qtbot.assertNotEmitted(window.following.ready, wait=60):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]


def test_a_screenshot_of_a_run_before_its_first_epoch_says_so(window, run, tmp_path):
    with pytest.raises(ScreenshotError, match=r"^a run has not finished its first epoch"):
        take(window, Shot(tmp_path / "shot.png", QSize(1000, 700), run.folder))

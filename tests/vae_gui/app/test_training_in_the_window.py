"""A model is trained by hand in the real window; the process is real, and learns nothing."""

import errno
import os
import shutil
import signal
import threading
from pathlib import Path

import pytest
from cut_texts import cut_texts
from gui_helpers import settle
from pretended_training import FULL
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from run_folders import is_alive, kill, write_run

from model.files.run import RunPaths
from model.files.run_lock import RunLock
from model.files.run_reader import RunReader
from model.files.run_request import Request, make_request, read_request
from model.files.run_summary import RunStage
from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice

ROOT = Path(__file__).resolve().parents[3]
LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def pretended(monkeypatch, tmp_path):
    monkeypatch.setattr(
        "vae_gui.jobs.trainer.program", lambda: ROOT / "tests" / "pretended_training.py"
    )
    monkeypatch.setattr("vae_gui.jobs.training.PERIOD_MS", 20)
    monkeypatch.setattr("vae_gui.jobs.run_list.PERIOD_MS", 20)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def start(qtbot, quick_digits):
    """Opens windows; ends what they and their tests have left."""
    windows, pids = [], []

    def window(*, remember=False):
        made = MainWindow(ThemeChoice.LIGHT, remember=remember)
        qtbot.addWidget(made)
        made.resize(1400, 900)
        made.show()
        windows.append(made)
        settle()
        return made

    window.pids = pids
    yield window
    for made in windows:
        if (pid := made.training.pid) is not None:
            pids.append(pid)
        made.training.close()
        made.close()
        made.join()
    for pid in pids:
        kill(pid)
        os.waitpid(pid, 0)
    settle()


@pytest.fixture
def window(start):
    return start()


@pytest.fixture
def page(window, qtbot):
    """The page as it is after Ctrl+T."""
    QTest.keySequence(window.plane, QKeySequence("Ctrl+T"))
    made = window.place.panel
    qtbot.waitUntil(lambda: made.form.command.text != "")
    assert made.isVisible()
    return made


def delete(folder):
    """At once, though somebody is writing into it."""
    shutil.rmtree(folder.rename(folder.with_name("aside")), ignore_errors=True)


def click(widget):
    assert widget.isVisible()
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT)


def write(row, text):
    """Type over what is in a field."""
    row.editor.setFocus()
    row.editor.selectAll()
    QTest.keyClicks(row.editor, text)


def wait_for_epochs(training, qtbot, count=1):
    qtbot.waitUntil(lambda: training.run is not None and training.run.epoch >= count)


@pytest.fixture
def trains(window, page, qtbot):
    """A training that goes on, started by the mouse."""
    click(page.form.start)
    wait_for_epochs(window.training, qtbot)
    return window.training


# The form


def test_the_form_shows_the_command_that_is_run_and_copies_it(page, qtbot):
    form = page.form
    assert form.command.text.endswith(f"--out {Path('runs') / 'mnist-2d-1'}")
    write(form.rows["latent_dim"], "5")
    write(form.rows["epochs"], "3")
    form.rows["objective"].editor.setCurrentText("iwae")
    wanted = "--latent-dim 5 --epochs 3 --objective iwae --out runs/mnist-5d-1"
    qtbot.waitUntil(lambda: form.command.text.endswith(wanted))
    click(form.command.copy)
    assert QGuiApplication.clipboard().text() == form.command.text


def test_a_bad_value_says_so_at_its_field_and_start_is_off(page, qtbot):
    form, row = page.form, page.form.rows["epochs"]
    write(row, "many")
    qtbot.waitUntil(row.problem.isVisible)
    assert row.problem.text() == "Must be a whole number, not 'many'."
    assert not form.start.isEnabled()
    assert form.why_not.text() == "Epochs must be a whole number, not 'many'."
    assert row.reset.isVisible()
    assert row.caption.font().bold()
    click(row.reset)
    qtbot.waitUntil(form.start.isEnabled)
    assert row.value == 52
    assert not row.problem.isVisible()
    assert not row.caption.font().bold()


def test_a_problem_that_is_folded_away_unfolds(page, qtbot):
    form = page.form
    assert not form.rows["hidden"].isVisible()
    form.rows["hidden"].editor.setText("x")
    qtbot.waitUntil(form.rows["hidden"].problem.isVisible)


def test_a_preset_changes_what_was_not_given(page, qtbot):
    form = page.form
    write(form.rows["epochs"], "3")
    form.preset.setCurrentText("paper")
    assert form.rows["architecture"].value == "mlp"
    assert form.rows["epochs"].value == 3
    assert not form.rows["architecture"].is_given
    wanted = "--preset paper --epochs 3 --out runs/mnist-2d-1"
    qtbot.waitUntil(lambda: form.command.text.endswith(wanted))
    form.preset.setCurrentIndex(0)
    assert form.rows["architecture"].value == "residual"


def test_what_does_nothing_for_the_architecture_is_not_offered_and_named_with_the_reason(
    page, qtbot
):
    form = page.form
    click(form.more.heading)
    rows = form.rows

    def offered():
        network = ("layers", "activation", "hidden", "blocks", "encoder_hidden", "channels")
        return [name for name in network if rows[name].isVisible()]

    said = [caption.text() for caption in form.unused]
    assert offered() == ["hidden", "blocks", "encoder_hidden"]
    assert said[0] == (
        "Left out: Layers, Activation (only with architecture mlp); "
        "Channels (only with architecture conv)."
    )
    assert said[1] == (
        "Left out: Atlas after (only with atlas above 0); Labels, Label seed, Labelled batch, "
        "Classifier weight, Label warm up, Label floor, Classifier alone "
        "(only with family m2 or m1+m2)."
    )
    write(rows["hidden"], "32")
    qtbot.waitUntil(lambda: "--hidden 32" in form.command.text)
    rows["architecture"].editor.setCurrentText("mlp")
    assert offered() == ["layers", "activation"]
    qtbot.waitUntil(lambda: "--architecture mlp" in form.command.text)
    assert "--hidden" not in form.command.text  # what does nothing is not passed on
    rows["architecture"].editor.setCurrentText("conv")
    assert offered() == ["hidden", "blocks", "encoder_hidden", "channels"]
    qtbot.waitUntil(lambda: "--hidden 32" in form.command.text)  # it was not forgotten
    assert not rows["atlas_after"].isVisible()
    write(rows["atlas"], "20")
    assert rows["atlas_after"].isVisible()


def test_a_name_that_exists_is_refused_at_the_name(page, qtbot, tmp_path):
    write_run(tmp_path / "runs" / "mine")
    form = page.form
    form.name.setFocus()
    QTest.keyClicks(form.name, "mine")
    qtbot.waitUntil(form.name_problem.isVisible)
    for said in (form.name_problem, form.why_not):
        assert said.text() == "runs/mine is there already; name a new folder."
    assert not form.start.isEnabled()
    QTest.keyClicks(form.name, "2")
    qtbot.waitUntil(form.start.isEnabled)
    assert form.command.text.endswith("--out runs/mine2")


def test_keys_of_the_plane_are_letters_in_a_field_and_escape_gives_them_back(window, page):
    shown = window.workspace.appearance.is_shown("manifold")
    name = page.form.name
    QTest.mouseClick(name, LEFT)
    assert name.hasFocus()
    QTest.keyClicks(name, "g7")
    assert name.text() == "g7"
    assert window.workspace.appearance.is_shown("manifold") is shown
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert window.plane.hasFocus()


def test_nothing_of_the_pages_is_cut(window, page, qtbot, tmp_path):
    page.form.more.heading.setChecked(True)
    for name in ("latent_dim", "epochs", "snapshot_megabytes", "mean_bias"):
        page.form.rows[name].show_value(3)
    write_run(tmp_path / "runs" / "a-run")

    def nothing_is_cut():
        assert cut_texts(window) == []

    for key in window.left.pages.titles:
        window.left.pages.choose(key)
        QTest.qWait(50)
        qtbot.waitUntil(nothing_is_cut)  # once the page has been laid out with what came late


# A training


def test_start_opens_the_run_and_tells_how_far_it_is(window, page, trains, qtbot, tmp_path):
    assert trains.folder == Path("runs/mnist-2d-1")
    progress = page.progress
    assert progress.name.text() == "mnist-2d-1"
    qtbot.waitUntil(lambda: "1,000 images/s, 1 min 0 s left" in progress.pace.text())
    assert progress.state.text().startswith("Training: epoch ")
    qtbot.waitUntil(lambda: window.following.waits)  # it is opened when it is ready
    assert window.following.folder == Path("runs/mnist-2d-1")
    assert not page.form.start.isVisible()
    page.section.heading.setChecked(True)
    assert not page.form.start.isEnabled()
    assert "A training is under way" in page.form.why_not.text()


def test_pause_go_on_stop_and_go_on_again(window, page, trains, qtbot):
    progress = page.progress
    settle()
    place = progress.pause.geometry()
    click(progress.pause)
    qtbot.waitUntil(lambda: trains.is_paused)
    assert progress.state.text().startswith("Paused in epoch")
    settle()
    assert progress.go_on.geometry() == place  # one button is where the other was
    epoch = trains.run.epoch
    QTest.qWait(100)
    assert trains.run.epoch == epoch
    click(progress.go_on)
    wait_for_epochs(trains, qtbot, epoch + 2)
    click(progress.stop)
    assert progress.state.text().startswith("Stopping")
    qtbot.waitUntil(lambda: not trains.is_under_way)
    assert trains.failure == ""
    assert progress.state.text() == (
        f"Stopped after epoch {trains.run.epoch} of 1000. Everything is saved."
    )
    done = trains.run.epoch
    click(progress.go_on)
    wait_for_epochs(trains, qtbot, done + 1)
    assert trains.folder == Path("runs/mnist-2d-1")
    qtbot.waitUntil(lambda: page.form.command.text.endswith("mnist-2d-2"))  # the next one


def test_while_a_run_is_trained_the_form_names_the_next_one(page, trains, qtbot):
    assert trains.folder == Path("runs/mnist-2d-1")
    qtbot.waitUntil(lambda: page.form.command.text.endswith("mnist-2d-2"))
    assert trains.is_under_way


def test_a_click_on_start_at_the_very_end_of_a_training_starts_the_next_one(page, trains, qtbot):
    page.section.heading.setChecked(True)
    clicked = []

    def click_at_once():
        if not trains.is_under_way and not clicked:
            clicked.append(True)
            click(page.form.start)

    trains.changed.connect(click_at_once)
    click(page.progress.stop)
    qtbot.waitUntil(lambda: trains.folder == Path("runs/mnist-2d-2"))
    wait_for_epochs(trains, qtbot)
    assert trains.failure == ""


@pytest.mark.slow
def test_stop_before_the_run_has_a_folder(window, page, qtbot, monkeypatch):
    monkeypatch.setenv("PRETENDED", "silent")
    click(page.form.start)
    qtbot.waitUntil(lambda: window.training.is_starting)
    assert page.progress.state.text() == "Starting …"
    QTest.qWait(300)  # Python itself takes as long to start
    click(page.progress.stop)
    qtbot.waitUntil(lambda: not window.training.is_under_way)
    assert not page.progress.failure.isVisible()


def test_after_a_training_that_could_not_be_started_a_click_tries_again(
    window, page, qtbot, monkeypatch
):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("vae_gui.jobs.trainer.tempfile.TemporaryFile", refuse)
        click(page.form.start)
        sentence = "The training cannot be started (No space left on device)."
        qtbot.waitUntil(lambda: page.progress.failure.text() == sentence)
    page.section.heading.setChecked(True)
    click(page.form.start)
    wait_for_epochs(window.training, qtbot)
    assert window.training.failure == ""


def test_a_training_that_cannot_begin_says_why(window, page, qtbot, monkeypatch):
    monkeypatch.setenv("PRETENDED", "refuse")
    click(page.form.start)
    qtbot.waitUntil(page.progress.failure.isVisible)
    assert page.progress.failure.text() == "--epochs must be at least 1, not 0."
    qtbot.waitUntil(lambda: page.progress.state.text() == "There is no run in its folder.")
    assert window.isVisible()
    page.section.heading.setChecked(True)
    qtbot.waitUntil(page.form.start.isEnabled)


def test_a_full_disk_is_said_in_the_words_of_the_training(window, page, qtbot, monkeypatch):
    monkeypatch.setenv("PRETENDED", "full")
    click(page.form.start)
    qtbot.waitUntil(page.progress.failure.isVisible)
    assert page.progress.failure.text() == FULL
    qtbot.waitUntil(page.progress.go_on.isVisible)  # once its folder was looked at


def test_a_training_that_is_killed_leaves_the_window_whole(window, page, trains, qtbot):
    os.kill(trains.pid, signal.SIGKILL)
    qtbot.waitUntil(page.progress.failure.isVisible)
    assert "SIGKILL" in page.progress.failure.text()
    qtbot.waitUntil(lambda: trains.run.stage is RunStage.STOPPED)
    click(page.progress.go_on)
    qtbot.waitUntil(lambda: trains.run.stage is RunStage.TRAINING)
    assert not page.progress.failure.isVisible()


def test_go_on_is_heard_though_nobody_has_noticed_yet_that_it_was_killed(page, trains, qtbot):
    click(page.progress.pause)
    qtbot.waitUntil(page.progress.go_on.isVisible)
    killed = trains.pid
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
    assert trains.is_paused
    click(page.progress.go_on)
    qtbot.waitUntil(lambda: trains.pid not in (None, killed))
    qtbot.waitUntil(lambda: trains.run.stage is RunStage.TRAINING)
    assert not page.progress.failure.isVisible()


def test_a_folder_that_is_deleted_meanwhile(window, page, trains, qtbot):
    delete(trains.folder)
    qtbot.waitUntil(page.progress.failure.isVisible)
    qtbot.waitUntil(lambda: page.progress.state.text() == "There is no run in its folder.")
    assert page.progress.failure.text().endswith(".")
    assert "\n" not in page.progress.failure.text()


def test_a_folder_that_takes_no_request_says_so(window, page, trains, qtbot):
    request = RunPaths(trains.folder).request
    request.mkdir()
    (request / "in the way").touch()
    click(page.progress.pause)
    qtbot.waitUntil(page.progress.failure.isVisible)
    assert page.progress.failure.text().startswith("The training cannot be asked (")
    shutil.rmtree(request)
    click(page.progress.pause)
    qtbot.waitUntil(lambda: trains.is_paused)


@pytest.mark.slow
def test_the_training_of_another_window_is_paused_and_stopped_from_here(window, page, start, qtbot):
    click(page.form.start)
    wait_for_epochs(window.training, qtbot)
    other = start()
    other.open(window.training.folder)
    qtbot.waitUntil(lambda: other.training.run is not None)
    other.show_page("train")
    progress = other.place.panel.progress
    click(progress.pause)
    qtbot.waitUntil(lambda: window.training.is_paused)
    qtbot.waitUntil(lambda: other.training.is_paused)
    click(progress.stop)
    qtbot.waitUntil(lambda: not window.training.is_under_way)
    assert RunReader(window.training.folder).look().stage is RunStage.STOPPED


# Closing


def answer(window, text):
    (question,) = (box for box in window.findChildren(QMessageBox) if box.isVisible())
    (button,) = (button for button in question.buttons() if button.text() == text)
    click(button)


def test_closing_asks_and_the_training_can_be_kept(window, trains, start, qtbot):
    pid = trains.pid
    start.pids.append(pid)
    window.close()
    assert window.isVisible()
    answer(window, "Keep training")
    assert not window.isVisible()
    window.join()
    reader = RunReader(trains.folder)
    done = reader.look().epoch
    qtbot.waitUntil(lambda: reader.look().epoch >= done + 3)
    assert is_alive(pid)
    assert reader.look().stage is RunStage.TRAINING
    make_request(RunPaths(trains.folder).request, Request.STOP)
    qtbot.waitUntil(lambda: reader.look().stage is RunStage.STOPPED)


def test_closing_can_stop_and_save(window, trains, qtbot):
    pid = trains.pid
    window.close()
    answer(window, "Stop and save")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not is_alive(pid)
    assert RunReader(trains.folder).look().reason == "interrupted"


def test_closing_can_be_cancelled(window, trains, qtbot):
    for _ in range(2):
        window.close()
        answer(window, "Cancel")
        assert window.isVisible()
    done = trains.run.epoch
    wait_for_epochs(trains, qtbot, done + 2)


@pytest.mark.slow
def test_a_paused_training_waits_for_the_next_window(window, page, trains, start, qtbot):
    start.pids.append(trains.pid)
    click(page.progress.pause)
    qtbot.waitUntil(lambda: trains.is_paused)
    window.close()
    assert "paused" in window.findChild(QMessageBox).informativeText()
    answer(window, "Keep training")
    window.join()
    assert read_request(RunPaths(trains.folder).request) is Request.PAUSE
    following = start()
    following.training.watch(trains.folder)
    following.show_page("train")
    progress = following.place.panel.progress
    qtbot.waitUntil(progress.go_on.isVisible)
    click(progress.go_on)
    qtbot.waitUntil(lambda: following.training.run.stage is RunStage.TRAINING)
    click(progress.stop)
    qtbot.waitUntil(lambda: not following.training.is_under_way)


@pytest.mark.slow
@pytest.mark.parametrize("state", ["starting", "killed", "deleted", "stopped", "watched"])
def test_the_window_closes_in_every_state(window, page, qtbot, monkeypatch, state, start):
    training = window.training
    if state == "watched":
        paths = write_run(Path("runs/elsewhere"), end=None)
        lock = RunLock(paths.folder)
        training.watch(paths.folder)
        qtbot.waitUntil(lambda: training.is_under_way)
        window.close()  # it is not ours: nobody is asked
        lock.release()
    else:
        if state == "starting":
            monkeypatch.setenv("PRETENDED", "silent")
        click(page.form.start)
        pid = training.pid
        if state != "starting":
            wait_for_epochs(training, qtbot)
        if state == "killed":
            os.kill(pid, signal.SIGKILL)
        if state == "deleted":
            delete(training.folder)
        if state == "stopped":
            click(page.progress.stop)
        if state == "starting":
            QTest.qWait(300)
            window.close()
            answer(window, "Stop and save")
        else:
            qtbot.waitUntil(lambda: not training.is_of_this_window)
            window.close()
        qtbot.waitUntil(lambda: not window.isVisible())
        assert not is_alive(pid)
    assert not window.isVisible()
    window.join()
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]


def test_the_open_page_is_remembered(start):
    first = start(remember=True)
    QTest.keySequence(first.plane, QKeySequence("Ctrl+R"))
    assert first.place.list.isVisible()
    first.close()
    first.join()
    second = start(remember=True)
    assert second.left.pages.shown == "runs"
    QTest.keySequence(second.plane, QKeySequence("Ctrl+T"))
    assert second.place.panel.isVisible()

"""A training that is killed while its run is followed: the window says so, and what to do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from gui_helpers import settle
from PySide6.QtCore import Qt
from run_folders import is_alive, kill
from written_run import WrittenRun

from model.files.run_reader import RunReader
from model.files.run_summary import RunStage
from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice

ROOT = Path(__file__).resolve().parents[3]
PRETENDED = ROOT / "tests" / "pretended_training.py"
LEFT = Qt.MouseButton.LeftButton
BROKE_OFF = "The training of a run broke off without an end, as if killed"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")


@pytest.fixture
def run(tmp_path):
    """A run with three snapshots, which nobody trains."""
    made = WrittenRun(tmp_path / "a run", epochs=100_000)
    made.add(0, 1, 3)
    return made


@pytest.fixture
def window(qtbot, quick_digits, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.following.PERIOD_MS", 10)
    monkeypatch.setattr("vae_gui.jobs.training.PERIOD_MS", 20)
    monkeypatch.setattr("vae_gui.jobs.trainer.program", lambda: PRETENDED)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    pid = made.training.pid
    made.training.close()
    made.close()
    made.join()
    if pid is not None:
        kill(pid)
        os.waitpid(pid, 0)
    settle()


@pytest.fixture
def trainer(run):
    """A process that trains the run."""
    command = [sys.executable, str(PRETENDED), "--out", str(run.paths.folder)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)})
    yield process
    process.kill()
    process.wait()


def follow(window, run, qtbot):
    """Open the run, once somebody is seen to train it."""
    reader = RunReader(run.paths.folder)
    qtbot.waitUntil(
        lambda: (seen := reader.look()) is not None and seen.stage is RunStage.TRAINING,
    )
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    qtbot.waitUntil(lambda: window.timeline.is_there and window.timeline.story.goes_on)
    assert window.run_bar.isHidden()


@pytest.mark.slow
def test_a_kill_is_said_and_the_training_goes_on_by_a_click(window, run, trainer, qtbot):
    follow(window, run, qtbot)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    bar = window.run_bar
    qtbot.waitUntil(lambda: bar.text.text().startswith(BROKE_OFF))
    assert bar.text.text().endswith("Go on continues from its last save (train_cli.py --resume).")
    assert bar.isVisible()
    assert not window.timeline.story.goes_on
    assert window.messages.isHidden()
    qtbot.mouseClick(bar.go_on, LEFT)
    qtbot.waitUntil(lambda: window.training.is_of_this_window and bar.isHidden())
    assert is_alive(window.training.pid)
    qtbot.waitUntil(lambda: window.timeline.story.goes_on)


def test_a_click_right_after_the_kill_is_heard(window, run, trainer, qtbot, monkeypatch):
    """The page Train may have seen it trained a moment ago, and not looked again since."""
    monkeypatch.setattr("vae_gui.jobs.training.PERIOD_MS", 600_000)
    follow(window, run, qtbot)
    training = window.training
    qtbot.waitUntil(lambda: training.is_under_way)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    bar = window.run_bar
    qtbot.waitUntil(bar.go_on.isVisible)
    assert training.is_under_way
    qtbot.mouseClick(bar.go_on, LEFT)
    qtbot.waitUntil(lambda: training.is_of_this_window and bar.isHidden())


def test_a_kill_before_anything_was_saved_says_to_train_anew(window, run, trainer, qtbot):
    follow(window, run, qtbot)
    trainer.send_signal(signal.SIGKILL)
    trainer.wait()
    run.paths.resume.unlink()
    bar = window.run_bar
    qtbot.waitUntil(lambda: bar.text.text().endswith("train it anew."))
    assert not bar.go_on.isVisible()


def test_a_run_that_nobody_writes_says_for_how_long(window, run, qtbot, monkeypatch):
    monkeypatch.setattr("model.files.run_look.SILENCE_STEP", 1)
    with qtbot.waitSignal(window.opening.finished):
        window.open(run.paths.folder)
    said = "Nothing was written to a run for 1 s, and nobody is seen to train it"
    qtbot.waitUntil(lambda: window.run_bar.text.text().startswith(said))
    assert not window.run_bar.go_on.isVisible()


def test_an_end_is_no_kill(window, run, trainer, qtbot):
    follow(window, run, qtbot)
    trainer.send_signal(signal.SIGINT)
    trainer.wait()
    qtbot.waitUntil(lambda: not window.timeline.story.goes_on)
    settle()
    assert window.run_bar.isHidden()

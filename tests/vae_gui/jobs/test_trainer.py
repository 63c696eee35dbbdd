"""The process of a training: how it ends, what it says, and that nothing else ends it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from patience import wait_until
from pretended_training import FULL
from run_folders import is_alive, kill

from model.files.run import RunPaths
from model.files.run_reader import RunReader
from model.files.run_request import Request, make_request
from vae_gui.jobs import trainer as trainer_module
from vae_gui.jobs.trainer import Trainer

ROOT = Path(__file__).resolve().parents[3]
PRETENDED = ROOT / "tests" / "pretended_training.py"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def pretended(monkeypatch):
    monkeypatch.setattr(trainer_module, "program", lambda: PRETENDED)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def trainer(qapp):
    made = Trainer()
    yield made
    pid = made.pid
    made.let_go()
    if pid is not None:
        kill(pid)
        os.waitpid(pid, 0)


def end_of(trainer, qtbot):
    with qtbot.waitSignal(trainer.ended) as ended:
        pass
    assert not trainer.is_running
    return ended.args[0]


def wait_for_epochs(paths, qtbot, count=2):
    qtbot.waitUntil(lambda: len(paths.metrics.read_text().splitlines()) >= count)


@pytest.fixture
def started(trainer, tmp_path, qtbot):
    """A training that goes on."""
    paths = RunPaths(tmp_path / "run")
    trainer.start(["--out", str(paths.folder)])
    qtbot.waitUntil(paths.metrics.exists)
    return paths


def test_a_training_that_ends_well_says_nothing(trainer, tmp_path, qtbot):
    trainer.start(["--out", str(tmp_path / "run"), "--epochs", "2"])
    assert trainer.is_running
    assert end_of(trainer, qtbot) == ""


def test_one_that_was_stopped_says_nothing(trainer, started, qtbot):
    make_request(started.request, Request.STOP)
    assert end_of(trainer, qtbot) == ""


def test_an_interrupt_stops_it_as_ctrl_c_does(trainer, started, qtbot):
    trainer.interrupt()
    assert end_of(trainer, qtbot) == ""
    assert RunReader(started.folder).look().reason == "interrupted"


@pytest.mark.parametrize(
    ("kind", "sentence"), [("refuse", "--epochs must be at least 1, not 0."), ("full", FULL)]
)
def test_a_failure_is_told_in_its_own_words(trainer, tmp_path, qtbot, monkeypatch, kind, sentence):
    monkeypatch.setenv("PRETENDED", kind)
    trainer.start(["--out", str(tmp_path / "run")])
    assert end_of(trainer, qtbot) == sentence


def test_a_kill_is_told_in_one_sentence(trainer, started, qtbot):
    os.kill(trainer.pid, signal.SIGKILL)
    said = end_of(trainer, qtbot)
    assert said == "The training was ended from outside (SIGKILL); what was complete is saved."


def test_it_has_a_session_of_its_own_and_lets_the_hand_go_first(trainer, started):
    assert os.getsid(trainer.pid) == trainer.pid
    assert os.getpriority(os.PRIO_PROCESS, trainer.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    session = Path(f"/proc/{trainer.pid}/autogroup")
    if session.exists():  # Linux shares its cores between sessions first
        nice = os.getpriority(os.PRIO_PROCESS, trainer.pid)
        assert session.read_text().endswith(f" nice {nice}\n")


def test_one_that_is_let_go_trains_on(trainer, started, qtbot):
    pid = trainer.pid
    trainer.let_go()
    assert not trainer.is_running
    wait_for_epochs(started, qtbot, len(started.metrics.read_text().splitlines()) + 3)
    assert is_alive(pid)
    make_request(started.request, Request.STOP)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130


STARTER = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from vae_gui.jobs import trainer
application = QCoreApplication([])
trainer.program = lambda: Path(sys.argv[1])
started = trainer.Trainer()
started.start(["--out", sys.argv[2]])
print(started.pid, flush=True)
application.exec()
"""


def test_it_survives_a_kill_of_the_window(tmp_path, qtbot):
    """The one who started it is gone, and with him whoever would read what it prints."""
    paths = RunPaths(tmp_path / "run")
    window = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(PRETENDED), str(paths.folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(window.stdout.readline())
    try:
        qtbot.waitUntil(paths.metrics.exists)
        window.kill()
        window.communicate()
        wait_for_epochs(paths, qtbot, len(paths.metrics.read_text().splitlines()) + 5)
        make_request(paths.request, Request.STOP)
        qtbot.waitUntil(lambda: RunReader(paths.folder).look().reason == "interrupted")
        wait_until(lambda: not is_alive(pid))
    finally:
        kill(pid)


def test_the_program_is_the_command_line_of_this_checkout(monkeypatch):
    monkeypatch.undo()
    assert trainer_module.program() == ROOT / "train_cli.py"


def test_the_command_is_shown_as_it_is_typed_here(monkeypatch, tmp_path):
    monkeypatch.setattr(trainer_module, "program", lambda: ROOT / "train_cli.py")
    monkeypatch.chdir(ROOT)
    assert trainer_module.shown_program() == ["python", "train_cli.py"]
    monkeypatch.chdir(tmp_path)
    assert trainer_module.shown_program() == ["vae-train"]

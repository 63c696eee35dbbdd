"""The window trains with the real command line."""

import os
from pathlib import Path

import pytest
from gui_helpers import settle
from labelled_model import open_with_noise
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from run_folders import kill

from model.files.run import run_around
from model.files.run_reader import RunReader
from model.files.run_summary import RunStage
from vae_gui.app.main_window import MainWindow
from vae_gui.jobs import opening
from vae_gui.style.theme import ThemeChoice

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.slow

LEFT = Qt.MouseButton.LeftButton
LONG = 300_000  # the process yields to all others: a busy machine is slow, not wrong
OPEN_CHECKPOINT = opening.open_checkpoint  # before fixtures put another one in its place
SMALL = {"hidden": 8, "blocks": 1, "batch_size": 1000, "threads": 1}


@pytest.fixture
def window(qtbot, quick_digits, mnist_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = MainWindow(ThemeChoice.LIGHT, mnist_dir, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    settle()
    QTest.keySequence(made.plane, QKeySequence("Ctrl+T"))
    qtbot.waitUntil(lambda: made.place.panel.form.command.text != "", timeout=LONG)
    yield made
    pid = made.training.pid
    made.training.close()
    made.close()
    made.join()
    if pid is not None:
        kill(pid)
        os.waitpid(pid, 0)
    settle()


def begin(window, qtbot, **settings):
    form = window.place.panel.form
    for name, value in (SMALL | settings).items():
        form.rows[name].show_value(value)
    wanted = [f"--{name.replace('_', '-')} {value}" for name, value in (SMALL | settings).items()]
    qtbot.waitUntil(lambda: all(words in form.command.text for words in wanted))
    QTest.mouseClick(form.start, LEFT)


def test_a_model_is_trained_paused_stopped_and_finished(window, qtbot, tmp_path):
    begin(window, qtbot, epochs=6)
    training, progress = window.training, window.place.panel.progress
    qtbot.waitUntil(lambda: training.run is not None and training.run.epoch >= 1, timeout=LONG)
    run = tmp_path / "runs" / "mnist-2d-1"
    document = window.workspace.document
    qtbot.waitUntil(lambda: document.model is not None, timeout=LONG)
    assert run_around(document.model.path).resolve() == run  # at one of its first snapshots
    QTest.mouseClick(progress.pause, LEFT)
    qtbot.waitUntil(lambda: training.is_paused, timeout=LONG)
    QTest.mouseClick(progress.go_on, LEFT)
    qtbot.waitUntil(lambda: training.run.stage is RunStage.TRAINING, timeout=LONG)
    QTest.mouseClick(progress.stop, LEFT)
    qtbot.waitUntil(lambda: not training.is_under_way, timeout=LONG)
    assert training.failure == ""
    stopped = RunReader(run).look()
    assert (stopped.stage, stopped.reason) == (RunStage.STOPPED, "interrupted")
    QTest.mouseClick(progress.go_on, LEFT)
    qtbot.waitUntil(lambda: training.run.stage is RunStage.DONE, timeout=LONG)
    assert training.run.epoch == 6
    assert [epoch.number for epoch in training.run.history] == list(range(1, 7))


def test_a_model_with_classes_is_seen_while_it_is_trained(window, qtbot, monkeypatch):
    monkeypatch.setattr(opening, "open_checkpoint", open_with_noise(OPEN_CHECKPOINT))
    form = window.place.panel.form
    form.preset.setCurrentIndex(form.preset.findData("m2-2d"))
    begin(window, qtbot, encoder_hidden=8, encoder_blocks=1, epochs=4)
    document, digits = window.workspace.document, window.classes.digits
    qtbot.waitUntil(lambda: document.model is not None, timeout=LONG)
    assert document.model.label is not None
    assert window.header.title.text().startswith("Latent plane of class ")
    assert window.classes.strip.isVisible()
    first = document.model.path
    qtbot.waitUntil(lambda: document.model.path != first, timeout=LONG)  # a later snapshot
    assert document.model.label is not None
    qtbot.waitUntil(lambda: digits.images is not None, timeout=LONG)
    assert digits.images.shape == (10, 28, 28)


def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_lost(window, qtbot, tmp_path):
    """Files may have so many bytes, as if no more were left: the weights need more."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limits[1]))
    try:
        begin(window, qtbot, epochs=2)
        qtbot.waitUntil(lambda: window.training.pid is not None, timeout=LONG)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    failure = window.place.panel.progress.failure
    qtbot.waitUntil(failure.isVisible, timeout=LONG)
    assert "File too large" in failure.text()
    assert failure.text().endswith(".")
    assert "Traceback" not in failure.text()
    assert window.isVisible()
    assert (tmp_path / "runs" / "mnist-2d-1" / "config.json").stat().st_size > 0
    assert not list(Path(tmp_path / "runs").rglob("*.part"))

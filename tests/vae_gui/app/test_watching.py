"""The bundled training is watched: from the menu, offline, in a fresh clone."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from model import assets
from model.files.run import RunPaths
from model.files.snapshots import snapshots_of
from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    yield made
    made.close()
    made.join()


def test_the_bundled_run_is_whole_and_small():
    files = [path for path in assets.TRAINING.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 10_000_000
    epochs = json.loads(RunPaths(assets.TRAINING).config.read_text())["training"]["epochs"]
    found = snapshots_of(assets.TRAINING)
    assert [snapshot.step for snapshot in found[:7]] == [0, 1, 3, 10, 30, 100, 196]
    assert found[-1].epoch == epochs
    assert "python train_cli.py" in (assets.TRAINING / "README.md").read_text()


@pytest.mark.slow
def test_it_plays_from_its_beginning_and_the_hand_stops_it(window, qtbot):
    timeline = window.timeline
    seen = []
    timeline.shown_changed.connect(lambda: seen.append(timeline.shown))
    window.actions_by_name["watch"].trigger()
    qtbot.waitUntil(lambda: 3 in seen)
    assert timeline.is_playing
    QTest.keyClick(window.plane, Qt.Key.Key_J)
    assert not timeline.is_playing
    played = seen[seen.index(0) :]
    assert played[:4] == [0, 1, 2, 3]
    before = window.workspace.document.test.means
    window.actions_by_name["watch"].trigger()  # again: from the beginning
    qtbot.waitUntil(lambda: timeline.shown == 0)
    assert timeline.is_playing
    assert abs(window.workspace.document.test.means - before).max() > 0


def test_it_lets_be_what_was_opened_meanwhile(window, qtbot, make_model):
    other = make_model().path
    window.actions_by_name["watch"].trigger()
    window.open(other)
    qtbot.waitUntil(lambda: window.workspace.document.model is not None)
    qtbot.waitUntil(lambda: window.workspace.document.model.path == other)
    qtbot.wait(100)
    assert not window.timeline.is_playing

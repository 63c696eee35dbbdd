"""Ctrl+O and Ctrl+Shift+O in the real window, with Qt's real dialog."""

import json
import shutil

import pytest
from gui_helpers import settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLineEdit, QListView

from model import assets
from vae_gui.app.main_window import MainWindow
from vae_gui.app.open_dialog import OpenDialog
from vae_gui.style.theme import ThemeChoice

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot, quick_digits):
    made = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(made)
    made.show()
    settle()
    yield made
    made.close()
    made.join()
    settle()


@pytest.fixture
def runs(tmp_path, make_model, monkeypatch):
    """A folder with runs, in which the program was started."""
    folder = tmp_path / "home" / "runs"
    for name, files in {"done": ("best", "last", "resume"), "fresh": ()}.items():
        (folder / name / "snapshots").mkdir(parents=True)
        settings = {"model": {}, "training": {}}
        (folder / name / "config.json").write_text(json.dumps(settings))
        for file in files:
            shutil.copy(make_model().path, folder / name / f"{file}.safetensors")
    shutil.copy(assets.NUMBERS, folder / "done" / "mine.numbers.safetensors")
    (folder / "done" / "samples.png").touch()
    (folder / "mine.safetensors").touch()
    (folder / "config.json").write_text("{}")
    monkeypatch.chdir(tmp_path / "home")
    return folder


@pytest.fixture
def dialog(window, runs, qtbot):
    """The dialog that Ctrl+O opens; it begins in the folder of runs."""
    QTest.keyClick(window, Qt.Key.Key_O, CTRL)
    made = shown(window)
    qtbot.waitUntil(lambda: "done" in offered(made))
    yield made
    if (left := shown(window)) is not None:
        left.reject()


def shown(window):
    """The dialog that is on the screen; one that was closed is deleted a little later."""
    made = [child for child in window.findChildren(OpenDialog) if child.isVisible()]
    return made[0] if made else None


def offered(dialog):
    """The names in the dialog's list."""
    files = dialog.findChild(QListView, "listView")
    root = files.rootIndex()
    return {root.model().index(row, 0, root).data() for row in range(root.model().rowCount(root))}


def enter(dialog, name, qtbot):
    """Double-click on a folder in the list."""
    files = dialog.findChild(QListView, "listView")
    root = files.rootIndex()
    rows = [root.model().index(row, 0, root) for row in range(root.model().rowCount(root))]
    (index,) = [row for row in rows if row.data() == name]
    files.scrollTo(index)
    place = files.visualRect(index).center()
    QTest.mouseClick(files.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(files.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: dialog.directory().dirName() == name)


def press_open(dialog):
    buttons = dialog.findChild(QDialogButtonBox)
    button = buttons.button(QDialogButtonBox.StandardButton.Open)
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_dialog_offers_folders_and_what_can_be_opened(dialog, qtbot):
    assert offered(dialog) == {"done", "fresh", "mine.safetensors"}
    enter(dialog, "done", qtbot)
    best = {"best.safetensors", "last.safetensors", "snapshots"}
    qtbot.waitUntil(lambda: offered(dialog) == best)


def test_whoever_enters_a_run_finds_its_best_checkpoint_chosen(window, dialog, runs, qtbot):
    enter(dialog, "done", qtbot)
    assert dialog.findChild(QLineEdit, "fileNameEdit").text() == "best.safetensors"
    with qtbot.waitSignal(window.opening.finished):
        press_open(dialog)
    assert window.workspace.document.model.path == runs / "done" / "best.safetensors"


def test_a_run_before_its_first_epoch_is_opened_by_its_settings(window, dialog, runs, qtbot):
    enter(dialog, "fresh", qtbot)
    qtbot.waitUntil(lambda: offered(dialog) == {"config.json", "snapshots"})
    with qtbot.waitSignal(window.opening.unready):
        press_open(dialog)
    assert window.following.folder == runs / "fresh"


def test_nothing_is_opened_where_nothing_was_chosen(window, dialog, qtbot):
    with qtbot.assertNotEmitted(window.opening.began):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        settle()
    assert shown(window) is None


def test_it_begins_where_the_open_model_is_but_never_beside_the_bundled_one(
    window, dialog, runs, qtbot
):
    assert dialog.directory().absolutePath() == str(runs)
    with qtbot.waitSignal(window.opening.finished):
        QTest.keyClicks(dialog.findChild(QLineEdit, "fileNameEdit"), "done/last.safetensors")
        press_open(dialog)
    window.activateWindow()
    settle()
    QTest.keyClick(window, Qt.Key.Key_O, CTRL)
    again = shown(window)
    assert again.directory().absolutePath() == str(runs / "done")


def test_a_run_folder_opens_as_a_whole(window, runs, qtbot, monkeypatch):
    asked = []

    def answer(parent, title, folder):
        asked.append(folder)
        return str(runs / "done") if len(asked) == 1 else ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", answer)
    with qtbot.waitSignal(window.opening.finished):
        QTest.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
    with qtbot.assertNotEmitted(window.opening.began):
        QTest.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
    assert window.workspace.document.model.path == runs / "done" / "best.safetensors"
    assert asked == [str(runs), str(runs)]  # beside the open run, not in it

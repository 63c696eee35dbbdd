import threading
from pathlib import Path

import numpy as np
import pytest
from gui_helpers import settle
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from shown_window import shown_window

from vae_gui.app.keys_sheet import KeysSheet
from vae_gui.app.main_window import MainWindow
from vae_gui.app.preferences import Preferences
from vae_gui.style import theme


@pytest.fixture
def window(qtbot, quick_digits):
    with shown_window(qtbot, (1300, 800), remember=True) as made:
        yield made


def open_and_wait(window, path, qtbot):
    with qtbot.waitSignal(window.opening.finished):
        window.open(path)


def fail_and_wait(window, path, qtbot):
    with qtbot.waitSignal(window.opening.failed):
        window.open(path)


def open_recent_files(window):
    """The menu of recent files, as it is once it was opened."""
    menus = window.menuBar().findChildren(QMenu)
    (menu,) = [menu for menu in menus if menu.title() == "Open &recent"]
    menu.popup(QPoint(0, 0))
    menu.hide()
    return menu


def test_the_digit_that_was_chosen_stays_chosen_in_the_next_model(window, make_model, qtbot):
    open_and_wait(window, make_model(seed=1, name="one.safetensors").path, qtbot)
    viewpoint, plane = window.workspace.viewpoint, window.plane
    QTest.mouseDClick(plane, Qt.MouseButton.LeftButton, pos=plane.contentsRect().center())
    QTest.keyClick(plane, Qt.Key.Key_4)  # hides a class
    settle()
    chosen = viewpoint.selected
    assert chosen is not None
    open_and_wait(window, make_model(seed=2, name="other.safetensors").path, qtbot)
    settle()
    assert viewpoint.selected == chosen
    assert window.workspace.appearance.hidden_classes == {4}
    assert not window.history.stack.canUndo()  # it is no step of anybody


def test_opening_a_model_decodes_at_the_probe_and_shows_its_digits(window, make_model, qtbot):
    open_and_wait(window, make_model().path, qtbot)
    settle()
    assert window.windowTitle().startswith("tiny.safetensors")
    assert window.inspector.probe.digit.levels is not None
    assert window.header.source.text() == "200 made-up digits"
    window.workspace.appearance.show_layer("test", False)
    assert window.header.source.text() == "200 made-up digits (not shown)"
    window.workspace.appearance.show_layer("test", True)
    assert not window.layers.colours.legend.isHidden()
    assert [button.text() for button in window.layers.colours.legend.buttons] == list("abcdefghij")
    assert window.messages.isHidden()


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04", b"\x80\x04."])
def test_a_bad_file_leaves_all_as_it_was_and_says_one_sentence(
    window, make_model, qtbot, tmp_path, content
):
    open_and_wait(window, make_model().path, qtbot)
    workspace = window.workspace
    workspace.viewpoint.set_probe(np.array([0.5, 0.25]))
    workspace.viewpoint.select(5)
    settle()
    before = (
        workspace.document.model,
        workspace.document.test,
        workspace.viewpoint.probe,
        workspace.viewpoint.selected,
        workspace.viewpoint.reading,
    )
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(content)
    fail_and_wait(window, bad, qtbot)
    settle()
    after = (
        workspace.document.model,
        workspace.document.test,
        workspace.viewpoint.probe,
        workspace.viewpoint.selected,
        workspace.viewpoint.reading,
    )
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert window.messages.isVisible()
    text = window.messages.text.text()
    assert text.startswith("bad.safetensors cannot be opened:")
    assert text.endswith(".")
    assert "\n" not in text
    assert window.header.source.text() == "200 made-up digits"
    assert "CheckpointError" in window.messages.details.toPlainText()


def test_the_next_file_takes_the_message_away(window, make_model, qtbot, tmp_path):
    fail_and_wait(window, tmp_path / "missing.safetensors", qtbot)
    assert window.messages.isVisible()
    open_and_wait(window, make_model().path, qtbot)
    assert window.messages.isHidden()


def test_details_are_there_for_those_who_ask(window, qtbot, tmp_path):
    fail_and_wait(window, tmp_path / "missing.safetensors", qtbot)
    assert window.messages.details.isHidden()
    qtbot.mouseClick(window.messages.more, Qt.MouseButton.LeftButton)
    assert window.messages.details.isVisible()
    qtbot.mouseClick(window.messages.dismiss, Qt.MouseButton.LeftButton)
    assert window.messages.isHidden()


def test_the_newest_of_two_openings_wins(window, make_model, qtbot):
    first = make_model(name="first.safetensors").path
    second = make_model(3, name="second.safetensors").path
    window.open(first)
    open_and_wait(window, second, qtbot)
    settle()
    assert window.workspace.document.model.path == second
    assert window.workspace.document.test.means.shape[1] == 3


def test_a_bad_file_does_not_end_a_good_opening(window, make_model, qtbot, tmp_path):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"hello")
    good = make_model().path
    window.open(good)
    window.open(bad)
    with qtbot.waitSignal(window.opening.finished):
        window.open(bad)
    settle()
    assert window.workspace.document.model.path == good
    assert window.workspace.document.test is not None
    assert "bad.safetensors" in window.messages.text.text()
    assert window.messages.isVisible()


def test_a_bad_file_while_the_digits_are_encoded_does_not_lose_them(
    window, make_model, qtbot, tmp_path
):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"hello")
    window.opening.opened.connect(
        lambda _: window.open(bad), Qt.ConnectionType.SingleShotConnection
    )
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    assert window.workspace.document.test is not None
    assert window.messages.isVisible()


def test_two_bad_files_end_in_a_sentence_and_not_in_a_loop(window, qtbot, tmp_path):
    for name in ("one", "two"):
        window.open(tmp_path / name)
    failures = []
    window.opening.failed.connect(lambda sentence, _: failures.append(sentence))
    qtbot.waitUntil(lambda: len(failures) == 2)
    settle()
    assert window.workspace.pending.is_settled


def test_a_model_that_is_not_2d_is_stated_plainly(window, make_model, qtbot):
    open_and_wait(window, make_model(6).path, qtbot)
    assert window.header.statement.isVisible()
    assert "6 latent dimensions" in window.header.statement.text()
    assert f"test digit {window.workspace.viewpoint.selected}" in window.header.statement.text()
    open_and_wait(window, make_model(2, name="flat.safetensors").path, qtbot)
    assert window.header.statement.isHidden()


def test_a_run_directory_means_its_best_checkpoint(window, make_model, qtbot, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    make_model().path.rename(run / "best.safetensors")
    open_and_wait(window, run, qtbot)
    assert window.workspace.document.model.path == run / "best.safetensors"
    assert window.inspector.model.name.text() == "run/best.safetensors"
    assert window.windowTitle().startswith("run/best.safetensors")


def test_recent_files_are_kept_newest_first_and_open_again(window, make_model, qtbot):
    paths = [make_model(name=f"{name}.safetensors").path for name in "ab"]
    for path in paths:
        open_and_wait(window, path, qtbot)
    assert Preferences().recent_files == [path.resolve() for path in reversed(paths)]
    actions = open_recent_files(window).actions()
    assert [Path(action.text()).name for action in actions[:2]] == [
        "b.safetensors",
        "a.safetensors",
    ]
    with qtbot.waitSignal(window.opening.finished):
        actions[1].trigger()
    assert window.workspace.document.model.path == paths[0].resolve()


def test_a_bad_file_is_not_remembered(window, qtbot, tmp_path):
    fail_and_wait(window, tmp_path / "missing.safetensors", qtbot)
    assert Preferences().recent_files == []
    (only,) = open_recent_files(window).actions()
    assert only.text() == "No files yet"
    assert not only.isEnabled()


def test_the_list_of_recent_files_can_be_cleared(window, make_model, qtbot):
    open_and_wait(window, make_model().path, qtbot)
    *_, clear = open_recent_files(window).actions()
    assert clear.text() == "Clear this list"
    clear.trigger()
    assert Preferences().recent_files == []


def test_missing_data_leave_a_model_that_decodes(qtbot, make_model, tmp_path):
    (tmp_path / "a file").touch()
    window = MainWindow(theme.ThemeChoice.LIGHT, data_dir=tmp_path / "a file" / "below")
    qtbot.addWidget(window)
    window.show()
    fail_and_wait(window, make_model().path, qtbot)
    settle()
    assert "--data-dir" in window.messages.text.text()
    assert window.inspector.probe.digit.levels is not None
    assert window.workspace.document.test is None
    window.close()
    window.join()


def test_closing_while_a_model_is_opened_ends_the_worker(qtbot, make_model, quick_digits):
    for _ in range(5):
        window = MainWindow(theme.ThemeChoice.LIGHT)
        qtbot.addWidget(window)
        window.show()
        window.open(make_model().path)
        window.close()
        window.join()
        settle()
        assert window.workspace.document.model is None
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]


def test_light_and_dark_can_be_chosen_and_are_remembered(window):
    window.look.choose(theme.ThemeChoice.DARK)
    settle()
    background = window.grab().toImage().pixelColor(4, window.height() // 2)
    assert background.name() == theme.DARK.window
    assert Preferences().theme is theme.ThemeChoice.DARK
    window.look.choose(theme.ThemeChoice.LIGHT)
    settle()
    background = window.grab().toImage().pixelColor(4, window.height() // 2)
    assert background.name() == theme.LIGHT.window


def test_what_is_stored_is_not_trusted(window):
    QSettings().setValue("theme", "purple")
    QSettings().setValue("recent_files", [42, "/nowhere/at/all.safetensors"])
    preferences = Preferences()
    assert preferences.theme is theme.ThemeChoice.SYSTEM
    assert preferences.recent_files == []


def test_the_sheet_of_keys_opens(window, qtbot):
    QTest.keyClick(window, Qt.Key.Key_Question)
    sheet = window.findChild(KeysSheet)
    assert sheet is not None
    assert sheet.isVisible()
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert "nearest test digit" in words
    sheet.reject()


def test_the_inspector_folds_away(window, qtbot):
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert window.inspector.isHidden()
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert window.inspector.isVisible()


def test_tab_reaches_every_control(window, make_model, qtbot):
    open_and_wait(window, make_model().path, qtbot)
    settle()
    qtbot.waitUntil(window.inspector.nearest.buttons[0].isEnabled)  # Tab passes by what is not
    window.activateWindow()
    window.plane.setFocus()
    reached = set()
    for _ in range(60):
        reached.add(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert {
        window.plane,
        *window.inspector.probe.fields.fields,
        window.inspector.nearest.buttons[0],
    } <= reached


def test_the_window_says_when_it_is_painted_first(qtbot):
    window = MainWindow(theme.ThemeChoice.LIGHT)
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.painted):
        window.show()
    window.close()
    window.join()


def test_a_layer_that_is_switched_on_as_the_window_closes_starts_no_work(window, make_model, qtbot):
    open_and_wait(window, make_model().path, qtbot)
    settle()
    before = set(threading.enumerate())
    window.workspace.appearance.show_layer("manifold", True)
    window.close()
    settle()
    assert set(threading.enumerate()) <= before

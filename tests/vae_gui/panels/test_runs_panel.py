"""The list of runs, by hand: rows, order, what can be done, and folders that are not there."""

import json
import os
import shutil
from pathlib import Path

import pytest
from gui_helpers import settle
from pretended_training import append, epoch_line
from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from run_folders import unreadable, write_run

from model.files.run_lock import RunLock
from model.files.run_reader import RunReader
from vae_gui.jobs.worker import Worker
from vae_gui.panels.run_rows import ORDERS, sparkline, texts_of
from vae_gui.panels.runs_panel import EMPTY, RunsPanel
from vae_gui.state.runs_folder import RunsFolder

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("vae_gui.jobs.run_list.PERIOD_MS", 20)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.fixture
def runs(folder):
    write_run(folder / "b-done", 3, "finished", "paper")
    write_run(folder / "a-killed", 5, None)
    write_run(folder / "c-diverged", 1, "diverged", "iwae")
    paths = write_run(folder / "d-damaged", 2)
    paths.metrics.write_text("nonsense\n")
    return folder


@pytest.fixture
def panel(folder, qtbot):
    made = RunsPanel(RunsFolder())
    qtbot.addWidget(made)
    made.resize(270, 700)
    made.show()
    settle()
    yield made
    made.close()
    for worker in made.findChildren(Worker):
        worker.close()
        worker.join()


def names(panel):
    return [run.folder.name for run in panel.rows.runs]


def see(panel, wanted, qtbot):
    qtbot.waitUntil(lambda: names(panel) == wanted)


def place_of(panel, name):
    return panel.list.visualRect(panel.rows.index(names(panel).index(name))).center()


def choose(panel, name):
    QTest.mouseClick(panel.list.viewport(), LEFT, pos=place_of(panel, name))
    assert panel.chosen.folder.name == name


def test_runs_are_sorted_by_what_is_chosen(runs, panel, qtbot):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    panel.order.setCurrentText("Name")
    see(panel, ["a-killed", "b-done", "c-diverged", "d-damaged"], qtbot)
    choose(panel, "b-done")
    panel.order.setCurrentText("ELBO, best first")
    see(panel, ["a-killed", "b-done", "c-diverged", "d-damaged"], qtbot)
    panel.order.setCurrentText("State")
    see(panel, ["b-done", "a-killed", "c-diverged", "d-damaged"], qtbot)
    panel.order.setCurrentText("Preset")
    assert names(panel)[:2] == ["c-diverged", "b-done"]
    assert panel.chosen.folder.name == "b-done"  # the same run, wherever it went


@pytest.mark.parametrize("order", ORDERS)
def test_no_order_fails_on_damaged_runs(runs, panel, qtbot, order):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    panel.order.setCurrentText(order)
    assert sorted(names(panel)) == ["a-killed", "b-done", "c-diverged", "d-damaged"]


def test_a_row_says_all_of_its_run(runs):
    def said(name):
        return texts_of(RunReader(runs / name).look())

    assert said("b-done") == ("done, 6 s", "paper  3/9", "−197.0")
    assert said("a-killed") == ("stopped, 10 s", "2-D residual  5/9", "−195.0")
    assert said("c-diverged")[0].startswith("diverged")
    assert said("d-damaged")[0] == "damaged"
    assert said("d-damaged")[1]


def test_a_training_is_seen_to_go_on_and_to_end(runs, panel, qtbot):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    choose(panel, "a-killed")
    paths = write_run(runs / "e-new", 1, None)
    lock = RunLock(paths.folder)
    qtbot.waitUntil(lambda: "e-new" in names(panel))
    assert panel.chosen.folder.name == "a-killed"

    def stage():
        return next(str(run.stage) for run in panel.rows.runs if run.folder.name == "e-new")

    qtbot.waitUntil(lambda: stage() == "training")
    append(paths, epoch_line(2))
    qtbot.waitUntil(lambda: ("e-new", 2) in [(r.folder.name, r.epoch) for r in panel.rows.runs])
    lock.release()
    qtbot.waitUntil(lambda: stage() == "stopped")
    shutil.rmtree(paths.folder)
    qtbot.waitUntil(lambda: "e-new" not in names(panel))


def test_a_run_is_opened_by_button_double_click_and_enter(runs, panel, qtbot):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    opened = []
    panel.opened.connect(lambda path: opened.append(path.name))
    choose(panel, "b-done")
    QTest.mouseClick(panel.open, LEFT)
    choose(panel, "a-killed")  # the first click of the two
    QTest.mouseDClick(panel.list.viewport(), LEFT, pos=place_of(panel, "a-killed"))
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert opened == ["b-done", "a-killed", "a-killed"]


def test_its_training_its_folder_and_its_command(runs, panel, qtbot, monkeypatch):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    choose(panel, "b-done")
    with qtbot.waitSignal(panel.trained) as trained:
        QTest.mouseClick(panel.training, LEFT)
    assert trained.args == [Path("runs/b-done")]
    QTest.mouseClick(panel.copy, LEFT)
    assert QGuiApplication.clipboard().text() == f"vae-train --preset paper --out {runs / 'b-done'}"
    shown = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    QTest.mouseClick(panel.show_folder, LEFT)
    assert shown == [QUrl.fromLocalFile(str(runs / "b-done"))]


def test_comparing_is_offered_where_somebody_compares(runs, panel, qtbot):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    assert not panel.compare.isVisible()
    panel.offer_to_compare()
    choose(panel, "b-done")
    with qtbot.waitSignal(panel.compared) as compared:
        QTest.mouseClick(panel.compare, LEFT)
    assert compared.args == [Path("runs/b-done")]


def test_folders_that_are_not_there_empty_or_closed_say_so(panel, folder, qtbot):
    missing = "There is no folder runs yet: the first training makes it."
    qtbot.waitUntil(lambda: panel.note.text() == missing)
    folder.mkdir()
    (folder / "notes.txt").touch()
    qtbot.waitUntil(lambda: panel.note.text() == EMPTY)
    folder.rename(folder.with_name("gone"))
    folder.touch()
    sentence = "The folder runs cannot be read (Not a directory)."
    qtbot.waitUntil(lambda: panel.note.text() == sentence)
    folder.unlink()
    write_run(folder / "a")
    see(panel, ["a"], qtbot)
    assert not panel.note.isVisible()
    assert not panel.open.isEnabled()  # nothing is chosen


def test_nobody_looks_while_nobody_sees(runs, panel, qtbot, monkeypatch):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    panel.hide()
    shutil.rmtree(runs / "b-done")
    QTest.qWait(100)
    assert len(names(panel)) == 4
    panel.show()
    qtbot.waitUntil(lambda: len(names(panel)) == 3)


def test_another_folder(runs, panel, qtbot, tmp_path):
    qtbot.waitUntil(lambda: len(names(panel)) == 4)
    other = tmp_path / "elsewhere" / "mine"
    write_run(other / "x")
    folder = RunsFolder()
    folder.choose(other)
    assert folder.path == Path("elsewhere/mine")  # as one types it from here
    folder.choose(Path("/somewhere"))
    assert folder.path == Path("/somewhere")


def test_hundreds_of_runs_scroll(folder, panel, qtbot):
    folder.mkdir()
    for number in range(300):
        paths = folder / f"run-{number:03d}"
        paths.mkdir()
        settings = {"model": {}, "training": {}, "started": f"2026-01-01T00:{number:05d}"}
        (paths / "config.json").write_text(json.dumps(settings))
    qtbot.waitUntil(lambda: len(names(panel)) == 300)
    assert names(panel)[0] == "run-299"
    panel.grab()
    assert panel.list.verticalScrollBar().maximum() > 0


def test_a_sparkline_rises_where_the_elbo_does():
    line = sparkline([-200.0, -150.0, -160.0], QRectF(10.0, 20.0, 40.0, 10.0))
    assert [(point.x(), point.y()) for point in line] == [(10.0, 30.0), (30.0, 20.0), (50.0, 22.0)]
    assert len(sparkline([float(n) for n in range(3280)], QRectF(0.0, 0.0, 60.0, 10.0))) <= 62
    flat = sparkline([-1.0, -1.0], QRectF(0.0, 0.0, 60.0, 10.0))
    assert [point.y() for point in flat] == [10.0, 10.0]


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_folder_that_cannot_be_read_is_said_in_one_sentence(runs, panel, qtbot):
    with unreadable(runs) as reason:
        sentence = f"The folder runs cannot be read ({reason})."
        qtbot.waitUntil(lambda: panel.note.text() == sentence)
    qtbot.waitUntil(lambda: panel.note.text() != sentence)

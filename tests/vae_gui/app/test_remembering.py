"""What a second window has of the first; what damaged settings do; what a reset leaves."""

from pathlib import Path

import pytest
from gui_helpers import settle
from PySide6.QtCore import QByteArray, QPoint, QSettings, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_gui import __main__
from vae_gui.app.main_window import MainWindow
from vae_gui.app.preferences import Preferences
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import DARK
from vae_gui.style.theme import ThemeChoice

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def start(qtbot):
    """A function that starts the program's window; all that it made are closed."""
    made = []

    def window(**options):
        made.append(MainWindow(**options))
        qtbot.addWidget(made[-1])
        made[-1].show()
        settle()
        return made[-1]

    yield window
    for one in made:
        end(one)


def end(window):
    window.close()
    window.join()
    settle()


def test_a_second_window_has_what_the_first_had(start):
    first = start()
    QTest.keyClick(first.plane, Qt.Key.Key_I, CTRL)
    settle()
    first.setGeometry(10, 40, 780, 640)  # the screen without a display is 800 x 800
    QTest.keyClick(first.plane, Qt.Key.Key_G)
    QTest.keyClick(first.plane, Qt.Key.Key_P)
    first.inspector.sections["nearest"].heading.click()
    first.inspector.pages.titles["ranking"].click()
    QTest.keyClick(first.plane, Qt.Key.Key_F)
    QTest.keyClick(first.plane, Qt.Key.Key_C)
    first.workspace.appearance.set_layer("test", LayerState(True, 0.4))
    first.look.choose(ThemeChoice.DARK)
    settle()
    assert first.workspace.appearance.colouring == "elbo"
    layers, place = dict(first.workspace.appearance.layers), first.geometry()
    usual = MainWindow(remember=False)
    assert usual.workspace.appearance.layers != layers
    end(usual)
    end(first)

    second = start()
    assert second.workspace.appearance.layers == layers
    assert second.workspace.appearance.colouring == "elbo"
    assert second.layers.colours.choice.currentData() == "elbo"
    assert second.inspector.isHidden()
    assert not second.actions_by_name["inspector"].isChecked()
    assert not second.inspector.sections["nearest"].heading.isChecked()
    assert not second.inspector.nearest.isVisibleTo(second.inspector)
    assert second.inspector.pages.shown == "ranking"
    assert second.inspector.ranking.isVisibleTo(second.inspector)
    assert second.actions_by_name["beside_cursor"].isChecked()
    assert second.actions_by_name["theme_dark"].isChecked()
    assert QApplication.palette().window().color() == QColor(DARK.window)
    assert second.geometry() == place
    assert not second.actions_by_name["undo"].isEnabled()  # nobody did anything yet


def drag(splitter, by_x, by_y):
    """Drag the edge between the two parts."""
    edge = splitter.handle(1)
    start = edge.rect().center()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(edge, left, pos=start)
    QTest.mouseMove(edge, start + QPoint(by_x, by_y))
    QTest.mouseRelease(edge, left, pos=start)
    settle()


def test_edges_that_were_dragged_are_where_they_were(start):
    first = start()
    first.resize(1400, 900)
    settle()
    inspector = first.inspector
    usual = inspector.width(), inspector.probe.height()
    drag(first.edge, -120, 0)
    drag(inspector.edge, 0, -90)
    dragged = inspector.width(), inspector.probe.height()
    assert dragged[0] > usual[0] + 80
    assert dragged[1] < usual[1] - 50
    end(first)
    second = start()
    second.resize(1400, 900)
    settle()
    found = second.inspector.width(), second.inspector.probe.height()
    assert found == pytest.approx(dragged, abs=2)


@pytest.mark.parametrize("value", ["{", "[0.5]", '{"a": true, "b": 7, "c": NaN}', 17, True])
def test_a_damaged_share_is_as_if_nobody_had_dragged(value):
    QSettings().setValue("shares", value)
    assert Preferences().shares(["a", "b", "c"]) == dict.fromkeys("abc")


def test_a_window_that_remembers_nothing_neither_reads_nor_writes(start):
    first = start()
    QTest.keyClick(first.plane, Qt.Key.Key_G)
    end(first)
    stored = {key: QSettings().value(key) for key in QSettings().allKeys()}
    shot = start(remember=False)
    assert not shot.workspace.appearance.is_shown("manifold")
    shot.workspace.appearance.show_layer("prior", False)
    QTest.keyClick(shot.plane, Qt.Key.Key_L, CTRL)
    end(shot)
    assert {key: QSettings().value(key) for key in QSettings().allKeys()} == stored


def test_a_panel_that_gave_room_is_not_remembered_as_folded(start):
    first = start()
    first.resize(1300, 700)
    settle()
    first.resize(950, 700)
    settle()
    assert first.left.isHidden()
    end(first)
    known = {"layers": False, "inspector": False}
    assert Preferences().unfolded(known) == {"layers": True, "inspector": True}


GARBAGE = [
    "",
    "{",
    "null",
    "[1, 2",
    '{"layers": 1, "inspector": "yes"}',
    '{"test": 3}',
    '{"test": [1, 0.5]}',
    '{"test": [true, "much"], "prior": [true, NaN]}',
    '{"test": [true, 1e400], "prior": [null, -1]}',
    "[" * 5000,
    '[["layers"]]',
    '"layers"',
    "\x00\x01",
    17,
    True,
    ["a", "b"],
    QByteArray(b"\x01\xd9\xd0\xcb" + b"\xff" * 62),
    QByteArray(b"\x01\xd9\xd0\xcb"),
    QByteArray(66, "\0"),
]


@pytest.fixture(scope="module")
def usual_layers(qapp):
    workspace = Workspace()
    plane = PlaneView(workspace, workspace.viewpoint)
    yield dict(workspace.appearance.layers)
    plane.close()


@pytest.mark.parametrize("value", GARBAGE, ids=range(len(GARBAGE)))
def test_a_damaged_value_is_as_if_it_had_never_been_stored(value, usual_layers):
    store = QSettings()
    for key in ("geometry", "unfolded", "layers", "colouring", "theme", "recent_files"):
        store.setValue(key, value)
    store.sync()
    preferences = Preferences()
    assert isinstance(preferences.geometry, QByteArray)
    known = {"layers": True, "inspector": False}
    assert preferences.unfolded(known) == known
    assert preferences.colouring is None
    assert preferences.theme is ThemeChoice.SYSTEM
    assert preferences.recent_files == []
    layers = preferences.layers(usual_layers)
    assert layers.keys() == usual_layers.keys()
    for key, state in layers.items():
        assert state == usual_layers[key] or key in ("test", "prior")
        assert type(state.visible) is bool
        assert 0.0 <= state.opacity <= 1.0


def test_the_sound_half_of_a_layer_is_kept(usual_layers):
    QSettings().setValue(
        "layers",
        '{"test": [false, "much"], "prior": ["yes", 0.25],'
        '"manifold": [true, 0.5, 2], "labels": [false, 1.0, 3], "regions": [true, 0.5, true]}',
    )
    layers = Preferences().layers(usual_layers)
    assert layers["test"] == LayerState(False, usual_layers["test"].opacity)
    assert layers["prior"] == LayerState(usual_layers["prior"].visible, 0.25)
    assert layers["manifold"] == LayerState(True, 0.5, 2)
    assert [layers[key].size for key in ("labels", "regions")] == [0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("cut", [4, 10, 20, 40, 65])
def test_a_geometry_that_is_cut_off_leaves_the_usual_size(start, cut):
    whole = start()
    usual = whole.size()
    end(whole)
    QSettings().setValue("geometry", QByteArray(bytes(Preferences().geometry)[:cut]))
    assert start().size() == usual


def test_a_damaged_file_of_settings_starts_as_ever(start):
    store = QSettings()
    store.setValue("theme", "dark")
    store.sync()
    damaged = b"[General\n\xff\xfe%%%=@Variant(\0\nlayers=@Invalid()\ngeometry=@ByteArray(x"
    Path(store.fileName()).write_bytes(damaged)
    window = start()
    window.resize(1300, 700)  # the screen without a display is too narrow for both panels
    settle()
    assert window.left.isVisible()
    assert window.inspector.isVisible()


def test_a_reset_forgets_everything_and_says_so_in_a_line(start, capsys, monkeypatch):
    monkeypatch.setattr("vae_gui.app.application.name_the_program", lambda: None)
    first = start()
    QTest.keyClick(first.plane, Qt.Key.Key_G)
    first.look.choose(ThemeChoice.DARK)
    end(first)
    assert QSettings().allKeys()
    monkeypatch.setattr(__main__, "explore", lambda arguments: 0)
    assert __main__.main(["--reset-settings"]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert said.startswith("Forgotten:")
    assert QSettings().allKeys() == []
    assert not start().workspace.appearance.is_shown("manifold")

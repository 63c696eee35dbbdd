"""Layers are switched by hand: boxes, sliders, keys."""

import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from seen_colours import contrast

from vae_gui.app.main_window import MainWindow
from vae_gui.jobs.worker import Worker
from vae_gui.panels.layers_panel import LayersPanel
from vae_gui.plane.layers.table import LAYERS
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.state.measures.label_accuracy import LabelAccuracy
from vae_gui.style import theme
from vae_gui.style.palette import DARK, LIGHT
from vae_gui.style.theme import ThemeChoice


@pytest.fixture
def panel(workspace, qtbot):
    plane = PlaneView(workspace, workspace.viewpoint)
    qtbot.addWidget(plane)
    made = LayersPanel(workspace, workspace.viewpoint, plane.layers.layers)
    qtbot.addWidget(made)
    made.resize(made.width(), 700)
    made.show()
    settle()
    yield made
    plane.close()


def click(box):
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))


def test_a_click_shows_and_hides_a_layer(panel, workspace):
    before = workspace.appearance.layers["manifold"]
    assert not before.visible
    row = panel.rows["manifold"]
    assert not row.slider.isEnabled()
    click(row.box)
    assert workspace.appearance.layers["manifold"] == LayerState(True, before.opacity)
    assert row.slider.isEnabled()
    assert row.brief.text() == "ink: mean p(x|z)"
    assert "The mean of p(x|z) at the middle of each cell, grey as ink." in row.toolTip()
    click(row.box)
    assert workspace.appearance.layers["manifold"] == before


def test_ticking_a_layer_moves_nothing(panel, workspace):
    workspace.document.set_training(make_digits(count=30))
    settle()
    parts = [*panel.rows.values(), panel.colours.choice, panel.colours.legend]

    def places():
        settle()
        return [part.geometry().translated(part.mapTo(panel, QPoint())) for part in parts]

    before = places()
    for row in panel.rows.values():
        click(row.box)
        assert places() == before
    assert panel.density.isVisible() is workspace.appearance.is_shown("difference")


def test_the_manifold_is_the_first_of_the_list_and_then_from_the_topmost_down(panel):
    keys = [kind.key for kind in LAYERS]
    assert list(panel.rows) == ["manifold", *(key for key in keys[::-1] if key != "manifold")]
    tops = [row.y() for row in panel.rows.values()]
    assert tops == sorted(tops)


def test_a_tooltip_says_all_in_lines_of_sixty_characters(panel, workspace):
    workspace.document.set_training(make_digits(count=30))
    for key, row in panel.rows.items():
        layer = next(kind for kind in LAYERS if kind.key == key)()
        lines = row.toolTip().split("\n")
        assert max(map(len, lines)) <= 60
        words = " ".join(" ".join(lines).split()).lower()
        for part in (layer.tip, layer.source(workspace.viewpoint)):
            assert " ".join(part.split()).lower() in words


def test_the_line_under_each_layer_is_never_cut_off(panel, workspace, make_model):
    def all_fit():
        settle()
        lines = [row.brief for row in panel.rows.values() if row.brief.isVisible()]
        assert all(line.text() for line in lines)
        for line in lines:
            assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width(), line.text()

    all_fit()
    workspace.document.set_training(make_digits(count=300))
    all_fit()
    workspace.document.open(make_model(1))
    all_fit()
    workspace.document.set_test(make_digits(1))
    all_fit()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_the_border_of_a_box_can_be_seen(panel, qapp, look):
    theme.apply(qapp, look)
    settle()
    for ticked in (False, True):
        box = panel.rows["prior"].box
        box.setChecked(ticked)
        settle()
        image = box.grab().toImage()
        column = [image.pixelColor(x, box.height() // 2).name() for x in range(4)]
        assert max(contrast(colour, look.window) for colour in column) >= 3.0


def test_the_size_of_cells_is_chosen_by_mouse_and_by_keys_and_kept(panel, workspace):
    row = panel.rows["manifold"]
    assert not row.sizes.buttons[1].isEnabled()
    click(row.box)
    QTest.mouseClick(row.sizes.buttons[2], Qt.MouseButton.LeftButton)
    assert workspace.appearance.size_of("manifold") == 2
    row.sizes.buttons[1].setFocus()
    QTest.keyClick(row.sizes.buttons[1], Qt.Key.Key_Space)
    assert workspace.appearance.size_of("manifold") == 1
    click(row.box)
    row.slider.setValue(33)
    assert workspace.appearance.layers["manifold"] == LayerState(False, 0.33, 1)
    assert [key for key, other in panel.rows.items() if other.sizes is not None] == ["manifold"]
    assert row.sizes.isVisible()


def test_a_slider_changes_the_opacity_by_keys_too(panel, workspace):
    row = panel.rows["test"]
    row.slider.setFocus()
    QTest.keyClick(row.slider, Qt.Key.Key_Home)
    assert workspace.appearance.layers["test"] == LayerState(True, 0.05)
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert workspace.appearance.layers["test"] == LayerState(True, 0.06)


def test_the_panel_follows_the_appearance(panel, workspace):
    workspace.appearance.set_layer("prior", LayerState(False, 0.33))
    row = panel.rows["prior"]
    assert not row.box.isChecked()
    assert row.slider.value() == 33
    workspace.appearance.show_layer("prior", True)
    assert row.box.isChecked()
    assert workspace.appearance.layers["prior"].opacity == 0.33


def test_a_layer_without_data_says_so_and_what_it_shows_with_them(panel, workspace, qtbot):
    workspace.appearance.show_layer("regions", True)
    assert panel.rows["regions"].brief.text() == "waits for training digits"
    workspace.document.set_training(make_digits(count=30))
    row = panel.rows["regions"]
    qtbot.waitUntil(lambda: "P(label|z) of 30 training images; counting" in row.toolTip())
    workspace.document.set_label_accuracy(LabelAccuracy(187, 200))
    qtbot.waitUntil(lambda: row.brief.text() == "93.5 % lie in their own region")
    said = " ".join(row.toolTip().split())
    assert "93.5 % of the test digits lie in a region of their own label" in said


def test_no_title_is_cut_off(panel):
    for row in panel.rows.values():
        assert row.box.width() >= row.box.sizeHint().width()


def test_at_1400_x_900_all_of_the_panel_is_seen_while_a_number_colours_images(
    qtbot, quick_digits, make_model
):
    window = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    for worker in window.measuring.findChildren(Worker):
        worker.close()  # it would soon have measured all of them, and taken its text away
    window.workspace.appearance.colour_by("elbo")
    window.layers.colours.set_progress("Measuring the test digits … 42 %")
    settle()
    assert window.layers.colours.bar.known.isVisible()
    assert window.layers.verticalScrollBar().maximum() == 0
    window.close()
    window.join()


def test_keys_switch_layers_and_the_menu_says_so(qtbot, quick_digits, make_model):
    window = MainWindow(ThemeChoice.LIGHT)
    qtbot.addWidget(window)
    window.resize(1300, 800)
    window.show()
    qtbot.waitExposed(window)
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    window.plane.setFocus()
    for layer in window.plane.layers.layers:
        if not layer.shortcut:
            continue
        before = window.workspace.appearance.layers[layer.key].visible
        QTest.keySequence(window.plane, QKeySequence(layer.shortcut))
        assert window.workspace.appearance.layers[layer.key].visible is not before
        assert window.layers.rows[layer.key].box.isChecked() is not before
    assert not window.left.isHidden()
    QTest.keyClick(window.plane, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.left.isHidden()
    window.close()
    window.join()
    settle()

"""Layers are switched by hand: boxes, sliders, keys."""

import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.panels.layers_panel import LayersPanel
from vae_gui.plane.plane_view import PlaneView
from vae_gui.state.appearance import LayerState
from vae_gui.state.measures.label_accuracy import LabelAccuracy
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
    return made


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
    assert row.source.isVisible()
    assert row.source.text() == "decoder's means at the middle of each cell"
    click(row.box)
    assert workspace.appearance.layers["manifold"] == before
    assert not row.source.isVisible()


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


def test_a_layer_without_data_says_so_and_what_it_shows_with_them(panel, workspace):
    workspace.appearance.show_layer("regions", True)
    assert panel.rows["regions"].source.text() == "waits for the training digits"
    workspace.document.set_training(make_digits(count=30))
    source = panel.rows["regions"].source
    assert source.text().startswith("p(label|z) of 30 training images; counting")
    workspace.document.set_label_accuracy(LabelAccuracy(187, 200))
    assert "93.5 % of the test digits lie in a region of their own label" in source.text()


def test_no_title_is_cut_off(panel):
    for row in panel.rows.values():
        assert row.box.width() >= row.box.sizeHint().width()


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
    assert not window.layers.isHidden()
    QTest.keyClick(window.plane, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.layers.isHidden()
    window.close()
    window.join()
    settle()

import numpy as np
import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from vae_gui.jobs.live_decoder import LiveDecoder
from vae_gui.panels.nearest_panel import NearestPanel
from vae_gui.state.slice import Slice
from vae_gui.state.workspace import Workspace
from vae_gui.widgets.digit_button import DigitButton


@pytest.fixture
def panel(workspace, qtbot):
    made = NearestPanel(workspace.viewpoint)
    qtbot.addWidget(made)
    made.decoder = LiveDecoder(workspace.viewpoint)
    made.show()
    settle()
    return made


def move(workspace, z):
    workspace.viewpoint.set_probe(np.asarray(z, dtype=float))
    settle()


def test_it_shows_the_five_nearest_with_labels_and_distances(panel, workspace, qtbot):
    for z in ([0.3, -0.4], [2.5, 2.5], [-9.0, 0.0]):
        move(workspace, z)
        distances = np.linalg.norm(workspace.document.test.means - z, axis=1)
        expected = np.argsort(distances)[:5]
        # It follows a moving hand twenty times a second.
        qtbot.waitUntil(
            lambda expected=expected: [b.index for b in panel.buttons] == expected.tolist()
        )
        for button, index in zip(panel.buttons, expected, strict=True):
            name = workspace.document.test.class_names[workspace.document.test.labels[index]]
            assert button.lines == (name, f"{distances[index]:.3f}")


def test_where_all_classes_are_hidden_it_says_how_to_show_them(panel, workspace):
    assert panel.note.isHidden()
    workspace.appearance.hide_classes(frozenset(range(10)))
    settle()
    assert panel.note.isVisible()
    assert "Press A" in panel.note.text()
    workspace.appearance.hide_classes(frozenset(range(9)))
    assert panel.note.isHidden()


def test_a_picture_is_the_digits_own_and_upright(qtbot):
    button = DigitButton("Nearest")
    qtbot.addWidget(button)
    levels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    button.show_digit(7, levels, ("a", "0.1"))
    picture = button.grab().toImage()
    for row in range(1, 27):  # a frame may lie over the edge
        for column in range(1, 27):
            assert picture.pixelColor(2 * column + 1, 2 * row + 1).red() == levels[row, column]


def test_a_click_chooses_the_digit_and_moves_the_probe_there(panel, workspace):
    move(workspace, [0.3, -0.4])
    button = panel.buttons[2]
    index = button.index
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert workspace.viewpoint.selected == index
    np.testing.assert_array_equal(workspace.viewpoint.probe, workspace.document.test.means[index])


def test_the_keyboard_chooses_too(panel, workspace):
    move(workspace, [0.3, -0.4])
    index = panel.buttons[1].index
    panel.buttons[1].setFocus()
    QTest.keyClick(panel.buttons[1], Qt.Key.Key_Space)
    assert workspace.viewpoint.selected == index


def test_hidden_classes_are_not_near(panel, workspace):
    workspace.appearance.solo_class(4, 10)
    move(workspace, [0.3, -0.4])
    settle()
    assert {workspace.document.test.labels[button.index] for button in panel.buttons} == {4}


def test_fewer_digits_than_buttons_leave_the_rest_empty(panel, workspace, make_model, qtbot):
    workspace.document.open(make_model())
    workspace.document.set_test(make_digits(count=3))
    qtbot.waitUntil(lambda: panel.buttons[0].index is not None)
    assert [button.index is None for button in panel.buttons] == [False] * 3 + [True] * 2
    assert [button.isEnabled() for button in panel.buttons] == [True] * 3 + [False] * 2


def test_with_more_dimensions_they_are_in_the_order_of_the_distance_that_is_shown(
    make_model, qtbot
):
    workspace = Workspace()
    panel = NearestPanel(workspace.viewpoint)
    qtbot.addWidget(panel)
    panel.decoder = LiveDecoder(workspace.viewpoint)
    workspace.document.open(make_model(4))
    workspace.document.set_test(make_digits(4))
    qtbot.waitUntil(lambda: panel.buttons[0].index is not None)
    offsets = workspace.document.test.means - workspace.viewpoint.reading.z
    in_plane, whole = (np.linalg.norm(part, axis=1) for part in (offsets[:, :2], offsets))
    assert [button.index for button in panel.buttons] == np.argsort(in_plane)[:5].tolist()
    for button in panel.buttons:
        assert button.lines[1] == f"{in_plane[button.index]:.3f}"
        assert f"over all 4 dimensions: {whole[button.index]:.3f}" in button.toolTip()
    shown = [float(button.lines[1]) for button in panel.buttons]
    assert shown == sorted(shown)
    assert panel.note.text().startswith("Distances in the plane of z1 and z2")


def test_along_other_axes_it_names_these(make_model, qtbot):
    workspace = Workspace()
    panel = NearestPanel(workspace.viewpoint)
    qtbot.addWidget(panel)
    workspace.document.open(make_model(4))
    workspace.document.set_test(make_digits(4))
    workspace.viewpoint.go_to(Slice(np.zeros(4), axes=(3, 0)), None, np.zeros(4))
    assert panel.note.text().startswith("Distances in the plane of z4 and z1")

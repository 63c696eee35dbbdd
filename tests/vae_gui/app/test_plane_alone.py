"""F11: the plane alone on the whole screen, for a lecture hall; and how large it is drawn."""

import pytest
from gui_helpers import make_digits, settle, settle_layers
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.app.preferences import Preferences

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make_model, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1300, 760)
    made.show()
    made.workspace.document.open(make_model())
    made.workspace.document.set_test(make_digits())
    settle_layers(made.workspace)
    yield made
    made.close()
    made.join()


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.plane, key, modifiers)
    settle()


@pytest.mark.parametrize("back", [Qt.Key.Key_F11, Qt.Key.Key_Escape])
def test_f11_fills_the_screen_with_the_plane_and_two_keys_bring_the_window_back(window, back):
    window.move(40, 60)  # with room for a frame, in which Qt puts it back
    window.resize(780, 620)
    settle()
    before = window.geometry()
    panels = window.left.isVisible(), window.inspector.isVisible()
    assert any(panels)
    press(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    around = (window.menuBar(), window.left, window.inspector, window.header, window.status)
    assert not any(part.isVisible() for part in around)
    assert window.plane.size() == window.centralWidget().size()
    press(window, back)
    assert not window.isFullScreen()
    assert window.height() == before.height()  # its least width is that of the screen or more
    assert (window.left.isVisible(), window.inspector.isVisible()) == panels
    assert window.menuBar().isVisible()


def test_alone_it_says_above_the_points_which_model_it_shows_and_what_colours_mean(window):
    plane = window.plane
    top = plane.contentsRect().top()
    press(window, Qt.Key.Key_F11)
    caption = plane.caption
    assert caption.is_shown
    texts = [entry.text for entry in caption.entries(window.look.theme)]
    assert texts == [window.workspace.document.model.title, *"abcdefghij"]
    room = plane.contentsRect().top()
    assert room == caption.height(plane.font(), plane.width(), window.look.theme) > top
    seen = plane.grab().toImage()
    colours = {seen.pixelColor(x, y).name() for x in range(0, seen.width()) for y in range(room)}
    assert set(window.look.theme.classes) <= colours
    press(window, Qt.Key.Key_C)  # by the ELBO, the first of the numbers
    assert [entry.text for entry in caption.entries(window.look.theme)][1] == "ELBO, nats"
    press(window, Qt.Key.Key_F11)
    assert not caption.is_shown
    assert plane.contentsRect().top() == top


def test_the_keys_of_the_menus_work_without_the_menu_bar(window):
    press(window, Qt.Key.Key_F11)
    assert not window.workspace.appearance.is_shown("manifold")
    press(window, Qt.Key.Key_G)
    assert window.workspace.appearance.is_shown("manifold")


def test_the_digit_floats_in_the_corner_farthest_from_the_cursor(window):
    assert not window.floating.isVisible()
    press(window, Qt.Key.Key_F11)
    room = window.plane.contentsRect()
    for x, y in ((0.2, 0.2), (0.8, 0.8), (0.2, 0.8)):
        cursor = QPoint(
            round(room.left() + x * room.width()), round(room.top() + y * room.height())
        )
        QTest.mouseMove(window.plane, cursor)
        settle()
        assert window.floating.isVisible()
        middle = window.floating.geometry().center()
        assert (middle.x() > room.center().x()) == (x < 0.5)
        assert (middle.y() > room.center().y()) == (y < 0.5)
        height = window.floating.height() / window.plane.height()
        assert 0.2 < height < 0.3
    press(window, Qt.Key.Key_F11)
    assert not window.floating.isVisible()


def test_it_floats_whenever_the_inspector_is_folded(window):
    press(window, Qt.Key.Key_I, CTRL)
    assert window.floating.isVisible()
    press(window, Qt.Key.Key_I, CTRL)
    assert not window.floating.isVisible()


def test_text_points_and_marks_grow_and_that_is_remembered(window, qtbot):
    usual, room = window.plane.font().pointSizeF(), window.plane.contentsRect()
    press(window, Qt.Key.Key_Plus, CTRL)
    press(window, Qt.Key.Key_Plus, CTRL)
    assert window.workspace.appearance.magnification == 1.5
    assert window.plane.font().pointSizeF() == pytest.approx(1.5 * usual)
    assert window.plane.contentsRect().left() == round(1.5 * room.left())  # room for larger text
    assert window.plane.view().magnification == 1.5
    press(window, Qt.Key.Key_Minus, CTRL)
    window.close()
    assert Preferences().magnifications["window"] == 1.25
    again = MainWindow()
    qtbot.addWidget(again)
    again.show()
    settle()
    assert again.workspace.appearance.magnification == 1.25
    QTest.keyClick(again, Qt.Key.Key_0, CTRL)
    again.close()
    again.join()
    assert Preferences().magnifications["window"] == 1.0


def test_the_plane_alone_has_a_size_of_its_own(window):
    press(window, Qt.Key.Key_F11)
    assert window.workspace.appearance.magnification == 1.5
    press(window, Qt.Key.Key_Plus, CTRL)
    assert window.workspace.appearance.magnification == 2.0
    press(window, Qt.Key.Key_F11)
    assert window.workspace.appearance.magnification == 1.0


def test_a_window_closed_while_full_comes_back_as_a_window(window, qtbot):
    press(window, Qt.Key.Key_F11)
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    again.show()
    settle()
    assert not again.isFullScreen()
    assert again.menuBar().isVisible()
    again.close()
    again.join()


def test_where_no_digit_lies_the_plane_says_how_to_come_back(window, qtbot):
    assert not window.empty.label.isVisible()
    window.plane.navigation.zoom(30, window.plane.view().to_plane(80.0, 10.0))
    qtbot.waitUntil(window.empty.label.isVisible)
    assert window.empty.label.text() == "No test digits here: press Home"
    assert QRect(window.plane.rect()).contains(window.empty.label.geometry())
    press(window, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: not window.empty.label.isVisible())

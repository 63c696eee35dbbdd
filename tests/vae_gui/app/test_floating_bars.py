"""Bars float over the planes: what lies under the hand stays there when one comes or goes."""

import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import QPoint, QRect, Qt

from vae_gui.app.floating_bars import FloatingBars
from vae_gui.app.main_window import MainWindow
from vae_gui.style.theme import ThemeChoice

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(make_model, qtbot):
    made = MainWindow(ThemeChoice.LIGHT, remember=False)
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    made.workspace.document.open(make_model())
    made.workspace.document.set_test(make_digits())
    settle()
    yield made
    made.close()
    made.join()


def place_of(widget, window):
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def test_a_point_of_the_plane_stays_under_the_hand(window, qtbot):
    plane, bar = window.plane, window.messages
    before = place_of(plane, window), plane.view()
    bar.show_error("It did not work; try again.", RuntimeError("because"))
    settle()
    assert bar.isVisible()
    assert (place_of(plane, window), plane.view()) == before
    qtbot.mouseClick(bar.more, LEFT)
    settle()
    assert bar.details.isVisible()
    assert (place_of(plane, window), plane.view()) == before
    qtbot.mouseClick(bar.dismiss, LEFT)
    settle()
    assert not bar.isVisible()
    assert not bar.parentWidget().isVisible()  # what floats takes no clicks of the plane
    assert (place_of(plane, window), plane.view()) == before


@pytest.mark.parametrize("width", [1400, 1000])
def test_all_that_is_said_has_room_and_buttons_can_be_pressed(window, width):
    window.resize(width, 700)
    settle()
    bar = window.messages
    bar.show_note("A sentence that is long enough to go on in a second line, as many do. " * 3)
    settle()
    text = bar.text
    assert text.height() >= text.heightForWidth(text.width())
    assert window.planes.rect().contains(place_of(bar, window.planes))
    middle = bar.dismiss.mapTo(window, bar.dismiss.rect().center())
    assert window.childAt(middle) is bar.dismiss  # nothing lies above it
    for button in window.tools.buttons:  # and it lies above none of them
        assert window.childAt(button.mapTo(window, button.rect().center())) is button


def test_two_bars_lie_one_below_the_other(window):
    bars = [window.messages, window.run_bar]
    window.messages.show_note("One.")
    window.run_bar.text.setText("Two.")
    window.run_bar.show()
    settle()
    upper, lower = (place_of(bar, window) for bar in bars)
    assert isinstance(bars[0].parentWidget(), FloatingBars)
    assert upper.bottom() < lower.top()
    assert upper.width() == lower.width()
    window.messages.hide()
    settle()
    assert place_of(window.run_bar, window).top() == upper.top()


def test_alone_the_plane_shows_them_too(window):
    window.actions_by_name["alone"].trigger()
    settle()
    window.messages.show_note("One.")
    settle()
    assert window.messages.isVisible()
    window.messages.hide()
    window.actions_by_name["alone"].trigger()
    settle()

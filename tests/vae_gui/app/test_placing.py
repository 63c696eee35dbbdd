"""The window's place: whole on a screen, and laid out so that everything can be reached there."""

import pytest
from gui_helpers import settle
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QScrollArea

from vae_gui.app.main_window import MainWindow
from vae_gui.app.placing import FRAME, USUAL_SIZE, brought_back, first_size
from vae_gui.plane.axes import BOTTOM_HEIGHT
from vae_gui.style.theme import ThemeChoice

LAPTOP = QRect(0, 0, 1366, 768)
FINE = QRect(0, 0, 960, 600)  # 1920 x 1200 with a factor of 2
LARGE = QRect(0, 27, 2560, 1413)  # below a panel of the desktop
AT_THE_RIGHT = QRect(1366, 0, 1920, 1080)


@pytest.fixture
def start(qtbot, quick_digits):
    """A function that makes the program's window; all that it made are closed."""
    made = []

    def window(**options):
        made.append(MainWindow(ThemeChoice.LIGHT, **options))
        qtbot.addWidget(made[-1])
        return made[-1]

    yield window
    for one in made:
        one.close()
        one.join()
        settle()


@pytest.mark.parametrize("available", [LAPTOP, FINE, LARGE, QRect(0, 0, 800, 600)])
def test_the_first_size_leaves_room_for_the_frame(available):
    size = first_size(available)
    assert available.contains(QRect(available.topLeft(), size.grownBy(FRAME)))
    assert size == USUAL_SIZE or available.height() - size.grownBy(FRAME).height() in (0, -1, 1)


def test_where_there_is_room_the_first_size_is_the_usual_one():
    assert first_size(LARGE) == USUAL_SIZE


def test_a_window_that_fits_stays_where_it_was():
    wanted = QRect(30, 50, 900, 600)
    assert brought_back(wanted, [LAPTOP, AT_THE_RIGHT]) == wanted
    there = wanted.translated(AT_THE_RIGHT.topLeft())
    assert brought_back(there, [LAPTOP, AT_THE_RIGHT]) == there


@pytest.mark.parametrize(
    "wanted",
    [
        QRect(1500, 100, 1400, 900),  # on a screen that is gone
        QRect(40, 60, 1400, 900),  # on one that was larger
        QRect(-3000, -2000, 700, 500),
        QRect(300, 0, 700, 500),  # no room for the title bar
        QRect(900, 500, 700, 500),  # a corner is seen
        QRect(0, 0, 9000, 9000),
    ],
)
@pytest.mark.parametrize("available", [LAPTOP, FINE, QRect(-1366, 100, 1366, 700)])
def test_a_window_is_brought_back_whole_with_its_frame(wanted, available):
    place = brought_back(wanted, [available])
    assert available.contains(place.marginsAdded(FRAME))
    for side in ("width", "height"):
        most = getattr(available.marginsRemoved(FRAME), side)()
        assert getattr(place, side)() == min(getattr(wanted, side)(), most)


def test_it_stays_on_the_screen_that_shows_most_of_it():
    place = brought_back(QRect(1300, 100, 1000, 600), [LAPTOP, AT_THE_RIGHT])
    assert place == QRect(1366 + FRAME.left(), 100, 1000, 600)


def test_the_first_window_fits_the_screen(start):
    window = start(remember=False)
    window.show()
    settle()
    assert window.screen().availableGeometry().contains(window.geometry())


def test_a_window_that_was_left_on_a_larger_screen_comes_back_whole(start):
    first = start()
    first.show()
    settle()
    first.setGeometry(QRect(QPoint(3000, 200), QSize(1400, 900)))
    settle()
    first.close()
    second = start()
    second.show()
    settle()
    assert second.screen().availableGeometry().contains(second.geometry().marginsAdded(FRAME))


@pytest.mark.parametrize("screen", [LAPTOP, FINE])
def test_axis_status_line_and_the_end_of_the_inspector_can_be_reached(
    start, make_model, qtbot, screen
):
    window = start(remember=False)
    window.resize(first_size(screen))
    window.show()
    with qtbot.waitSignal(window.opening.finished):
        window.open(make_model().path)
    window.workspace.viewpoint.select(5)
    settle()
    assert window.size() == first_size(screen)  # no part asks for more
    _assert_inside(window, window.plane)
    _assert_inside(window, window.status)
    assert window.plane.width() > 400
    assert window.plane.height() > 300 + BOTTOM_HEIGHT
    for panel in (window.inspector, window.left):
        panel.show()
        settle()
        _assert_inside(window, panel)
        for page in (panel, *panel.findChildren(QScrollArea)):
            if isinstance(page, QScrollArea) and page.isVisible():
                page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
                settle()
                last = page.widget()
                end = last.mapTo(panel, last.rect().bottomLeft()).y()
                assert end <= panel.rect().bottom()


def _assert_inside(window, part):
    assert part.isVisible()
    assert window.rect().contains(QRect(part.mapTo(window, QPoint(0, 0)), part.size()))

"""The steps of the first start, done by the hand."""

import pytest
from gui_helpers import make_digits, settle
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtTest import QTest

from vae_gui.app.main_window import MainWindow
from vae_gui.app.preferences import Preferences
from vae_gui.widgets.callout import INSIDE, placed


@pytest.fixture
def window(make_model, qtbot):
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1400, 900)
    made.show()
    made.workspace.document.open(make_model())
    made.workspace.document.set_test(make_digits())
    settle()
    yield made
    made.close()
    made.join()


def shown(tour):
    return tour.card.count.text(), tour.card.title.text(), tour.card.isVisible()


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def move_over(plane, steps):
    for step in range(steps):
        QTest.mouseMove(plane, QPoint(200 + 3 * step, 250))
        settle()


def test_each_step_is_done_by_the_hand(window, qtbot):
    tour, plane = window.tour, window.plane
    tour.start_once()
    assert shown(tour) == ("1 of 4", "Move the mouse over the plane.", True)
    move_over(plane, 3)
    assert not tour.card.title.text().startswith("✓")  # one has not seen that the digit follows
    move_over(plane, 40)
    assert tour.card.title.text() == "✓ Move the mouse over the plane."
    press(tour.card.go_on)
    assert shown(tour) == ("2 of 4", "Click, or drag the cross.", True)
    QTest.mouseClick(plane, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    assert tour.card.title.text() == "✓ Click, or drag the cross."
    press(tour.card.go_on)
    assert shown(tour) == ("3 of 4", "Double-click a point.", True)
    QTest.mouseDClick(plane, Qt.MouseButton.LeftButton, pos=QPoint(320, 300))
    assert tour.card.title.text() == "✓ Double-click a point."
    press(tour.card.go_on)
    assert shown(tour) == ("4 of 4", "Tick Manifold.", True)
    box = window.layers.rows["manifold"].box
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert tour.card.title.text() == "✓ Tick Manifold."
    assert tour.card.go_on.text() == "Done"
    press(tour.card.go_on)
    assert not tour.card.isVisible()


def test_a_step_that_is_done_stays_until_next_is_pressed(window, qtbot):
    """A card that went on by itself would do so under the hand that reaches for its button."""
    tour, plane = window.tour, window.plane
    tour.start()
    move_over(plane, 40)
    assert tour.card.title.text() == "✓ Move the mouse over the plane."
    move_over(plane, 40)
    assert not [timer for timer in tour.findChildren(QTimer) if timer.isActive()]
    assert shown(tour) == ("1 of 4", "✓ Move the mouse over the plane.", True)
    press(tour.card.go_on)
    assert shown(tour) == ("2 of 4", "Click, or drag the cross.", True)


def test_escape_closes_it_and_then_means_what_it_means_elsewhere(window):
    window.tour.start_once()
    QTest.keyClick(window.plane, Qt.Key.Key_F11)
    QTest.keyClick(window.plane, Qt.Key.Key_Escape)  # one thing at a time: back to the window
    assert not window.isFullScreen()
    assert window.tour.card.isVisible()
    QTest.keyClick(window.plane, Qt.Key.Key_Escape)
    assert not window.tour.card.isVisible()
    assert Preferences().has_seen_tour
    window.tour.start_once()
    assert not window.tour.card.isVisible()


def test_the_tip_touches_what_each_step_is_about_and_the_card_does_not_cover_it(window):
    tour, ground = window.tour, window
    tour.start()
    for _ in range(4):
        settle()
        target = tour.step.target
        aim = QRect(target.mapTo(ground, QPoint()), target.size())
        assert aim.adjusted(-2, -2, 2, 2).contains(tour.card.tip)
        assert not tour.card.geometry().intersects(aim.intersected(ground.rect()))
        assert ground.rect().contains(tour.card.geometry())
        tour.card.go_on.click()


def test_the_card_keeps_its_place_while_the_window_changes(window):
    window.tour.start()
    window.resize(1200, 760)
    settle()
    target, ground = window.tour.step.target, window
    aim = QRect(target.mapTo(ground, QPoint()), target.size())
    assert aim.adjusted(-2, -2, 2, 2).contains(window.tour.card.tip)


def test_once_closed_it_comes_only_when_asked_for(window, qtbot):
    window.tour.start_once()
    press(window.tour.card.close_button)
    assert window.tour.step is None
    window.tour.start_once()
    assert not window.tour.card.isVisible()
    assert Preferences().has_seen_tour
    QTest.keyClick(window.plane, Qt.Key.Key_F1)
    assert shown(window.tour) == ("1 of 4", "Move the mouse over the plane.", True)


def test_the_keys_stay_with_the_plane(window):
    window.plane.setFocus()
    window.tour.start()
    before = window.workspace.viewpoint.probe
    press(window.tour.card.go_on)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    assert window.focusWidget() is window.plane
    assert (window.workspace.viewpoint.probe != before).any()


def test_without_room_beside_its_aim_a_card_points_at_nothing():
    bounds = QRect(0, 0, 300, 300)
    place, side = placed(QSize(250, 200), QRect(20, 60, 260, 200), bounds)
    assert side == INSIDE
    assert bounds.contains(QRect(place, QSize(250, 200)))

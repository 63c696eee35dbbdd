"""The digit that floats over the plane: where it is, what it shows, and that it is in no way."""

import numpy as np
import pytest
from gui_helpers import mouse, settle
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from vae_gui.plane.floating_digit import FloatingDigit, beside_the_cursor, farthest_corner
from vae_gui.widgets.digit_view import DigitView

ROOM, SIZE = QRect(50, 0, 600, 400), QSize(86, 86)
MOVE = QEvent.Type.MouseMove


@pytest.fixture
def source(qtbot):
    view = DigitView("source", 28)
    qtbot.addWidget(view)
    view.show_levels(np.full((28, 28), 200, dtype=np.uint8))
    return view


@pytest.fixture
def floating(plane, source):
    return FloatingDigit(source, plane)


@pytest.mark.parametrize("place", [beside_the_cursor, farthest_corner])
def test_it_is_inside_and_never_under_the_cursor(place):
    for x in range(50, 650, 7):
        for y in range(0, 400, 7):
            at = QRect(place(QPointF(x, y), ROOM, SIZE), SIZE)
            assert ROOM.contains(at)
            assert not at.contains(x, y)


def test_the_corner_is_the_farthest_one():
    for x in range(50, 650, 31):
        for y in range(0, 400, 31):
            middle = QPointF(QRect(farthest_corner(QPointF(x, y), ROOM, SIZE), SIZE).center())
            distance = np.hypot(middle.x() - x, middle.y() - y)
            corners = [(105, 55), (595, 55), (105, 345), (595, 345)]
            assert distance >= max(np.hypot(x - cx, y - cy) for cx, cy in corners) - 2.0


def test_it_follows_the_cursor_and_flips_at_the_edges(plane, floating):
    floating.place(beside_the_cursor)
    mouse(plane, MOVE, QPointF(300.0, 250.0))
    assert floating.isVisible()
    assert floating.x() > 300
    assert floating.geometry().bottom() < 250
    mouse(plane, MOVE, QPointF(690.0, 10.0))
    assert floating.geometry().right() < 690
    assert floating.y() > 10
    room = plane.contentsRect()
    assert room.contains(floating.geometry())


def test_it_goes_when_the_cursor_leaves_and_when_it_is_told(plane, floating):
    floating.place(beside_the_cursor)
    mouse(plane, MOVE, QPointF(300.0, 250.0))
    QApplication.sendEvent(plane, QEvent(QEvent.Type.Leave))
    assert floating.isHidden()
    mouse(plane, MOVE, QPointF(300.0, 250.0))
    assert floating.isVisible()
    floating.place(None)
    assert floating.isHidden()
    mouse(plane, MOVE, QPointF(310.0, 250.0))
    assert floating.isHidden()


def test_it_shows_what_its_source_shows(plane, floating, source):
    floating.place(farthest_corner)
    assert floating.isVisible()
    np.testing.assert_array_equal(floating.levels, source.levels)
    source.show_levels(np.eye(28, dtype=np.uint8))
    np.testing.assert_array_equal(floating.levels, np.eye(28))
    source.clear()
    assert floating.isHidden()
    source.show_levels(np.eye(28, dtype=np.uint8))
    assert floating.isVisible()


def test_a_corner_keeps_its_distance_when_the_plane_or_the_digit_grows(plane, floating):
    floating.place(farthest_corner)
    QApplication.sendEvent(plane, QEvent(QEvent.Type.Leave))  # wherever other tests left the cursor
    right = plane.width() - floating.geometry().right()
    plane.resize(900, 700)
    settle()
    assert plane.width() - floating.geometry().right() == right
    floating.set_side(5 * 28)
    assert floating.size() == QSize(142, 142)
    assert plane.width() - floating.geometry().right() == right


def test_the_mouse_goes_through_it(plane, floating, workspace):
    floating.place(farthest_corner)
    inside = floating.geometry().center()
    assert plane.window().childAt(plane.mapTo(plane.window(), inside)) in (None, plane)
    QTest.mouseClick(plane.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(inside))
    settle()
    expected = plane.view().to_plane(inside.x(), inside.y())
    np.testing.assert_allclose(workspace.viewpoint.probe, expected)

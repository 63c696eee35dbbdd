"""The picture under the marks: painted once, whatever the screen's scale."""

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from vae_gui.plane.backdrop import StillPicture
from vae_gui.plane.viewport import Bounds, View

BOUNDS = Bounds(0.0, 796.0, 0.0, 799.0)


@pytest.fixture
def widget(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(796, 799)
    return made


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_it_is_painted_once_until_something_changes(widget, ratio):
    painted = []

    def paint(painter):
        painted.append(1)
        painter.fillRect(widget.rect(), QColor("red"))

    picture = StillPicture(widget, paint)
    screen = QImage(1600, 1600, QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(ratio)

    def draw(per_unit=1.0):
        screen.fill(QColor("white"))
        painter = QPainter(screen)
        picture.draw(painter, QRegion(widget.rect()), View(BOUNDS, 0.0, 0.0, per_unit, ratio))
        painter.end()
        return len(painted)

    assert [draw() for _ in range(3)] == [1, 1, 1]
    side = int(790 * ratio)
    assert screen.pixelColor(0, 0) == screen.pixelColor(side, side) == QColor("red")
    assert draw(2.0) == 2
    assert draw() == 3
    widget.resize(797, 799)
    assert [draw(), draw()] == [4, 4]
    picture.forget()
    assert [draw(), draw()] == [5, 5]

"""The picture under the marks: painted once, whatever the screen's scale."""

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QRegion, QTransform
from PySide6.QtWidgets import QWidget

from vae_gui.plane.backdrop import StillPicture


@pytest.fixture
def widget(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(796, 799)
    return made


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_it_is_painted_once_until_something_changes(widget, monkeypatch, ratio):
    painted = []

    def paint(painter):
        painted.append(1)
        painter.fillRect(widget.rect(), QColor("red"))

    monkeypatch.setattr(widget, "devicePixelRatioF", lambda: ratio)
    picture = StillPicture(widget, paint)
    screen = QImage(1600, 1600, QImage.Format.Format_RGB32)
    screen.setDevicePixelRatio(ratio)

    def draw(mapping=None):
        screen.fill(QColor("white"))
        painter = QPainter(screen)
        picture.draw(painter, QRegion(widget.rect()), mapping or QTransform())
        painter.end()
        return len(painted)

    assert [draw() for _ in range(3)] == [1, 1, 1]
    side = int(790 * ratio)
    assert screen.pixelColor(0, 0) == screen.pixelColor(side, side) == QColor("red")
    assert draw(QTransform.fromScale(2.0, 2.0)) == 2
    assert draw() == 3
    widget.resize(797, 799)
    assert [draw(), draw()] == [4, 4]
    picture.forget()
    assert [draw(), draw()] == [5, 5]

"""A page that is made when it is first seen."""

from PySide6.QtWidgets import QLabel, QStackedWidget

from vae_gui.widgets.late_page import LatePage


def test_it_is_made_once_when_it_is_first_shown(qtbot):
    made = []

    def make():
        made.append(QLabel("here"))
        return made[-1]

    stack, late = QStackedWidget(), LatePage(make)
    qtbot.addWidget(stack)
    told = []
    late.made.connect(told.append)
    stack.addWidget(QLabel("first"))
    stack.addWidget(late)
    stack.show()
    assert made == []
    stack.setCurrentIndex(1)
    assert made[0].isVisible()
    qtbot.waitUntil(lambda: made[0].size() == late.size())
    stack.setCurrentIndex(0)
    stack.setCurrentIndex(1)
    assert (len(made), told) == (1, made)


def test_whoever_asks_for_it_has_it_made(qtbot):
    late = LatePage(lambda: QLabel("here"))
    qtbot.addWidget(late)
    assert late.content.text() == "here"
    late.show()
    assert late.content.isVisible()

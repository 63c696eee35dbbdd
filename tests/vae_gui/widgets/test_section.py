from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from vae_gui.widgets.section import Section


def test_a_section_folds_by_click_and_by_key_and_says_so(qtbot):
    content = QLabel("inside")
    section = Section("Nearest test digits", content)
    qtbot.addWidget(section)
    section.show()
    assert content.isVisible()
    QTest.mouseClick(section.heading, Qt.MouseButton.LeftButton)
    assert not content.isVisible()
    section.heading.setFocus()
    QTest.keyClick(section.heading, Qt.Key.Key_Space)
    assert content.isVisible()
    assert section.heading.accessibleName() == "Nearest test digits"

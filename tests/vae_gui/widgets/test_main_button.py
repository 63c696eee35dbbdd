import pytest
from gui_helpers import settle
from PySide6.QtGui import QPalette

from vae_gui.style import theme
from vae_gui.style.palette import DARK, LIGHT
from vae_gui.widgets.main_button import MainButton


@pytest.mark.parametrize("looks", [(LIGHT, DARK), (DARK, LIGHT)])
def test_it_has_the_accent_of_every_theme(qtbot, qapp, looks):
    button = MainButton("Start")  # made before the theme is known, as the window is
    qtbot.addWidget(button)
    button.show()
    try:
        for look in looks:
            theme.apply(qapp, look)
            settle()
            palette = button.palette()
            assert palette.color(QPalette.ColorRole.Button).name() == look.accent
            assert palette.color(QPalette.ColorRole.ButtonText).name() == look.on_accent
    finally:
        theme.apply(qapp, LIGHT)

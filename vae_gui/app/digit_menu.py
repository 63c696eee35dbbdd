"""The menu of what the inspector shows: decoded digit, chosen digit, ranking."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from vae_gui.panels.decoded_as import DecodedAs
from vae_gui.panels.digit_panel import DRAWN, MEAN
from vae_gui.panels.inspector import Inspector

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow


def add_digit_menu(window: "QMainWindow", inspector: Inspector) -> None:
    """Add the menu; each action does what a control of the inspector does."""
    menu = window.menuBar().addMenu("&Digit")
    look, reconstruct = inspector.probe.decoded_as.choose, inspector.chosen.from_what.choose
    for group in (
        (
            ("Decoded digit: the &mean", "M", lambda: look(DecodedAs.MEAN)),
            ("Decoded digit: a &sample", "S", lambda: look(DecodedAs.SAMPLE)),
            ("Decoded digit: the &threshold", "H", lambda: look(DecodedAs.THRESHOLD)),
        ),
        (
            ("&Reconstruct from the mean", "Shift+Q", lambda: reconstruct(MEAN)),
            ("Reconstruct from a &draw of q(z|x)", "Q", lambda: reconstruct(DRAWN)),
        ),
        (
            ("&Go to test digit…", "Ctrl+G", inspector.ask_for_index),
            ("&Next in the ranking", "N", lambda: inspector.walk_ranking(1)),
            ("&Previous in the ranking", "Shift+N", lambda: inspector.walk_ranking(-1)),
        ),
    ):
        for title, key, do in group:
            action = menu.addAction(title)
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _=False, do=do: do())
        menu.addSeparator()
    looks, sources = inspector.probe.decoded_as.buttons, inspector.chosen.from_what.buttons
    for button, key in (
        (looks[DecodedAs.MEAN], "M"),
        (looks[DecodedAs.SAMPLE], "S"),
        (looks[DecodedAs.THRESHOLD], "H"),
        (sources[MEAN], "Shift+Q"),
        (sources[DRAWN], "Q"),
    ):
        button.setToolTip(f"{button.toolTip()} ({key})")

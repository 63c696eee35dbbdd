"""Text in its few roles, so that the same thing looks the same everywhere."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel


def label(role: str, text: str = "", *, wrap: bool = True) -> QLabel:
    """A label that shows plain text: what a file says is never taken for mark-up.

    Args:
        role: "title", "section", "caption" or "text"; the theme's style sheet knows the roles.
        text: its text.
        wrap: whether long text goes on in a second line.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def rule() -> QFrame:
    """A hairline between two parts of a panel."""
    made = QFrame()
    made.setProperty("role", "rule")
    made.setFixedHeight(1)
    return made


def edge() -> QFrame:
    """A hairline between two panels that stand side by side."""
    made = QFrame()
    made.setProperty("role", "edge")
    made.setFixedWidth(1)
    return made

"""Labels and lines in a few roles, so that each looks the same everywhere."""

from functools import lru_cache
from textwrap import fill
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QWidget

_Widget = TypeVar("_Widget", bound=QWidget)

TIP_WIDTH = 60  # characters, the longest line that is read with ease

_MUTED = ("section", "caption")
_BOLD = ("section", "title")


def label(role: str, text: str = "", *, wrap: bool = True) -> QLabel:
    """A label that shows plain text: the contents of a file are never taken for markup.

    Args:
        role: "title" is bold, "caption" is muted, "section" is both, "text" is neither.
        text: its text.
        wrap: whether long text goes on in a second line.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    dress(made, role)
    return made


def dress(widget: QWidget, role: str) -> None:
    """Give a widget the font and the colour of a role."""
    if role in _BOLD:
        font = widget.font()
        font.setBold(True)
        widget.setFont(font)
    if role in _MUTED:
        widget.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def rule() -> QFrame:
    """A hairline between two parts, one above the other."""
    made = filled(QFrame(), QPalette.ColorRole.Mid)
    made.setFixedHeight(1)
    return made


def filled(widget: _Widget, role: QPalette.ColorRole) -> _Widget:
    """Fill a widget's ground with the palette's colour of a role; return the widget."""
    widget.setBackgroundRole(role)
    widget.setAutoFillBackground(True)
    return widget


@lru_cache(maxsize=256)  # layers explain themselves at each change
def wrapped(text: str) -> str:
    """A tooltip's text in lines of at most 60 characters: Qt would make one line of it."""
    return "\n".join(fill(part, TIP_WIDTH) for part in text.split("\n"))

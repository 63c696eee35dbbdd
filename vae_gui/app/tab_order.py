"""The order in which Tab goes through the window."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def chain(parts: Iterable[QWidget]) -> None:
    """Let Tab go through some parts of a window, one after the other, each from top to bottom."""
    stops = [widget for part in parts for widget in tab_stops(part)]
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def tab_stops(part: QWidget) -> list[QWidget]:
    """What Tab stops at in a part of the window, itself included, hidden or not."""
    inside = [part, *part.findChildren(QWidget)]
    window = part.window()  # menus and lists that pop up are windows of their own
    return [widget for widget in inside if widget.window() is window and _takes_tab(widget)]


def _takes_tab(widget: QWidget) -> bool:
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(takes) and widget.focusProxy() is None

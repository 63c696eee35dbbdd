"""The place of the planes in the window: one, or two of the same width side by side."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.app.floating_bars import FloatingBars
from vae_gui.widgets.action_button import ActionRow

GAP = 6  # between two planes, in pixels
_TOOLS = ("undo", "redo"), ("zoom_out", "zoom_in", "fit"), ("alone", "keys")


def tools_of(actions: Mapping[str, QAction]) -> ActionRow:
    """A row of the buttons above a plane, from the window's actions by name."""
    return ActionRow([[actions[name] for name in group] for group in _TOOLS])


class Planes(QWidget):
    """What stands above, the planes under their headings, and what stands below.

    Both planes have the same width always: only so do equal distances look equal.

    Attributes:
        above: what stands above the planes: a header.
        below: what stands below them.
    """

    def __init__(self, header: QWidget, plane: QWidget, parent: QWidget | None = None) -> None:
        """Show one plane under a header."""
        super().__init__(parent)
        self._header = header
        self.above, self.below = QWidget(), QWidget()
        for stack in (self.above, self.below):
            inside = QVBoxLayout(stack)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(0)
        self.add_above(header)
        self._columns = QHBoxLayout()
        self._columns.setSpacing(GAP)
        self._first = QVBoxLayout()
        self._first.setSpacing(0)
        self._first.addWidget(plane, 1)
        self._columns.addLayout(self._first, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.above)
        layout.addLayout(self._columns, 1)
        layout.addWidget(self.below)
        self._bars = FloatingBars(self, self.above)
        self._second: list[QWidget] = []  # all that is shown only beside a second plane

    def add_above(self, part: QWidget) -> None:
        """Put a part above the planes, under what is there."""
        self._add_to(self.above, part)

    def add_below(self, part: QWidget) -> None:
        """Put a part below the planes, under what is there."""
        self._add_to(self.below, part)

    def add_bar(self, bar: QWidget) -> None:
        """Let a bar float over all this while it is shown: the planes keep their places."""
        self._bars.add(bar)

    def add_second(self, headings: tuple[QWidget, QWidget], plane: QWidget) -> None:
        """Put a second plane beside the first, hidden, and a heading above each."""
        column = QWidget()
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(headings[1])
        inside.addWidget(plane, 1)
        self._first.insertWidget(0, headings[0])
        self._columns.addWidget(column, 1)
        self._second += [headings[0], column]

    def add_for_two(self, above: QWidget, below: QWidget) -> None:
        """Put parts above, in the header's place, and below that belong to two planes, hidden."""
        self.add_above(above)
        self.add_below(below)
        self._second += [above, below]

    def show_two(self, two: bool) -> None:
        """Show both planes with all that belongs to them, or the first one alone."""
        self._header.setVisible(not two)
        for part in self._second:
            part.setVisible(two)

    def _add_to(self, stack: QWidget, part: QWidget) -> None:
        layout = stack.layout()
        assert layout is not None
        layout.addWidget(part)

"""The line at the foot of the window: a hint, and the progress of jobs."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

MARGIN, GAP = 16, 24
HEIGHT = 26

HINT = (
    "Hover to peek  ·  click or drag to move the probe  ·  double-click for the nearest test "
    "digit  ·  wheel to zoom  ·  ? for all keys"
)


class StatusLine(QWidget):
    """A hint on the left, cut short where there is no room for it; progress on the right.

    Of several jobs that report progress, the most important one is shown.
    """

    def __init__(self, reporters: Sequence[str], parent: QWidget | None = None) -> None:
        """Make an empty line for the jobs that report, the most important one first."""
        super().__init__(parent)
        self._reports = dict.fromkeys(reporters, "")
        self._hint = HINT
        self._hovered = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._say()

    @property
    def progress(self) -> str:
        """The progress shown; empty when no job is under way."""
        return next((text for text in self._reports.values() if text), "")

    def report(self, who: str, text: str) -> None:
        """Show a job's progress; empty text ends it."""
        if self._reports[who] != text:
            self._reports[who] = text
            self._say()

    def set_hint(self, hint: str) -> None:
        """Say what the hand can do with another tool; empty: with the usual one."""
        self._hint = hint or HINT
        self._say()

    def show_hovered(self, words: str) -> None:
        """Say what is under the cursor, in the hint's place; empty: the hint again."""
        if words != self._hovered:
            self._hovered = words
            self._say()

    @property
    def words(self) -> str:
        """What stands on the left: what is under the cursor, or the hint."""
        return self._hovered or self._hint

    def sizeHint(self) -> QSize:
        """One line, as wide as there is room."""
        return QSize(0, max(HEIGHT, self.fontMetrics().height() + 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the progress, and as much of the hint as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        inside = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignRight, self.progress)
        taken = self.fontMetrics().horizontalAdvance(self.progress)
        room = inside.width() - (taken + GAP if taken else 0)
        hint = self.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(QRect(inside.left(), 0, room, self.height()), middle, hint)

    def _say(self) -> None:
        self.setAccessibleName(self.progress or self.words)
        self.update()

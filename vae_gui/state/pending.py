"""What is still on its way: the one answer to whether all is settled."""

from PySide6.QtCore import QObject, Signal


class Pending(QObject):
    """Those who have begun work whose result will be seen.

    Signals:
        settled: nothing is on its way any more.
    """

    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._working: set[object] = set()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is on its way."""
        return not self._working

    def set_working(self, who: object, working: bool) -> None:
        """Say whether somebody has begun work, or has ended it."""
        if working:
            self._working.add(who)
        elif who in self._working:
            self._working.discard(who)
            if not self._working:
                self.settled.emit()

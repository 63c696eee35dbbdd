"""A limit on how often a function is called."""

import random
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

# Random, since several panels with the same pause would fall due at the same moment again and
# again, and make one paint in twenty three times as long as the others.
PAUSES_MS = range(40, 60)


class Throttle(QObject):
    """Calls a function at once after a rest, or else at the end of a pause; no last call is lost.

    It is meant for numbers in panels, which need not be painted with the digit at each move of the
    hand: they follow some twenty times a second.
    """

    def __init__(self, function: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._function = function
        self._is_wanted = False
        self._pause = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self.catch_up)

    def call(self) -> None:
        """Call the function now or soon."""
        if self._pause.isActive():
            self._is_wanted = True
        else:
            self._run()

    def catch_up(self) -> None:
        """Make the call that waits, if one does: what it leads to is to be seen now."""
        if self._is_wanted:
            self._run()

    def _run(self) -> None:
        self._is_wanted = False
        self._pause.start(random.choice(PAUSES_MS))
        self._function()

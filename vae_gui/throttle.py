"""Not more often than one can read."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

PAUSE_MS = 50


class Throttle(QObject):
    """Calls a function at once after a rest, else at the end of a pause: the last call is made.

    For what need not be painted with the digit at each move of the hand, though it must keep up:
    numbers in a panel, twenty times a second.
    """

    def __init__(self, function: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._function = function
        self._is_wanted = False
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._end)

    def call(self) -> None:
        """Call the function now or soon."""
        if self._pause.isActive():
            self._is_wanted = True
        else:
            self._run()

    def _end(self) -> None:
        if self._is_wanted:
            self._run()

    def _run(self) -> None:
        self._is_wanted = False
        self._pause.start()
        self._function()

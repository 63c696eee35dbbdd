"""The room in which a digit is as large as whole pixels allow."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_gui.widgets.digit_view import SIDE, DigitView

LEAST = 4  # times 28 pixels


def side_in(width: int, height: int) -> int:
    """The side of the largest digit in a room: a multiple of 28 pixels, and not under the least."""
    return SIDE * max(LEAST, min(width, height) // SIDE)


class DigitRoom(QWidget):
    """Keeps a view of a digit at a multiple of 28 pixels, at the top, in the middle or at the left.

    The side changes in steps, so that the pixels of the digit stay squares of one size.
    """

    def __init__(self, digit: DigitView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digit = digit
        self._alignment = Qt.AlignmentFlag.AlignHCenter
        digit.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def align(self, alignment: Qt.AlignmentFlag) -> None:
        """Place the digit at the left, or in the middle."""
        self._alignment = alignment
        self._place()

    def minimumSizeHint(self) -> QSize:
        """The least digit."""
        return QSize(LEAST * SIDE, LEAST * SIDE)

    def sizeHint(self) -> QSize:
        """The least digit: more room is taken where there is some."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the new room."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        side = side_in(self.width(), self.height())
        self._digit.resize_to(side)
        in_the_middle = self._alignment == Qt.AlignmentFlag.AlignHCenter
        self._digit.move((self.width() - side) // 2 if in_the_middle else 0, 0)

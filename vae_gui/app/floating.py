"""When the decoded digit floats over the plane, and how large it is."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.plane.floating_digit import (
    FloatingDigit,
    Placing,
    beside_the_cursor,
    beside_the_cursor_or_in_a_corner,
    farthest_corner,
)
from vae_gui.widgets.digit_view import SIDE

PART = 0.25  # of the plane's height, in a corner
BESIDE = 3 * SIDE  # pixels, beside the cursor: more would hide what lies around it


class Floating(QObject):
    """Beside the cursor if the user wants it there; else in a corner while the inspector is folded.

    In a corner it is a quarter as high as the plane, in whole pixels for each of its own.
    """

    def __init__(
        self, digit: FloatingDigit, plane: QWidget, inspector: QAction, beside: QAction
    ) -> None:
        """Follow two actions.

        Args:
            digit: what floats.
            plane: what it floats over.
            inspector: checked while the inspector, with the digit itself, is unfolded.
            beside: checked while the digit is wanted beside the cursor.
        """
        super().__init__(plane)
        self._digit = digit
        self._plane = plane
        self._inspector = inspector
        self._beside = beside
        self._stays = False
        plane.installEventFilter(self)
        for action in (inspector, beside):
            action.toggled.connect(self._place)
        self._place()

    def stay(self, stays: bool) -> None:
        """Float whether the inspector is folded or not; or only while it is."""
        self._stays = stays
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the plane."""
        if event.type() is QEvent.Type.Resize:
            self._digit.set_side(self._side())
        return False

    def _place(self) -> None:
        self._digit.set_side(self._side())
        self._digit.place(self._placing())

    def _placing(self) -> Placing | None:
        in_corner = self._stays or not self._inspector.isChecked()
        if self._beside.isChecked():
            return beside_the_cursor_or_in_a_corner if self._stays else beside_the_cursor
        return farthest_corner if in_corner else None

    def _side(self) -> int:
        if self._beside.isChecked():
            return BESIDE
        return max(BESIDE, round(PART * self._plane.height() / SIDE) * SIDE)

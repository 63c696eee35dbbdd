"""The button that zooms to the posterior, and back."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

ZOOM, BACK = "Zoom to it", "Zoom back"
TIP = "Show the posterior, and what is held against it, as large as can be; or go back (Z)"


class ZoomButton(QPushButton):
    """It says what it does next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(ZOOM, parent)
        self.setToolTip(TIP)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_zoom(self, *, is_in: bool, is_possible: bool) -> None:
        """Offer to go back, or to zoom if there is something to zoom to."""
        self.setText(BACK if is_in else ZOOM)
        self.setEnabled(is_in or is_possible)

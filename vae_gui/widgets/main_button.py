"""The one button of a panel that calls for the hand."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget


class MainButton(QPushButton):
    """A button in the accent's colour while it can be pressed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme, and whether it can be pressed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ApplicationPaletteChange:
            self._colour()

    def _colour(self) -> None:
        palette, role = QPalette(), QPalette.ColorRole
        group = QPalette.ColorGroup
        for of in (group.Active, group.Inactive):
            palette.setColor(of, role.Button, palette.color(role.Highlight))
            palette.setColor(of, role.ButtonText, palette.color(role.HighlightedText))
        self.setPalette(palette)

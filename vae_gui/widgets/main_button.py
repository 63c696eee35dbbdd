"""The one button of a panel that calls for the hand."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget


class MainButton(QPushButton):
    """A button in the accent's colour while it can be pressed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        theme, role = QApplication.palette(), QPalette.ColorRole
        accent = theme.color(role.Highlight)
        if self.palette().color(QPalette.ColorGroup.Active, role.Button) == accent:
            return  # it is this that has changed the palette
        palette = QPalette()  # all other colours go on to follow the theme
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, role.Button, accent)
            palette.setColor(group, role.ButtonText, theme.color(role.HighlightedText))
        self.setPalette(palette)

"""The theme of a window: the user's choice, the system's, and the colours that follow from them."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from vae_gui.app.preferences import Preferences
from vae_gui.style import theme
from vae_gui.style.palette import Theme
from vae_gui.style.theme import ThemeChoice


class Look(QObject):
    """Gives the application the colours of the chosen theme, and follows the system's.

    Signals:
        changed: there are other colours; those who paint by themselves take them.
    """

    changed = Signal()

    def __init__(
        self, choice: ThemeChoice | None, preferences: Preferences, parent: QObject
    ) -> None:
        """Begin with a choice for this window alone, or with the one that is remembered."""
        super().__init__(parent)
        self._preferences = preferences
        self.choice = choice or preferences.theme
        QGuiApplication.styleHints().colorSchemeChanged.connect(self.apply)

    @property
    def theme(self) -> Theme:
        """The colours of the choice, as the system is now."""
        return theme.resolve(self.choice)

    def choose(self, choice: ThemeChoice) -> None:
        """Choose another theme and remember it."""
        self.choice = self._preferences.theme = choice
        self.apply()

    def apply(self) -> None:
        """Give everything the colours."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, self.theme)
        self.changed.emit()

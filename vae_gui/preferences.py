"""What the window remembers from one start to the next."""

from pathlib import Path

from PySide6.QtCore import QSettings

from vae_gui.theme import ThemeChoice

MAX_RECENT = 10


class Preferences:
    """The recent files and the choice of theme. What is stored is not trusted."""

    def __init__(self) -> None:
        self._store = QSettings()

    @property
    def recent_files(self) -> list[Path]:
        """The files opened last that still exist, newest first."""
        stored = self._store.value("recent_files", [])
        names = [stored] if isinstance(stored, str) else stored
        if not isinstance(names, list):
            return []
        return [Path(name) for name in names if isinstance(name, str) and Path(name).exists()]

    def add_recent_file(self, path: Path) -> None:
        """Put a file at the top of the list."""
        path = path.resolve()
        others = [other for other in self.recent_files if other != path]
        self._store.setValue("recent_files", [str(p) for p in [path, *others][:MAX_RECENT]])

    def forget_recent_files(self) -> None:
        """Empty the list."""
        self._store.remove("recent_files")

    @property
    def theme(self) -> ThemeChoice:
        """The theme the user chose."""
        stored = str(self._store.value("theme", ""))
        return ThemeChoice(stored) if stored in list(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", str(choice))

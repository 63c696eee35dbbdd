"""The short list that a key opens: what the open model can be compared with."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from model import assets
from model.printable import printable
from vae_gui.app.asking import Asking
from vae_gui.app.preferences import Preferences

TITLE = "Compare with"
BUNDLED = (("The &paper's network", assets.PAPER), ("The &bundled model", assets.PRETRAINED))
MOST_RECENT = 5


class ComparisonChoice:
    """Offers what comes with the program, the files that were open last, and to look for others."""

    def __init__(
        self,
        plane: QWidget,
        preferences: Preferences,
        asking: Asking,
        compare: Callable[[Path], object],
    ) -> None:
        """Open the list over a plane; `compare` is called with what is chosen."""
        self._plane = plane
        self._preferences = preferences
        self._asking = asking
        self._compare = compare
        self._menu: QMenu | None = None

    def ask(self) -> None:
        """Open the list in the middle of the plane; its first row is marked, for Enter."""
        if self._menu is not None:
            self._menu.deleteLater()
        menu = self._menu = QMenu(self._plane)
        menu.setAccessibleName(TITLE)
        menu.addAction(TITLE).setEnabled(False)
        menu.addSeparator()
        first, *_ = [self._add(title, partial(self._compare, path)) for title, path in BUNDLED]
        menu.addSeparator()
        for path in self._preferences.recent_files[:MOST_RECENT]:
            self._add(printable(path).replace("&", "&&"), partial(self._compare, path))
        menu.addSeparator()
        self._add("A &checkpoint…", partial(self._asking.for_file, self._compare, "Compare"))
        self._add("A &run folder…", partial(self._asking.for_run, self._compare, "Compare"))
        size = menu.sizeHint()
        corner = self._plane.rect().center()
        corner.setX(corner.x() - size.width() // 2)
        corner.setY(corner.y() - size.height() // 2)
        menu.popup(self._plane.mapToGlobal(corner))
        menu.setActiveAction(first)

    def _add(self, title: str, do: Callable[[], object]) -> QAction:
        assert self._menu is not None
        made = self._menu.addAction(title)
        made.triggered.connect(lambda _=False: do())
        return made

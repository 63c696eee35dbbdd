"""The game "Which pixel next?" in the window: made when it is first played, and connected."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QStackedWidget, QWidget

from vae_gui.app.action import Action, Menu
from vae_gui.state.game import Game
from vae_gui.state.observation import Sketch
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import CLASS_COUNT

if TYPE_CHECKING:
    from vae_gui.jobs.loading_digits import LoadingDigits
    from vae_gui.jobs.playing import Playing
    from vae_gui.panels.game.page import GamePage

FIRST_GAMES = 999


class GamePlace(QObject):
    """The game takes the place of the page Evidence, and gives it back as it was.

    While it is seen, the keys of digits guess, and do not hide classes.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
        grew (QWidget): a part was added after the window was built.
    """

    failed = Signal(str, Exception)
    grew = Signal(QWidget)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.game = Game(random.randint(1, FIRST_GAMES), self)
        self.page: GamePage | None = None
        self._playing: Playing | None = None
        self._pages: QStackedWidget | None = None
        self._loading: LoadingDigits | None = None

    @property
    def is_seen(self) -> bool:
        """Whether the game is on the screen."""
        return self.game.is_seen

    def take(self, pages: QStackedWidget, loading: "LoadingDigits") -> None:
        """Know where the page goes: above the canvas's."""
        self._pages, self._loading = pages, loading

    def enter(self) -> None:
        """Show the game."""
        assert self._pages is not None
        self._pages.setCurrentWidget(self.page or self._make())

    def leave(self) -> None:
        """Show the canvas again, as it was. The game can go on later."""
        if self._pages is not None:
            self._pages.setCurrentIndex(0)

    def close(self) -> None:
        """The window goes."""
        if self._playing is not None:
            self._playing.close()

    def rows(self, enter: Callable[[], None]) -> tuple[Action | Menu, ...]:
        """The game, and the ten guesses."""

        def guess(label: int) -> Action:
            do = partial(self.game.guess, label)
            return Action(f"guess_{label}", str(label), do, (str(label),), "Guess, in the game")

        return (
            Action("game", "Play: which pixel &next?", enter, ("Ctrl+P",)),
            Menu("&Guess", [guess(label) for label in range(CLASS_COUNT)]),
        )

    def take_keys(self, actions: Mapping[str, QAction]) -> None:
        """Let the keys of digits guess while the game is seen, and switch classes otherwise."""

        def show() -> None:
            has_digits = self._workspace.document.test is not None
            for label in range(CLASS_COUNT):
                actions[f"class_{label}"].setEnabled(has_digits and not self.is_seen)
                actions[f"guess_{label}"].setEnabled(self.is_seen)

        self.game.changed.connect(show)
        self._workspace.document.test_changed.connect(show)
        show()

    def _put_on_the_canvas(self, sketch: Sketch) -> None:
        self.leave()
        self._workspace.observation.restore(sketch)
        self._workspace.viewpoint.inference.pixel_map.switch(True)

    def _make(self) -> QWidget:
        from vae_gui.jobs.playing import Playing
        from vae_gui.panels.game.page import GamePage

        assert self._pages is not None
        assert self._loading is not None
        workspace, viewpoint = self._workspace, self._workspace.viewpoint
        self._playing = Playing(workspace, viewpoint, self._loading, self.game, self)
        self._playing.failed.connect(self.failed)
        self.page = GamePage(self.game, viewpoint)
        self.page.left.connect(self.leave)
        self.page.shown.connect(self._put_on_the_canvas)
        self._pages.addWidget(self.page)
        self.grew.emit(self.page)
        return self.page

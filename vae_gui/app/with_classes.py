"""All that a model with classes brings to the window: their planes, analogies and flights."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action, Menu
from vae_gui.app.analogies_place import AnalogiesPlace
from vae_gui.app.classes_place import ClassesPlace
from vae_gui.app.comparison_place import ComparisonPlace
from vae_gui.app.flying_place import FlyingPlace
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.preferences import Preferences
from vae_gui.app.status_line import StatusLine
from vae_gui.jobs.class_choosing import ClassChoosing
from vae_gui.panels.inspector import Inspector
from vae_gui.state.game import Game
from vae_gui.state.workspace import Workspace


class WithClasses:
    """The places of a model with classes, to be built, enabled and closed together.

    Attributes:
        planes: the strip of ten digits, the keys that choose a plane, and the page Classes.
        analogies: their table, and the picture of them.
        flights: through z, and their film.
    """

    def __init__(
        self,
        window: QWidget,
        workspace: Workspace,
        inspector: Inspector,
        choosing: ClassChoosing,
        preferences: Preferences,
        messages: MessageBar,
        status: StatusLine,
    ) -> None:
        bars = preferences, messages, status
        self.planes = ClassesPlace(workspace, inspector, choosing, window)
        self.analogies = AnalogiesPlace(window, workspace, self.planes, *bars)
        self.flights = FlyingPlace(window, workspace, *bars)

    def rows(self) -> list[Action | Menu | None]:
        """Their rows of the menu Classes."""
        return [*self.planes.rows(), *self.analogies.rows(), *self.flights.rows()]

    def enable(self, actions: Mapping[str, QAction], second: ComparisonPlace, game: Game) -> None:
        """Enable their actions while there are classes; a second model follows the choice of one.

        Args:
            actions: those of the menus, by name.
            second: where a second model may be.
            game: takes the keys of digits while it is played.
        """
        self.planes.take_keys(actions, game)
        self.planes.beside(second)
        self.analogies.enable(actions)
        self.flights.enable(actions, self.planes.strip, game)

    def close(self) -> None:
        """The window goes."""
        self.planes.close()
        self.analogies.close()
        self.flights.flying.stop()

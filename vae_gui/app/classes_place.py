"""The classes of a model in the window: the strip of ten digits, and the keys that choose one."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from vae_gui.app.action import Action, Menu
from vae_gui.app.comparison_place import ComparisonPlace
from vae_gui.jobs.class_choosing import ClassChoosing
from vae_gui.jobs.class_digits import ClassDigits
from vae_gui.panels.class_row import ClassStrip
from vae_gui.state.game import Game
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import CLASS_COUNT


class ClassesPlace(QObject):
    """What belongs to a model with classes in the window."""

    def __init__(self, viewpoint: Viewpoint, choosing: ClassChoosing, parent: QObject) -> None:
        super().__init__(parent)
        self._viewpoint = viewpoint
        self.choosing = choosing
        self.digits = ClassDigits(viewpoint, self)
        self.strip = ClassStrip(viewpoint.document, choosing, self.digits)
        self._second: ComparisonPlace | None = None
        self.strip.row.chosen.connect(self.choose)

    def choose(self, label: int) -> None:
        """Show the plane of a class; beside it, that of a second model, if it has classes too."""
        self.choosing.choose(label)
        if self._second is not None and self._second.is_made:
            self._second.comparing.model.jobs.classes.choose(label)

    def beside(self, second: ComparisonPlace) -> None:
        """Know where a second model may be."""
        self._second = second

    def menu(self) -> Menu:
        """The ten planes."""

        def plane(label: int) -> Action:
            return Action(
                f"plane_{label}",
                f"Class {label}",
                partial(self.choose, label),
                (str(label),),
                "Show the plane of a class, of a model with classes",
                is_on=lambda: self.choosing.wanted == label,
                after=(self.choosing.changed,),
                excludes_others=True,
            )

        return Menu("&Plane of a class", [plane(label) for label in range(CLASS_COUNT)])

    def take_keys(self, actions: Mapping[str, QAction], game: Game) -> None:
        """Let the keys of digits choose a plane while there are any to choose from.

        Without classes they hide classes; in a game they guess, whatever the model.
        """
        document = self._viewpoint.document

        def show() -> None:
            is_there = self.choosing.is_there
            for label in range(CLASS_COUNT):
                key = QKeySequence(str(label))
                actions[f"class_{label}"].setShortcuts([] if is_there else [key])
                actions[f"plane_{label}"].setEnabled(is_there and not game.is_seen)

        for signal in (document.model_changed, document.test_changed, game.changed):
            signal.connect(show)
        show()

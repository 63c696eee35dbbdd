"""The classes of a model in the window: the strip of ten digits, and the keys that choose one."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from vae_gui.app.action import Action, Menu
from vae_gui.app.comparison_place import ComparisonPlace
from vae_gui.jobs.class_choosing import ClassChoosing
from vae_gui.jobs.class_digits import ClassDigits
from vae_gui.panels.class_row import ClassStrip
from vae_gui.panels.inspector import Inspector
from vae_gui.state.class_answer import ClassAnswer
from vae_gui.state.game import Game
from vae_gui.state.workspace import Workspace
from vae_gui.style.palette import CLASS_COUNT
from vae_gui.widgets.late_page import LatePage

if TYPE_CHECKING:
    from vae_gui.jobs.class_answering import ClassAnswering
    from vae_gui.panels.classes.page import ClassesPage

KEY = "classes"
TIP = "What the model says of the class of digits, and where it is wrong (Ctrl+K)"


_NEED_CLASSES = ("page_classes", "next_wrong", "previous_wrong")


class ClassesPlace(QObject):
    """What belongs to a model with classes in the window.

    Signals:
        failed (str, Exception): a sentence for the user, and what is behind it.
        grew (QWidget): a part was added after the window was built.
    """

    failed = Signal(str, Exception)
    grew = Signal(QWidget)

    def __init__(
        self,
        workspace: Workspace,
        inspector: Inspector,
        choosing: ClassChoosing,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._viewpoint = viewpoint = workspace.viewpoint
        self._inspector = inspector
        self.choosing = choosing
        self.answer = ClassAnswer(self)
        self._answering: ClassAnswering | None = None
        self._page: ClassesPage | None = None
        self._late = LatePage(self._make)
        self._late.made.connect(self.grew)
        inspector.add_page(KEY, "Classes", TIP, self._late)
        viewpoint.document.model_changed.connect(self._offer)
        self._offer()
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

    @property
    def page(self) -> "ClassesPage":
        """The page Classes."""
        _ = self._late.content
        assert self._page is not None
        return self._page

    def close(self) -> None:
        """The window goes."""
        if self._answering is not None:
            self._answering.close()

    def show_page(self) -> None:
        """Show the page Classes, where there are any."""
        if self.choosing.is_there:
            self._inspector.show_page(KEY)

    def walk(self, steps: int) -> None:
        """Choose a digit further on in the list of those that are wrong."""
        self.show_page()
        if self.choosing.is_there:
            self.page.wrong.walk(steps)

    def rows(self) -> tuple[Action | Menu | None, ...]:
        """The page, the digits that are wrong, and the ten planes."""
        walk = "of those that q(y|x) is wrong about"
        return (
            Action("page_classes", "&What the model says of classes", self.show_page, ("Ctrl+K",)),
            Action("next_wrong", f"Next digit {walk}", partial(self.walk, 1), ("Ctrl+N",)),
            Action(
                "previous_wrong",
                f"Previous digit {walk}",
                partial(self.walk, -1),
                ("Ctrl+Shift+N",),
            ),
            self.menu(),
        )

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
                actions[f"plane_{label}"].setShortcuts([key] if is_there else [])
                actions[f"plane_{label}"].setEnabled(is_there and not game.is_seen)
            for name in _NEED_CLASSES:
                actions[name].setEnabled(is_there)

        for signal in (document.model_changed, document.test_changed, game.changed):
            signal.connect(show)
        show()

    def _offer(self) -> None:
        model = self._viewpoint.document.model
        self._inspector.pages.offer(KEY, model is not None and model.label is not None)

    def _make(self) -> QWidget:
        from vae_gui.jobs.class_answering import ClassAnswering
        from vae_gui.panels.classes.page import ClassesPage

        pending = self._workspace.pending
        self._answering = ClassAnswering(self._viewpoint, self.answer, pending, self)
        self._answering.failed.connect(self.failed)
        self._page = ClassesPage(self._viewpoint, self.answer)
        return self._page

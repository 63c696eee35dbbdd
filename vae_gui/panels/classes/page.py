"""The page Classes: the chosen digit's class by q and by p, analogies, and the wrong digits."""

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.panels.classes.answers import Answers
from vae_gui.panels.classes.wrong_digits import WrongPart
from vae_gui.state.class_answer import ClassAnswer
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.labels import rule


class ClassesPage(QWidget):
    """All parts, one below the other. While it is seen, exact p(y|x) is wanted."""

    def __init__(
        self, viewpoint: Viewpoint, answer: ClassAnswer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._answer = answer
        self.answers = Answers(viewpoint, answer)
        self.wrong = WrongPart(viewpoint)
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(0, 0, 0, 0)
        self.layout_.setSpacing(8)
        for part in (self.answers, rule(), self.wrong):
            self.layout_.addWidget(part)
        self.layout_.addStretch(1)

    def add_part(self, part: QWidget) -> None:
        """Add a part above the list of wrong digits, which keys walk through without seeing it."""
        place = self.layout_.indexOf(self.wrong)
        for each in (rule(), part):
            self.layout_.insertWidget(place, each)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self._answer.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self._answer.want(False)

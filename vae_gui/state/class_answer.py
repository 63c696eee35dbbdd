"""What a model with classes says of the class of the chosen digit: at once, and exactly."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from model.latent.class_posterior import ClassPosterior


class ClassAnswer(QObject):
    """The exact p(y|x) of the chosen digit; what q(y|x) says of it is known with the encoding.

    Attributes:
        is_wanted: whether somebody looks.
        index: the digit that `found` is of, or that is being looked at.
        found: None until it is computed, and where it cannot be.
        status: why there is nothing, or what is going on; empty where all is said.

    Signals:
        wanted_changed: somebody looks, or nobody any more.
        changed: there is another answer, or none, or another status.
    """

    wanted_changed = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_wanted = False
        self.index: int | None = None
        self.found: ClassPosterior | None = None
        self.status = ""

    def want(self, wanted: bool) -> None:
        """Say whether somebody looks."""
        if wanted != self.is_wanted:
            self.is_wanted = wanted
            self.wanted_changed.emit()

    def show(self, index: int, found: "ClassPosterior") -> None:
        """Have the answer of a digit."""
        self.index, self.found, self.status = index, found, ""
        self.changed.emit()

    def wait(self, index: int | None, status: str) -> None:
        """Know nothing of a digit, or of none, and say why."""
        if (index, status) != (self.index, self.status) or self.found is not None:
            self.index, self.found, self.status = index, None, status
            self.changed.emit()

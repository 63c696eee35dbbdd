"""Files that are dragged over the window and dropped on it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from model.printable import printable
from vae_gui.plane.drop_sign import DropSign

_Type = QEvent.Type
_COPY = Qt.DropAction.CopyAction


@dataclass(frozen=True)
class Target:
    """A part of the window that takes files.

    Attributes:
        sign: says what a drop would do.
        open: opens a file or a run folder.
        verb: what that is called.
        part: the part, while it is visible; None: all of the window that is no other target's.
    """

    sign: DropSign
    open: Callable[[Path], None]
    verb: str = "open"
    part: QWidget | None = None

    def holds(self, window: QWidget, place: QPoint) -> bool:
        """Whether a place in the window is in it."""
        part = self.part
        if part is None:
            return True
        return part.isVisible() and part.rect().contains(part.mapFrom(window, place))


class Drops(QObject):
    """Takes copies of files: the first that is dropped is opened, and no source deletes its own.

    A source may offer to move what is dragged, and then deletes the file once the window has taken
    it. A drop is therefore answered with a copy, and refused where the source offers none.
    """

    def __init__(
        self,
        window: QWidget,
        sign: DropSign,
        open_path: Callable[[Path], None],
        say: Callable[[str], None],
    ) -> None:
        """Take what is dropped on a window.

        Args:
            window: all of it takes drops.
            sign: says what a drop would do.
            open_path: opens a file or a run folder.
            say: shows a sentence to the user.
        """
        super().__init__(window)
        self._window = window
        self._targets = [Target(sign, open_path)]  # the one that takes whatever is left comes last
        self._say = say
        self._dragged: list[Path] = []
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def add_target(self, target: Target) -> None:
        """Have a part of the window take files in its own way."""
        self._targets.insert(0, target)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer a drag over the window, and a drop."""
        if event.type() is _Type.DragLeave:
            self._say_at(None)
            return True
        if not isinstance(event, QDropEvent):  # one that enters or moves is such a one, too
            return False
        if event.type() is not _Type.DragMove:  # the disk is not asked again at each move
            self._dragged = dropped_paths(event.mimeData())
        if self._dragged and event.possibleActions() & _COPY:
            event.setDropAction(_COPY)
            event.accept()
            self._answer(event.type(), self._target_at(event.position().toPoint()))
        else:
            event.ignore()
        return True

    def _target_at(self, place: QPoint) -> Target:
        return next(target for target in self._targets if target.holds(self._window, place))

    def _say_at(self, target: Target | None, text: str = "") -> None:
        """Say something at one of the targets, and nothing at the others."""
        for one in self._targets:
            one.sign.say(text if one is target else "")

    def _answer(self, kind: QEvent.Type, target: Target) -> None:
        if kind is _Type.Drop:
            self._take(self._dragged, target)
        else:
            self._say_at(target, _offer(self._dragged, target.verb))

    def _take(self, paths: list[Path], target: Target) -> None:
        self._say_at(None)
        target.open(paths[0])
        if len(paths) > 1:
            self._say(
                f"{len(paths)} files were dropped: {_name(paths[0])} is opened, for one can be "
                "open at a time."
            )


def dropped_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this machine that are dragged, in the source's order."""
    names = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return [Path(name) for name in names if name and _exists(Path(name))]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _offer(paths: list[Path], verb: str) -> str:
    others = "" if len(paths) == 1 else f", the first of {len(paths)}"
    return f"Drop to {verb} {_name(paths[0])}{others}"


def _name(path: Path) -> str:
    return printable(path.name)

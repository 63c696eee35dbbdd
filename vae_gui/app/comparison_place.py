"""Comparing in the window: what shows a second model is made when one is first wanted."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from vae_gui.app.comparison_host import Host
from vae_gui.app.look import Look
from vae_gui.plane.plane_view import PlaneView

if TYPE_CHECKING:
    from vae_gui.app.comparing import Comparing


class ComparisonPlace(QObject):
    """Opens, swaps and closes a second model; until one is opened it costs the start nothing.

    Signals:
        opened (Path): a second model is open.
    """

    opened = Signal(Path)

    def __init__(self, host: Callable[[], Host], look: Look, parent: QObject) -> None:
        """Have a place in a window.

        Args:
            host: what the window has that a second plane joins; asked for once it is there.
            look: its colours.
            parent: the window.
        """
        super().__init__(parent)
        self._host = host
        self._look = look

    @cached_property
    def comparing(self) -> "Comparing":
        """What shows a second model beside the first."""
        from vae_gui.app.comparing import Comparing

        made = Comparing(self._host(), self._look)
        made.opened.connect(self.opened)
        return made

    @property
    def is_made(self) -> bool:
        """Whether a second model was ever wanted."""
        return "comparing" in self.__dict__

    def open(self, path: Path) -> None:
        """Show the model of a checkpoint or a run directory beside the one that is open."""
        self.comparing.open(path)

    def swap(self) -> None:
        """Let the two models change places."""
        self.comparing.swap()

    def stop(self) -> None:
        """Close the second model."""
        self.comparing.stop()

    def leading_plane(self) -> PlaneView:
        """Of two planes, the one that was touched last."""
        return self.comparing.views.leader

    def close(self) -> None:
        """The window goes."""
        if self.is_made:
            self.comparing.close()

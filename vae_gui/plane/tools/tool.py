"""The interface of a tool: its name, its gestures, and its reactions to them."""

from collections.abc import Callable, Generator
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from vae_gui.plane.viewport import View, Viewport
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.style.palette import Theme

Array = NDArray[np.float64]
Drag = Generator[None, Array | None, None]
"""A drag under way. It is sent each point of the plane (2,) that the hand moves to, which may lie
outside of what is seen; at last it is sent None, because the hand let go, and ends."""
Gestures = tuple[tuple[str, str], ...]
"""Rows of the sheet of keys: a gesture, and its effect."""


class Tool(Protocol):
    """A tool that the hand can hold over the plane. Points are those of the plane, (2,).

    Every tool can pan, zoom and nudge besides: that is `Navigation`.

    Attributes:
        key: its name in settings.
        title: its name on screen.
        cursor: the cursor over the plane.
        gestures: all that the hand can do with it.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    cursor: ClassVar[Qt.CursorShape]
    gestures: ClassVar[Gestures]

    def __init__(
        self, viewpoint: Viewpoint, viewport: Viewport, repaint: Callable[[], None]
    ) -> None:
        """Work on a viewpoint, seen through a viewport; `repaint` has `paint` called soon."""

    def take(self, taken: bool) -> None:
        """The hand takes the tool, or puts it away."""

    def hover(self, point: Array | None) -> None:
        """The hand is over a point and holds no button; None: it has left the plane."""

    def drag(self, point: Array) -> Drag:
        """The left button goes down over a point. A click is a drag without a move."""

    def activate(self, point: Array) -> None:
        """A double click on a point, or Enter with the probe there."""

    def escape(self) -> bool:
        """Escape: remove what the tool shows. False where there is nothing to remove."""
        return False

    def close(self) -> None:
        """The plane goes: let go of what works in the background."""

    def paint(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw what the tool shows, above all layers, in the widget's pixels."""

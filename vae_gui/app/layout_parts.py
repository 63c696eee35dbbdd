"""The parts of the window that somebody can fold, and the edges that somebody can drag."""

from collections.abc import Mapping

from PySide6.QtGui import QAction

from vae_gui.app.preferences import Folds
from vae_gui.panels.inspector import Inspector
from vae_gui.panels.left_panel import LeftPanel
from vae_gui.widgets.splitter import Splitter


class LayoutParts:
    """What of a window's layout is remembered, and asked for by name in a picture's command.

    Attributes:
        actions: the window's, by name; none before its menus are made.
    """

    def __init__(self, left: LeftPanel, inspector: Inspector, edge: Splitter) -> None:
        """Name the parts of a window: its panels, and the edge between planes and inspector."""
        self.actions: Mapping[str, QAction] = {}
        self._left = left
        self._inspector = inspector
        self._edge = edge

    @property
    def panels(self) -> dict[str, QAction]:
        """By name, the actions that show a panel while they are checked."""
        return {name: self.actions[name] for name in ("layers", "inspector")}

    @property
    def folds(self) -> Folds:
        """By name, what shows a part of the window while it is checked."""
        inspector = self._inspector
        return (
            self.panels
            | {f"inspector.{key}": part.heading for key, part in inspector.sections.items()}
            | {f"inspector.{key}": title for key, title in inspector.pages.titles.items()}
            | {f"left.{key}": title for key, title in self._left.pages.titles.items()}
            | {"floating": self.actions["beside_cursor"]}
        )

    @property
    def edges(self) -> dict[str, Splitter]:
        """By name, the edges between parts of the window that can be dragged."""
        return {"inspector.width": self._edge, "inspector.height": self._inspector.edge}

    def folded(self) -> list[str]:
        """The names of the parts that are folded."""
        return [name for name, part in self.folds.items() if not part.isChecked()]

    def given_shares(self) -> dict[str, float]:
        """By name, the shares of the parts whose edge somebody has dragged."""
        shares = {name: edge.share for name, edge in self.edges.items()}
        return {name: share for name, share in shares.items() if share is not None}

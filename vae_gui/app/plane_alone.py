"""One key for the plane alone: all panels fold away, and come back as they were."""

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction


class PlaneAlone(QObject):
    """Keeps an action checked for as long as no panel is unfolded, however that came about."""

    def __init__(
        self, alone: QAction, panels: Sequence[QAction], parent: QObject | None = None
    ) -> None:
        """Bind an action to those that show a panel each while they are checked."""
        super().__init__(parent)
        self._alone = alone
        self._panels = panels
        self._to_unfold = list(panels)
        alone.triggered.connect(self._fold)
        for panel in panels:
            panel.toggled.connect(self._follow)

    def _fold(self, alone: bool) -> None:
        if alone:
            self._to_unfold = [panel for panel in self._panels if panel.isChecked()]
        for panel in self._to_unfold or self._panels:
            panel.setChecked(not alone)

    def _follow(self) -> None:
        self._alone.setChecked(not any(panel.isChecked() for panel in self._panels))

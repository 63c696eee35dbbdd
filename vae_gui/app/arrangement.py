"""How the parts of the window lie beside and above each other."""

from collections.abc import Mapping

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_gui.style.labels import filled, rule
from vae_gui.widgets.splitter import Splitter


def surface_of(planes: QWidget, folds: Mapping[str, QWidget]) -> QWidget:
    """The planes between the slim edges of both panels."""
    surface = filled(QWidget(), QPalette.ColorRole.Light)
    across = QHBoxLayout(surface)
    across.setContentsMargins(0, 0, 0, 0)
    across.setSpacing(0)
    across.addWidget(folds["layers"])
    across.addWidget(planes, 1)
    across.addWidget(folds["inspector"])
    return surface


class Arrangement(QWidget):
    """The layers, and the rest, which an edge divides; below them a line at the foot.

    Attributes:
        foot: the hairline and the status line.
    """

    def __init__(self, layers: QWidget, edge: Splitter, status: QWidget) -> None:
        super().__init__()
        line = rule()
        self.foot = (line, status)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(layers)
        body.addWidget(edge, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(body, 1)
        for part in self.foot:
            whole.addWidget(part)

"""The panel at the left: layers and colours, training, runs; one page of them is seen."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from vae_gui.panels.layers_panel import WIDTH, LayersPanel
from vae_gui.widgets.pages import Pages


class LeftPanel(QWidget):
    """Pages of one width."""

    def __init__(
        self,
        layers: LayersPanel,
        training: QWidget,
        runs: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.pages = Pages()
        for key, title, tip, page in (
            ("layers", "Layers", "What is drawn in the plane, and in which colours", layers),
            ("train", "Train", "Train a model and watch it learn (Ctrl+T)", training),
            ("runs", "Runs", "All trainings in a folder (Ctrl+R)", runs),
        ):
            self.pages.add(key, title, tip, page)
        self.setFixedWidth(WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.pages)

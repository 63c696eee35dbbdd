"""The choice of what colours show, and its key."""

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from vae_gui.panels.colour_bar import ColourBar
from vae_gui.panels.legend import Legend
from vae_gui.state.measures import MEASURES
from vae_gui.state.viewpoint import Viewpoint
from vae_gui.state.workspace import Workspace
from vae_gui.style.labels import label


class ColourKey(QWidget):
    """The choice, the bar of the measure that is chosen, and the legend of classes."""

    def __init__(
        self, workspace: Workspace, viewpoint: Viewpoint, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = viewpoint.document
        self._appearance = viewpoint.appearance
        self.choice = QComboBox()
        self.choice.setAccessibleName("Colour digits by")
        self.choice.setToolTip("What the colours of the digits say (C: the next)")
        self.choice.addItem("Class", None)
        for measure in MEASURES.values():
            self.choice.addItem(measure.title, measure.key)
        self.legend = Legend(workspace, viewpoint)
        self.bar = ColourBar(viewpoint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("title", "Colour by", wrap=False))
        layout.addWidget(self.choice)
        layout.addWidget(self.bar)
        layout.addWidget(self.legend)
        self.choice.activated.connect(self._colour)
        self._appearance.colouring_changed.connect(self._show)
        self._document.test_changed.connect(self._show)
        self._document.model_changed.connect(self._show)
        self._show()

    def set_progress(self, text: str) -> None:
        """Show the progress of the measure that colours images."""
        self.bar.set_progress(text)

    def next(self) -> None:
        """Colour by what comes after the present choice."""
        following = (self.choice.currentIndex() + 1) % self.choice.count()
        self._appearance.colour_by(self.choice.itemData(following))

    def _colour(self) -> None:
        self._appearance.colour_by(self.choice.currentData())

    def _show(self) -> None:
        self.setVisible(self._document.test is not None)
        for row, measure in enumerate(MEASURES.values(), start=1):
            self.choice.setItemText(row, measure.title_given(self._document.label))
        self.choice.setCurrentIndex(self.choice.findData(self._appearance.colouring))

"""What the colours of the points mean, and what they are to mean."""

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from vae_gui.panels.colour_bar import ColourBar
from vae_gui.panels.density_bar import DensityBar
from vae_gui.panels.legend import Legend
from vae_gui.state.measures import NUMBERS
from vae_gui.state.session import Session
from vae_gui.style.labels import label


class ColourKey(QWidget):
    """A choice, the classes to switch, the bar of a number, and that of the densities."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.choice = QComboBox()
        self.choice.setAccessibleName("Colour digits by")
        self.choice.setToolTip("What the colours of the digits say (C: the next)")
        self.choice.addItem("Class", None)
        for number in NUMBERS.values():
            self.choice.addItem(number.title, number.key)
        self.legend = Legend(session)
        self.bar = ColourBar(session)
        self.density = DensityBar(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label("title", "Colour by", wrap=False))
        layout.addWidget(self.choice)
        layout.addWidget(self.bar)
        layout.addWidget(self.density)
        layout.addWidget(self.legend)
        self.choice.activated.connect(lambda _: session.colour_by(self.choice.currentData()))
        session.colouring_changed.connect(self._show)
        session.digits_changed.connect(self._show)
        session.model_changed.connect(self._show)
        self._show()

    def set_progress(self, text: str) -> None:
        """Say how far the numbers are that the digits are coloured by."""
        self.bar.set_progress(text)

    def next(self) -> None:
        """Colour by what comes after the present choice."""
        following = (self.choice.currentIndex() + 1) % self.choice.count()
        self._session.colour_by(self.choice.itemData(following))

    def _show(self) -> None:
        session = self._session
        self.setVisible(session.digits is not None)
        self.choice.setCurrentIndex(self.choice.findData(session.colouring))

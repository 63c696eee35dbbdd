"""The curves of a training: ELBO, reconstruction, KL, one below the other, read together."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from model.files.run_summary import Epoch, Terms
from vae_gui.style.labels import label

if TYPE_CHECKING:
    from vae_gui.panels.curve_plot import CurvePlot

TITLES = {"elbo": "ELBO", "reconstruction": "Reconstruction", "kl": "KL"}


class Curves(QWidget):
    """A plot for each of the three; what the cursor points at in one is read in all of them.

    The plots are made when they are first seen with something to show.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, CurvePlot] = {}
        self._history: tuple[Epoch, ...] = ()
        self.which = label("caption", wrap=False)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self.which)
        self.hide()

    def show_history(self, history: tuple[Epoch, ...]) -> None:
        """Show the epochs of another run, or more of them."""
        if history == self._history:
            return
        self._history = history
        self.setVisible(bool(history))
        if self.isVisible():
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the plots, once, and show what has come since they were seen last."""
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if not self._history:
            return
        if not self.plots:
            self._make()
        epochs = [epoch.number for epoch in self._history]
        for name, plot in self.plots.items():
            at = Terms._fields.index(name)
            train = [epoch.train[at] for epoch in self._history]
            validation = [epoch.validation[at] for epoch in self._history]
            plot.show_curves(epochs, train, validation)
        self._say(None)

    def _make(self) -> None:
        from vae_gui.panels.curve_plot import CurvePlot

        for name, title in TITLES.items():
            plot = self.plots[name] = CurvePlot(title)
            plot.pointed.connect(self._point)
            plot.left.connect(lambda: self._read(None))
            self._layout.addWidget(plot)

    def _point(self, where: float) -> None:
        """Read the epoch that is nearest to the cursor."""
        if self._history:
            self._read(min((e.number for e in self._history), key=lambda n: abs(n - where)))

    def _read(self, epoch: int | None) -> None:
        for plot in self.plots.values():
            plot.read(epoch)
        self._say(epoch)

    def _say(self, epoch: int | None) -> None:
        shown = self._history[-1].number if epoch is None else epoch
        self.which.setText(f"Epoch {shown}: train, validation (nats)")

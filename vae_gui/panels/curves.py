"""The curves of a training: ELBO, reconstruction, KL, one below the other, read together."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from model.files.run_summary import Epoch, Terms
from vae_gui.panels.first_epoch import EarlyPoint
from vae_gui.style.labels import label

if TYPE_CHECKING:
    from vae_gui.panels.curve_plot import CurvePlot

KEY = "◆ Snapshots within epoch 1: mean KL of the test digits, with the weights of each."
TITLES = {"elbo": "ELBO", "reconstruction": "Reconstruction", "kl": "KL"}


class Curves(QWidget):
    """A plot for each of the three; what the cursor points at in one is read in all of them.

    The plots are made when they are first seen with something to show.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, CurvePlot] = {}
        self._history: tuple[Epoch, ...] = ()
        self._early: dict[float, EarlyPoint] = {}  # by how much of the first epoch was done
        self.which = label("caption", wrap=False)
        self.key = label("caption")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addWidget(self.which)
        self.hide()

    def show_history(self, history: tuple[Epoch, ...], early: tuple[EarlyPoint, ...] = ()) -> None:
        """Show the epochs of another run, or more of them, and snapshots before the first."""
        known = {point.epochs: point for point in early}
        if (history, known) == (self._history, self._early):
            return
        self._history, self._early = history, known
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
            plot.show_snapshots({})
            plot.reach(0.0 if self._early else epochs[0], epochs[-1])
        self.plots["kl"].show_snapshots({at: point.kl for at, point in self._early.items()})
        self.key.setVisible(bool(self._early))
        self._say(None)

    def _make(self) -> None:
        from vae_gui.panels.curve_plot import CurvePlot

        for name, title in TITLES.items():
            plot = self.plots[name] = CurvePlot(title)
            plot.pointed.connect(self._point)
            plot.left.connect(lambda: self._read(None))
            self._layout.addWidget(plot)
        self.key.setText(KEY)
        self._layout.addWidget(self.key)

    def _point(self, where: float) -> None:
        """Read the epoch, or the snapshot before the first, that is nearest to the cursor."""
        places = [*self._early, *(float(epoch.number) for epoch in self._history)]
        self._read(min(places, key=lambda place: abs(place - where), default=None))

    def _read(self, epoch: float | None) -> None:
        if not self._history:
            return  # the run was deleted under the cursor
        for plot in self.plots.values():
            plot.read(epoch)
        self._say(epoch)

    def _say(self, epoch: float | None) -> None:
        shown = self._history[-1].number if epoch is None else epoch
        point = self._early.get(shown)
        if point is None:
            self.which.setText(f"Epoch {shown:.0f}: train, validation (nats)")
        else:
            self.which.setText(f"Step {point.step:,} of epoch 1: test digits (nats)")

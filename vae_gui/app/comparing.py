"""Two models side by side in the window: the second plane, and what comes and goes with it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from vae_gui.app.comparison_host import Host
from vae_gui.app.drops import Target
from vae_gui.app.floating import Floating
from vae_gui.app.keyboard import OwnUndo
from vae_gui.app.look import Look
from vae_gui.app.run_bar import RunBar
from vae_gui.app.second_model import SecondModel
from vae_gui.app.wheel import WheelScrolls
from vae_gui.panels.comparison_bar import ComparisonBar
from vae_gui.panels.comparison_panel import ComparisonPanel
from vae_gui.panels.comparison_table import INTEGRATED
from vae_gui.panels.decoded_digit import DecodedDigit
from vae_gui.panels.model_heading import ModelHeading
from vae_gui.plane.drop_sign import DropSign
from vae_gui.plane.empty_sign import EmptySign
from vae_gui.plane.floating_digit import FloatingDigit
from vae_gui.plane.notice import PlaneNotice
from vae_gui.plane.paired_views import PairedViews
from vae_gui.plane.plane_view import PlaneView


class Comparing(QObject):
    """Opens a second model beside the first. Made when the first one is wanted: the start is free.

    While two planes are shown the inspector is folded, which is about the first model alone and
    takes a third of the width; it comes back with the single plane.

    Attributes:
        plane: the second plane.
        views: has both planes show the same part.

    Signals:
        opened (Path): a second model is open.
    """

    opened = Signal(Path)

    def __init__(self, host: Host, look: Look) -> None:
        super().__init__(host.window)
        self._host = host
        self._folded_inspector = False
        self._is_fitted = False  # to the points of both
        workspace = host.workspace
        self.model = SecondModel(workspace, host.data_dir, self)
        viewpoint = self.model.viewpoint
        self.plane = PlaneView(workspace, viewpoint)
        self.plane.setAccessibleName("Latent plane of the second model")
        self.views = PairedViews(host.plane, self.plane)
        self.bar = ComparisonBar(workspace.comparison, host.make_tools())
        self.panel = ComparisonPanel(workspace.comparison)
        headings = ModelHeading(workspace.viewpoint), ModelHeading(viewpoint)
        host.planes.add_second(headings, self.plane)
        host.planes.add_for_two(self.bar, self.panel)
        self.run_bar = RunBar(self.model.following)
        host.planes.add_bar(self.run_bar)
        host.planes.show_two(False)
        self._decorate()
        self._watch()
        self._connect()
        look.changed.connect(lambda: self.plane.set_theme(look.theme))
        self.plane.set_theme(look.theme)

    def open(self, path: Path) -> None:
        """Compare the open model with one from a checkpoint or a run directory."""
        self._host.messages.hide()
        self.model.opening.open(path)

    def stop(self) -> None:
        """Close the second model; the first stays as it is."""
        self.model.close()
        self._show(False)

    def swap(self) -> None:
        """Let the two models change places: each is opened where the other was."""
        first, second = (v.document.model for v in self._host.workspace.viewpoints)
        if first is not None and second is not None:
            self._host.open(second.path)
            self.open(first.path)

    def close(self) -> None:
        """The window goes: give back what was folded, and stop all that goes on here."""
        self._show(False)
        self.model.jobs.close()
        self.plane.layers.close()

    # Inside

    def _decorate(self) -> None:
        host, viewpoint = self._host, self.model.viewpoint
        self.notice = PlaneNotice(viewpoint, self.plane, host.open_keys)
        self.notice.begin()
        self.empty = EmptySign(viewpoint, self.plane)
        self.drop_sign = DropSign(self.plane)
        host.drops.add_target(Target(self.drop_sign, self.open, "compare with", self.plane))
        self.decoded = DecodedDigit(viewpoint, host.probe.drawing, host.window)
        self.floating = FloatingDigit(self.decoded, self.plane)
        floating = Floating(self.floating, self.plane, host.inspector, host.beside_cursor)
        floating.stay(True)
        host.probe.decoded_as.chosen.connect(self.decoded.draw_anew)

    def _watch(self) -> None:
        """Give the new controls what all controls of the window have."""
        host = self._host
        host.keys.add_plane(self.plane)
        for part in (self.bar, self.panel, self.run_bar):
            host.keys.watch_controls(part)
            OwnUndo(self).watch(part)
            WheelScrolls(self).watch(part)

    def _connect(self) -> None:
        host, model = self._host, self.model
        for working in (model.opening, model.jobs.training_encoding, model.measuring):
            working.progressed.connect(lambda text: host.status.report("second", text))
        model.opening.progressed.connect(self.notice.set_progress)
        model.opening.opened.connect(self._take)
        model.opening.failed.connect(host.messages.show_error)
        model.measuring.failed.connect(host.messages.show_error)
        for measuring in (host.measuring, model.measuring):
            measuring.count_neighbours()
            self.panel.table.integration_wanted.connect(partial(measuring.ask_for, INTEGRATED))
        model.following.ready.connect(self.open)
        self.run_bar.wanted.connect(self.open)
        self.plane.layers.failed.connect(host.messages.show_error)
        self.bar.stopped.connect(self.stop)
        self.bar.swapped.connect(self.swap)
        for document in host.workspace.documents:
            document.opened.connect(self._expect_digits)
            document.test_changed.connect(self._fit_both)

    def _take(self, path: Path) -> None:
        self._show(True)
        self.opened.emit(path)

    def _expect_digits(self) -> None:
        self._is_fitted = False

    def _fit_both(self) -> None:
        """Show all points of both when another model has been opened; not when it learns on."""
        comparison = self._host.workspace.comparison
        known = all(document.test is not None for document in self._host.workspace.documents)
        if comparison.is_on and known and not self._is_fitted:
            self._is_fitted = True
            self.views.begin()
            self._host.plane.fit()

    def _show(self, two: bool) -> None:
        host = self._host
        if two and host.inspector.isChecked():
            host.inspector.setChecked(False)
            self._folded_inspector = True
        elif not two and self._folded_inspector:
            host.inspector.setChecked(True)
            self._folded_inspector = False
        host.planes.show_two(two)
        host.floating.stay(two)
        self.views.begin()

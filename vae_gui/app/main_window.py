"""The window: builds the views and connects them. It holds no logic."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from model import assets
from vae_gui.app import actions, picture_actions, timeline_actions
from vae_gui.app.action import build_menus
from vae_gui.app.action_names import name_actions
from vae_gui.app.arrangement import Arrangement, surface_of
from vae_gui.app.asking import Asking
from vae_gui.app.comparison_actions import compare_menu, enable_while_comparing
from vae_gui.app.comparison_choice import ComparisonChoice
from vae_gui.app.comparison_host import Host
from vae_gui.app.comparison_place import ComparisonPlace
from vae_gui.app.controls import Controls
from vae_gui.app.drops import Drops
from vae_gui.app.evidence_place import EvidencePlace
from vae_gui.app.film_saving import FilmSaving
from vae_gui.app.floating import Floating
from vae_gui.app.folding import RoomForThePlane
from vae_gui.app.keys_sheet import KeysSheet, groups_of
from vae_gui.app.layout_parts import LayoutParts
from vae_gui.app.look import Look
from vae_gui.app.magnifying import USUAL, Magnifying
from vae_gui.app.message_bar import MessageBar
from vae_gui.app.model_jobs import ModelJobs
from vae_gui.app.model_reports import REPORTERS, show_reports
from vae_gui.app.path_place import PathPlace
from vae_gui.app.picture import Sitter
from vae_gui.app.picture_saving import PictureSaving
from vae_gui.app.placing import give_the_first_size
from vae_gui.app.plane_alone import PlaneAlone
from vae_gui.app.planes import Planes, tools_of
from vae_gui.app.preferences import Preferences, keep, recall_layers, recall_layout
from vae_gui.app.run_bar import RunBar
from vae_gui.app.status_line import StatusLine
from vae_gui.app.tour import Tour, first_steps
from vae_gui.app.training_place import TrainingPlace
from vae_gui.app.watching import Watching
from vae_gui.app.window_title import WindowTitle
from vae_gui.app.with_classes import WithClasses
from vae_gui.jobs.worker import Worker
from vae_gui.panels.first_epoch import Watched
from vae_gui.panels.inspector import Inspector, usual_width
from vae_gui.panels.layers_panel import LayersPanel
from vae_gui.panels.timeline_strip import TimelineStrip
from vae_gui.plane.drop_sign import DropSign
from vae_gui.plane.empty_sign import EmptySign
from vae_gui.plane.floating_digit import FloatingDigit
from vae_gui.plane.header import PlaneHeader
from vae_gui.plane.layers.table import LAYER_TITLES
from vae_gui.plane.notice import PlaneNotice
from vae_gui.plane.plane_view import PlaneView
from vae_gui.plane.tools import GESTURES
from vae_gui.state.history import History
from vae_gui.state.measures import MEASURE_TITLES
from vae_gui.state.workspace import Workspace
from vae_gui.style.theme import ThemeChoice
from vae_gui.widgets.action_words import keys_of
from vae_gui.widgets.fold_handle import FoldHandle
from vae_gui.widgets.splitter import Splitter


class MainWindow(QMainWindow):
    """The plane between two panels: its layers and colours, and the inspector.

    Signals:
        painted: the window is on the screen for the first time; torch may be imported now.
    """

    painted = Signal()

    def __init__(
        self,
        choice: ThemeChoice | None = None,
        data_dir: Path | None = None,
        *,
        remember: bool = True,
    ) -> None:
        """Build the window.

        Args:
            choice: a theme for this window; the user's own setting is kept.
            data_dir: where the data are cached, if not in the usual place.
            remember: whether layers, colours and layout are restored and stored, and whether the
                files that are opened join the user's recent files.
        """
        super().__init__()
        self._is_painted = False
        self._remembers = remember
        self._data_dir = data_dir
        self.preferences = Preferences()
        self.workspace = Workspace(parent=self)
        viewpoint = self.workspace.viewpoint
        self._jobs = jobs = ModelJobs(self.workspace, viewpoint, data_dir, self)
        self.opening, self.following, self.timeline = jobs.opening, jobs.following, jobs.timeline
        self.measuring, self.showing, self.decoder = jobs.measuring, jobs.showing, jobs.decoder
        self.training_encoding = jobs.training_encoding
        self.plane = PlaneView(self.workspace, viewpoint)
        self.layers = LayersPanel(self.workspace, viewpoint, self.plane.layers.layers)
        watched = Watched(viewpoint.document, self.timeline)
        self.place = TrainingPlace(self.layers, watched, data_dir, self)
        self.left, self.training = self.place.left, self.place.training
        self.evidence = EvidencePlace(self.workspace, self.left, self.plane, self)
        self.header = PlaneHeader(viewpoint)
        self.strip = TimelineStrip(viewpoint.document, self.timeline)
        self.inspector = Inspector(viewpoint)
        self.floating = FloatingDigit(self.inspector.probe.digit, self.plane)
        self.edge = Splitter(Qt.Orientation.Horizontal, usual_width, self)
        self.messages = MessageBar()
        self.run_bar = RunBar(self.following)
        self.planes = Planes(self.header, self.plane)
        self.status = StatusLine(("second", *REPORTERS, "pictures", "film"))
        if remember:
            recall_layers(self.preferences, self.workspace.appearance)
        remembered = self.preferences.magnifications if remember else USUAL
        self.magnifying = Magnifying(self.workspace.appearance, remembered, self)
        self.history = History(self.workspace, LAYER_TITLES | MEASURE_TITLES, self)
        self.look = Look(choice, self.preferences, self)
        self.watching = Watching(viewpoint.document, self.timeline, self.open, self)
        self.second = ComparisonPlace(self._host_of_a_second_plane, self.look, self)
        self.parts = LayoutParts(self.left, self.inspector, self.edge)
        self._make_savers()
        self.title = WindowTitle(self, self.workspace)
        give_the_first_size(self)
        self._add_menus()
        self._lay_out()
        self._add_signs()
        self._connect()
        if remember:
            recall_layout(self.preferences, self, self.parts.folds, self.parts.edges)
        self.room.make()
        self.look.apply()
        self.plane.setFocus()

    def open(self, path: Path) -> None:
        """Open a checkpoint or a run directory."""
        self.messages.hide()
        self.opening.open(path)

    def show_page(self, key: str) -> None:
        """Show a page of the left panel."""
        self.place.show_page(key, self.actions_by_name["layers"])

    def show_keys(self) -> None:
        """Open the sheet of keys."""
        KeysSheet(groups_of(self.menuBar(), GESTURES), self).open()

    def show_first_steps(self) -> None:
        """Show again what the first start shows."""
        self.show_page("layers")  # it points there
        self.tour.start()

    def join(self) -> None:
        """Wait until all threads of the window have ended, after it was closed."""
        for worker in self.findChildren(Worker):
            worker.join()

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        """Emit `painted` after the first paint."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancel all long work; the window goes at once."""
        if not self.place.may_close(self):
            event.ignore()
            return
        self.alone.leave()
        self.second.close()
        self.room.give_back()
        if self._remembers:
            self.preferences.magnifications = self.magnifying.sizes
            appearance = self.workspace.appearance
            keep(self.preferences, self, appearance, self.parts.folds, self.parts.edges)
        parts = self.history, self._jobs, self.films, self.place, self.evidence, self.with_classes
        for part in (*parts, self.plane.layers, self.paths.finding):
            part.close()
        for worker in self.findChildren(Worker):
            worker.close()
        event.accept()

    # Inside

    def _host_of_a_second_plane(self) -> Host:
        return Host(
            self,
            self.workspace,
            self.plane,
            self.planes,
            self.measuring,
            self.floats,
            self.inspector.probe,
            lambda: tools_of(self.actions_by_name),
            self.actions_by_name["inspector"],
            self.actions_by_name["beside_cursor"],
            self.messages,
            self.status,
            self.drops,
            self.controls.keys,
            keys_of(self.actions_by_name["open"])[0],
            self._data_dir,
            self.open,
        )

    def _add_signs(self) -> None:
        """What floats over the plane and says something."""
        viewpoint = self.workspace.viewpoint
        self.notice = PlaneNotice(viewpoint, self.plane, keys_of(self.actions_by_name["open"])[0])
        self.empty = EmptySign(viewpoint, self.plane)
        self.drop_sign = DropSign(self.plane)
        steps = first_steps(self.workspace, self.layers, self.inspector)
        self.tour = Tour(steps, self, self.plane, self.preferences)
        self.drops = Drops(self, self.drop_sign, self.open, self.messages.show_note)
        self.evidence.take_drops(self.drops)

    def _make_savers(self) -> None:
        """What makes pictures and films of the window, and of paths through its plane."""
        bars = self.preferences, self.messages, self.status
        self.paths = PathPlace(self, self.workspace, self.plane, *bars)
        classes = self._jobs.classes
        self.with_classes = WithClasses(self, self.workspace, self.inspector, classes, *bars)
        self.classes = self.with_classes.planes
        self.strips = self.classes.strip, self.strip, self.paths.strip
        for strip in self.strips:
            self.planes.add_below(strip)
        self.sitter = Sitter(
            self,
            self.plane,
            self.inspector.probe,
            self.workspace,
            self.look,
            self.parts,
            lambda: self.second.comparing.plane if self.workspace.comparison.is_on else None,
        )
        self.pictures = PictureSaving(self.sitter, *bars)
        self.films = FilmSaving(self.sitter, *bars)

    def _add_menus(self) -> None:
        appearance, second = self.workspace.appearance, self.second
        comparison = self.workspace.comparison
        asking = Asking(self, self.workspace.document, self.preferences)
        choice = ComparisonChoice(self.plane, self.preferences, asking, second.open)
        self.actions_by_name = made = build_menus(
            self.menuBar(),
            (
                actions.file_menu(
                    self.preferences,
                    asking,
                    self.open,
                    assets.PRETRAINED,
                    compare_menu(comparison, asking, second, choice),
                    picture_actions.save_menu(self.pictures),
                    self.close,
                ),
                actions.edit_menu(self.history, picture_actions.copy_menu(self.pictures)),
                actions.view_menu(
                    lambda: second.leading_plane() if comparison.is_on else self.plane,
                    self.magnifying,
                    self.look,
                    self.show_page,
                ),
                actions.layers_menu(appearance, self.plane.layers.layers),
                actions.classes_menu(appearance, self.with_classes.rows()),
                actions.colours_menu(appearance, self.layers.colours.next),
                actions.digit_menu(self.inspector),
                self.paths.menu(),
                timeline_actions.run_menu(self.timeline, self.films.save),
                self.evidence.menu(lambda: self.show_page("evidence")),
                actions.help_menu(self.show_first_steps, self.watching.watch, self.show_keys),
            ),
        )
        name_actions(made, self.history, self.workspace.document)
        self.evidence.game.take_keys(made)
        self.with_classes.enable(made, second, self.evidence.game.game)
        enable_while_comparing(made, comparison)
        picture_actions.offer_pictures(made, self.plane, self.inspector.probe.digit)
        timeline_actions.offer_timeline(made, self.timeline)
        self.strip.add_controls(made)
        self.paths.enable(made)
        actions.show_keys_at_controls(made, self.inspector)
        self.addActions(list(made.values()))  # their keys work while the menu bar is hidden, too
        self.parts.actions = made
        self.room = RoomForThePlane(self, made["layers"], made["inspector"])
        self.alone = PlaneAlone(self, made["alone"], list(self.parts.panels.values()), self.room)
        made["alone"].toggled.connect(self.magnifying.show_alone)
        made["alone"].toggled.connect(self.plane.caption.show)
        self.floats = Floating(self.floating, self.plane, made["inspector"], made["beside_cursor"])

    def _lay_out(self) -> None:
        panels = self.parts.panels
        self.tools = tools_of(self.actions_by_name)
        self.folds = {
            "layers": FoldHandle(self.left, panels["layers"], on_the_left=True),
            "inspector": FoldHandle(self.inspector, panels["inspector"], on_the_left=False),
        }
        self.header.add_tools(self.tools)
        for part in (surface_of(self.planes, self.folds), self.inspector):
            self.edge.addWidget(part)
        bars = (self.messages, self.run_bar)
        for bar in bars:
            self.planes.add_bar(bar)
        central = Arrangement(self.left, self.edge, self.status)
        self.setCentralWidget(central)
        beside = (self.planes.above, self.planes.below, *self.folds.values())
        around = (self.menuBar(), *beside, *central.foot)
        self.alone.set_around(around, self.plane)
        left, right = self.folds.values()
        sides: tuple[QWidget, ...] = (left, self.left, right, self.inspector)
        stops = [self.plane, self.tools, *self.strips, *sides, *bars]
        hiding = (self.layers, self.left, self.inspector, *bars)
        self.controls = Controls(central, self.plane, stops, hiding, self)

    def _connect(self) -> None:
        jobs, colours = self._jobs, self.layers.colours
        show_reports(jobs, self.status, self.messages, self.notice, colours)
        self.opening.opened.connect(self._remember)
        self.opening.unready.connect(lambda folder, _: self.place.follow(folder))
        self.following.ready.connect(self.open)
        self.run_bar.wanted.connect(self.open)
        self.run_bar.resumed.connect(self.place.go_on)
        self.run_bar.resumed.connect(lambda _: self.show_page("train"))
        self.painted.connect(self.notice.begin)
        self.painted.connect(self.place.begin)
        self.place.opened.connect(self.open)
        self.inspector.chosen.compared.connect(self.actions_by_name["encoder_check"].trigger)
        for place in (self.place, self.evidence, self.classes):
            place.grew.connect(self.controls.attend)
        for failing in (self.plane.layers, self.place, self.evidence, self.classes):
            failing.failed.connect(self.messages.show_error)
        self.evidence.hovered.connect(self.status.show_hovered)
        self.place.compared.connect(self.second.open)
        self.second.opened.connect(self._remember)
        self.look.changed.connect(lambda: self.plane.set_theme(self.look.theme))

    def _remember(self, path: Path) -> None:
        self.title.show()
        self.place.follow(path)
        if self._remembers and path not in assets.MODELS:
            self.preferences.add_recent_file(path)

"""The menu bar: every action, and the key that does the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from vae_gui.app.preferences import Preferences
from vae_gui.plane.layers.layer import Layer
from vae_gui.plane.plane_view import LatentView
from vae_gui.state.history import History
from vae_gui.state.measures import NUMBERS
from vae_gui.state.session import Session
from vae_gui.style.palette import CLASS_COLOURS
from vae_gui.style.theme import ThemeChoice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow


class FileMenu:
    """Open, the recent files, quit."""

    def __init__(
        self,
        window: "QMainWindow",
        preferences: Preferences,
        choose: Callable[[], None],
        open_path: Callable[[Path], None],
        bundled: Path,
    ) -> None:
        self._preferences = preferences
        self._open_path = open_path
        menu = window.menuBar().addMenu("&File")
        action = menu.addAction("&Open checkpoint…")
        action.setShortcut(QKeySequence.StandardKey.Open)
        action.triggered.connect(choose)
        self.open: QAction = action
        self.recent: QMenu = menu.addMenu("Open &recent")
        self.recent.aboutToShow.connect(self._fill_recent)
        bundled_action = menu.addAction("Open the &bundled model")
        bundled_action.triggered.connect(lambda: open_path(bundled))
        menu.addSeparator()
        quit_action = menu.addAction("&Quit")
        quit_action.setShortcut(QKeySequence("Ctrl+Q"))
        quit_action.triggered.connect(window.close)

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in self._preferences.recent_files:
            action = self.recent.addAction(str(path).replace("&", "&&"))
            action.triggered.connect(lambda _=False, path=path: self._open_path(path))
        if self.recent.isEmpty():
            self.recent.addAction("No files yet").setEnabled(False)
            return
        self.recent.addSeparator()
        self.recent.addAction("Clear this list", self._preferences.forget_recent_files)


@dataclass(frozen=True)
class EditActions:
    """What the menu of steps holds."""

    undo: QAction
    redo: QAction


def add_edit_menu(window: "QMainWindow", history: History) -> EditActions:
    """Add the menu of steps: each says what it would undo or take again."""
    menu = window.menuBar().addMenu("&Edit")
    stack = history.stack
    undo = menu.addAction("&Undo", history.undo)
    undo.setShortcut(QKeySequence("Ctrl+Z"))
    redo = menu.addAction("&Redo", history.redo)
    redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
    for action, name, can, text in (
        (undo, "&Undo", stack.canUndoChanged, stack.undoTextChanged),
        (redo, "&Redo", stack.canRedoChanged, stack.redoTextChanged),
    ):
        action.setEnabled(False)
        action.setWhatsThis(f"{name[1:]} a step")
        can.connect(action.setEnabled)
        text.connect(partial(_name_step, action, name))
    return EditActions(undo, redo)


def _name_step(action: QAction, name: str, step: str) -> None:
    action.setText(f"{name} {step}".rstrip().replace("&", "&&").replace("&&", "&", 1))


@dataclass(frozen=True)
class ViewActions:
    """What the menu of the view holds.

    Attributes:
        fit: shows everything.
        zoom_in: comes nearer.
        zoom_out: goes farther.
        panels: by name, those that show a panel while they are checked.
        alone: folds all panels away while it is checked.
    """

    fit: QAction
    zoom_in: QAction
    zoom_out: QAction
    panels: dict[str, QAction]
    alone: QAction


def add_view_menu(
    window: "QMainWindow",
    plane: LatentView,
    theme: ThemeChoice,
    choose: Callable[[ThemeChoice], None],
) -> ViewActions:
    """Add the menu of what is shown, and how."""
    menu = window.menuBar().addMenu("&View")
    # The plane itself handles these keys; fields use them for their own ends.
    zoom_in = menu.addAction("&Zoom in\t+", lambda: plane.zoom(1))
    zoom_out = menu.addAction("Zoom &out\t−", lambda: plane.zoom(-1))
    fit = menu.addAction("&Fit everything\tHome", plane.fit)
    menu.addAction("Go to the &nearest test digit\tEnter", plane.snap)
    menu.addSeparator()
    panels = {}
    for name, key in (("Layers", "Ctrl+L"), ("Inspector", "Ctrl+I")):
        panel = panels[name.lower()] = menu.addAction(f"&{name}")
        panel.setCheckable(True)
        panel.setChecked(True)
        panel.setShortcut(QKeySequence(key))
        panel.setWhatsThis(f"Fold or unfold the {name.lower()} panel")
    alone = menu.addAction("The plane &alone")
    alone.setCheckable(True)
    alone.setShortcut(QKeySequence("F11"))
    themes = menu.addMenu("&Theme")
    group = QActionGroup(themes)
    for choice in ThemeChoice:
        action = QAction(choice.value.capitalize(), group, checkable=True)
        action.setChecked(choice is theme)
        action.triggered.connect(lambda _=False, choice=choice: choose(choice))
        themes.addAction(action)
    return ViewActions(fit, zoom_in, zoom_out, panels, alone)


def add_layers_menu(window: "QMainWindow", session: Session, layers: Sequence[Layer]) -> None:
    """Add the menu that switches each layer of the plane."""
    menu = window.menuBar().addMenu("&Layers")
    actions = {}
    for layer in reversed(layers):
        action = actions[layer.key] = menu.addAction(layer.title.replace("&", "&&"))
        action.setCheckable(True)
        action.setToolTip(layer.tip)
        action.setWhatsThis(f"Show or hide {layer.title}")
        action.setShortcut(QKeySequence(layer.shortcut))
        action.triggered.connect(lambda shown, key=layer.key: session.show_layer(key, shown))

    def show() -> None:
        for key, action in actions.items():
            action.setChecked(session.layers[key].visible)

    session.layers_changed.connect(show)
    show()


def add_classes_menu(window: "QMainWindow", session: Session) -> None:
    """Add the menu that switches classes: a digit's key, and with Alt that class alone."""
    menu = window.menuBar().addMenu("&Classes")
    everything = menu.addAction("&All classes")
    everything.setShortcut(QKeySequence("A"))
    everything.setWhatsThis("Show all classes")
    everything.triggered.connect(lambda: session.hide_classes(frozenset()))
    menu.addSeparator()
    alone = menu.addMenu("&One class alone")
    actions = []
    for index in range(len(CLASS_COLOURS)):
        action = menu.addAction("")
        action.setCheckable(True)
        action.setShortcut(QKeySequence(str(index)))
        action.triggered.connect(lambda _=False, index=index: session.toggle_class(index))
        action.setWhatsThis("Show or hide a class")
        only = alone.addAction("")
        only.setWhatsThis("Show one class alone, or all again")
        only.setShortcut(QKeySequence(f"Alt+{index}"))
        only.triggered.connect(lambda _=False, index=index: session.solo_class(index))
        actions.append((action, only))

    def show() -> None:
        digits = session.digits
        menu.setEnabled(digits is not None)
        for index, pair in enumerate(actions):
            name = str(index) if digits is None else digits.class_names[index]
            for action in pair:
                action.setText(name.replace("&", "&&"))
                action.setEnabled(digits is not None)
            pair[0].setChecked(index not in session.hidden_classes)

    for signal in (session.digits_changed, session.classes_changed):
        signal.connect(show)
    show()


def add_colours_menu(window: "QMainWindow", session: Session, next_: Callable[[], None]) -> None:
    """Add the menu of what the colours of digits say."""
    menu = window.menuBar().addMenu("C&olours")
    following = menu.addAction("Colour by the &next number", next_)
    following.setShortcut(QKeySequence("C"))
    menu.addSeparator()
    group = QActionGroup(menu)
    actions = {}
    for key, title in (None, "Class"), *((key, number.title) for key, number in NUMBERS.items()):
        action = actions[key] = QAction(title, group, checkable=True)
        action.triggered.connect(lambda _=False, key=key: session.colour_by(key))
        menu.addAction(action)

    def show() -> None:
        actions[session.colouring].setChecked(True)

    session.colouring_changed.connect(show)
    show()


def add_help_menu(window: "QMainWindow", show_keys: Callable[[], None]) -> QAction:
    """Add the menu with the sheet of keys; return the action that opens it."""
    menu = window.menuBar().addMenu("&Help")
    action = menu.addAction("&Keys and gestures")
    action.setShortcut(QKeySequence("?"))
    action.triggered.connect(show_keys)
    return action

"""The menu bar: every action, and the key that does the same."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from vae_gui.layers.layer import Layer
from vae_gui.preferences import Preferences
from vae_gui.session import Session
from vae_gui.theme import CLASS_COLOURS, ThemeChoice

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


def add_view_menu(
    window: "QMainWindow",
    fit: Callable[[], None],
    snap: Callable[[], None],
    show_layers: Callable[[bool], None],
    show_inspector: Callable[[bool], None],
    theme: ThemeChoice,
    choose_theme: Callable[[ThemeChoice], None],
) -> None:
    """Add the menu of what is shown, and how."""
    menu = window.menuBar().addMenu("&View")
    # The plane itself handles these two keys; fields use them for their own ends.
    menu.addAction("&Fit everything\tHome", fit)
    menu.addAction("Go to the &nearest test digit\tEnter", snap)
    menu.addSeparator()
    for name, key, show in (
        ("&Layers", "Ctrl+L", show_layers),
        ("&Inspector", "Ctrl+I", show_inspector),
    ):
        panel = menu.addAction(name)
        panel.setCheckable(True)
        panel.setChecked(True)
        panel.setShortcut(QKeySequence(key))
        panel.toggled.connect(show)
    themes = menu.addMenu("&Theme")
    group = QActionGroup(themes)
    for choice in ThemeChoice:
        action = QAction(choice.value.capitalize(), group, checkable=True)
        action.setChecked(choice is theme)
        action.triggered.connect(lambda _=False, choice=choice: choose_theme(choice))
        themes.addAction(action)


def add_layers_menu(window: "QMainWindow", session: Session, layers: Sequence[Layer]) -> None:
    """Add the menu that switches each layer of the plane."""
    menu = window.menuBar().addMenu("&Layers")
    actions = {}
    for layer in reversed(layers):
        action = actions[layer.key] = menu.addAction(layer.title.replace("&", "&&"))
        action.setCheckable(True)
        action.setToolTip(layer.tip)
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
    everything.triggered.connect(lambda: session.hide_classes(frozenset()))
    menu.addSeparator()
    alone = menu.addMenu("&One class alone")
    actions = []
    for index in range(len(CLASS_COLOURS)):
        action = menu.addAction("")
        action.setCheckable(True)
        action.setShortcut(QKeySequence(str(index)))
        action.triggered.connect(lambda _=False, index=index: session.toggle_class(index))
        only = alone.addAction("")
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


def add_help_menu(window: "QMainWindow", show_keys: Callable[[], None]) -> None:
    """Add the menu with the sheet of keys."""
    menu = window.menuBar().addMenu("&Help")
    action = menu.addAction("&Keys and gestures")
    action.setShortcut(QKeySequence("?"))
    action.triggered.connect(show_keys)

"""The sheet of keys and gestures that `?` opens, made from the menus and the tools' gestures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from vae_gui.style.labels import label
from vae_gui.widgets.action_words import keys_of, title_of

COLUMNS = 3
SPACE = 14  # between groups, in pixels
MOST_KEYS = 3  # of more keys with the same effect, only the first and the last are written


@dataclass(frozen=True)
class Row:
    """Some keys or gestures, and their effect."""

    keys: tuple[str, ...]
    effect: str

    @property
    def written(self) -> str:
        """The keys, as they stand in the sheet."""
        if len(self.keys) > MOST_KEYS:
            return f"{self.keys[0]} … {self.keys[-1]}"
        return ", ".join(self.keys)


@dataclass(frozen=True)
class Group:
    """Rows that belong together."""

    title: str
    rows: tuple[Row, ...]


def groups_of(menus: QMenuBar, gestures: Iterable[tuple[str, str]]) -> list[Group]:
    """The gestures, and a group for each menu that has keys."""
    hand = Group("In the plane", tuple(Row((gesture,), effect) for gesture, effect in gestures))
    found = [hand]
    for entry in menus.actions():
        rows = _rows(_actions_in(QMenu.menuInAction(entry)))
        if rows:
            found.append(Group(title_of(entry), rows))
    return found


def _actions_in(menu: QMenu | None) -> list[QAction]:
    """All actions of a menu, and of the menus in it."""
    if menu is None:
        return []
    found = []
    for action in menu.actions():
        inner = QMenu.menuInAction(action)
        found += [action] if inner is None else _actions_in(inner)
    return found


def _rows(actions: Iterable[QAction]) -> tuple[Row, ...]:
    """A row for each effect: actions with the same words share one."""
    keys: dict[str, list[str]] = {}
    for action in actions:
        if own := keys_of(action):
            keys.setdefault(_effect_of(action), []).extend(own)
    return tuple(Row(tuple(some), effect) for effect, some in keys.items())


def _effect_of(action: QAction) -> str:
    return action.whatsThis() or title_of(action)


class KeysSheet(QDialog):
    """All keys and gestures on one sheet."""

    def __init__(self, groups: Sequence[Group], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys and gestures")
        columns = QHBoxLayout()
        columns.setSpacing(32)
        for column in _in_columns(groups):
            columns.addLayout(_made(column))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(20)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _in_columns(groups: Sequence[Group]) -> list[list[Group]]:
    """The groups, in order, in columns of about equal height."""
    heights = [len(group.rows) + 2 for group in groups]  # a title and a space
    columns: list[list[Group]] = [[] for _ in range(COLUMNS)]
    above = 0.0
    for group, height in zip(groups, heights, strict=True):
        middle = above + height / 2
        columns[int(COLUMNS * middle / sum(heights))].append(group)
        above += height
    return columns


def _made(column: Sequence[Group]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    for group in column:
        line = grid.rowCount()
        grid.setRowMinimumHeight(line, 0 if line == 1 else SPACE)
        grid.addWidget(label("section", group.title, wrap=False), line + 1, 0, 1, 2)
        for number, row in enumerate(group.rows, start=line + 2):
            grid.addWidget(label("title", row.written, wrap=False), number, 0)
            grid.addWidget(label("text", row.effect, wrap=False), number, 1)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid

"""Actions as rows of a table, and the menus, buttons, key sheet and tooltips made from them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from vae_gui.widgets.action_words import WRITTEN_KEY


@dataclass(frozen=True)
class Action:
    """One thing that the user can do.

    Attributes:
        name: what the program finds it by.
        title: as menus show it, with "&" before its letter.
        do: does it; None where others follow its switch.
        keys: any of these does the same.
        effect: what the sheet of keys says of it, where the title would not do.
        tip: its tooltip, where more is to be said than its title and keys.
        icon: of its button above the plane; none without one.
        written_key: a key that the plane handles itself, since fields use it for their own ends.
        is_on: whether it is switched on, for what can be on or off.
        after: the signals after which that is asked again.
        excludes_others: whether it is one of several of its menu of which one is on.
    """

    name: str
    title: str
    do: Callable[[], object] | None = None
    keys: tuple[str, ...] = ()
    effect: str = ""
    tip: str = ""
    icon: str = ""
    written_key: str = ""
    is_on: Callable[[], bool] | None = None
    after: Sequence[SignalInstance] = ()
    excludes_others: bool = False

    def made(self, parent: QObject) -> QAction:
        """The QAction of this row."""
        made = QAction(self.title, parent)
        if self.written_key:
            made.setText(f"{self.title}{WRITTEN_KEY}{self.written_key}")
        made.setShortcuts([QKeySequence(key) for key in self.keys])
        made.setWhatsThis(self.effect)
        made.setData(self.icon)
        if self.tip:
            made.setToolTip(self.tip)
        if (do := self.do) is not None:
            made.triggered.connect(lambda _=False: do())
        if self.is_on is not None:
            self._follow(made, self.is_on)
        return made

    def _follow(self, made: QAction, is_on: Callable[[], bool]) -> None:
        made.setCheckable(True)
        made.setChecked(is_on())
        for signal in self.after:
            signal.connect(lambda *_: made.setChecked(is_on()))


@dataclass(frozen=True)
class Menu:
    """A menu: rows of actions and menus, with None for a line between them.

    Attributes:
        title: with "&" before its letter.
        rows: what is in it.
        fill: makes the rows anew each time the menu is opened, in place of `rows`.
    """

    title: str
    rows: Sequence["Action | Menu | None"] = ()
    fill: Callable[[], Sequence["Action | None"]] | None = None


def build_menus(bar: QMenuBar, menus: Sequence[Menu]) -> dict[str, QAction]:
    """Fill the menu bar; return the actions by name."""
    made: dict[str, QAction] = {}
    for menu in menus:
        made |= _fill(bar.addMenu(menu.title), menu)
    return made


def _fill(menu: QMenu, table: Menu) -> dict[str, QAction]:
    if table.fill is not None:
        menu.aboutToShow.connect(lambda: _refill(menu, table))
        return {}
    return dict(_rows(menu, table.rows))


def _refill(menu: QMenu, table: Menu) -> None:
    assert table.fill is not None
    menu.clear()
    for name, action in _rows(menu, table.fill()):
        action.setEnabled(bool(name))


def _rows(menu: QMenu, rows: Sequence[Action | Menu | None]) -> Iterator[tuple[str, QAction]]:
    group = QActionGroup(menu)
    for row in rows:
        if row is None:
            menu.addSeparator()
        elif isinstance(row, Menu):
            yield from _fill(menu.addMenu(row.title), row).items()
        else:
            made = row.made(menu)
            if row.excludes_others:
                group.addAction(made)
            menu.addAction(made)
            yield row.name, made


def plain(text: object) -> str:
    """Text that menus show as it is, without marks for letters."""
    return str(text).replace("&", "&&")

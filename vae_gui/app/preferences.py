"""What the window remembers from one start to the next."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeGuard

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QWidget

from vae_gui.app.magnifying import USUAL
from vae_gui.app.placing import bring_back
from vae_gui.state.appearance import MAGNIFICATIONS, SIZES, Appearance, LayerState
from vae_gui.state.measures import MEASURES
from vae_gui.style.theme import ThemeChoice
from vae_gui.widgets.splitter import Splitter

MAX_RECENT = 10
# Pixels of a picture for each pixel of the window.
PICTURE_SCALES = (1, 2, 4)

# By the name of a part of the window, the control that shows the part while it is checked.
Folds = Mapping[str, QAction | QAbstractButton]
# By name, the edges between two parts of the window that can be dragged.
Edges = Mapping[str, Splitter]


class Preferences:
    """Recent files, theme, layout, layers, colours. What is stored is not trusted.

    A damaged value counts as never stored; the others are used.
    """

    def __init__(self) -> None:
        self._store = QSettings()

    def forget_everything(self) -> None:
        """Return to the state of the first start."""
        self._store.clear()
        self._store.sync()

    @property
    def recent_files(self) -> list[Path]:
        """The files opened last that still exist, newest first."""
        stored = self._store.value("recent_files", [])
        names = [stored] if isinstance(stored, str) else stored
        if not isinstance(names, list):
            return []
        return [Path(name) for name in names if isinstance(name, str) and _exists(name)]

    def add_recent_file(self, path: Path) -> None:
        """Put a file at the top of the list."""
        path = path.resolve()
        others = [other for other in self.recent_files if other != path]
        self._store.setValue("recent_files", [str(p) for p in [path, *others][:MAX_RECENT]])

    def forget_recent_files(self) -> None:
        """Empty the list."""
        self._store.remove("recent_files")

    @property
    def theme(self) -> ThemeChoice:
        """The theme the user chose."""
        stored = str(self._store.value("theme", ""))
        return ThemeChoice(stored) if stored in list(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", str(choice))

    @property
    def geometry(self) -> QByteArray:
        """The window's geometry as Qt wrote it; Qt checks it when it is restored."""
        stored = self._store.value("geometry")
        return stored if isinstance(stored, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("geometry", geometry)

    @property
    def picture_scale(self) -> int:
        """The pixels of a saved picture for each pixel of the window."""
        stored = str(self._store.value("picture_scale", ""))
        return int(stored) if stored in {str(scale) for scale in PICTURE_SCALES} else 2

    @picture_scale.setter
    def picture_scale(self, scale: int) -> None:
        self._store.setValue("picture_scale", str(scale))

    @property
    def picture_folder(self) -> Path:
        """Where the last picture was saved; the user's own folder at first."""
        stored = self._store.value("picture_folder", "")
        return Path(stored) if isinstance(stored, str) and _exists(stored) else Path.home()

    @picture_folder.setter
    def picture_folder(self, folder: Path) -> None:
        self._store.setValue("picture_folder", str(folder))

    @property
    def has_seen_tour(self) -> bool:
        """Whether the steps of the first start were closed once."""
        return str(self._store.value("has_seen_tour", "")) == "true"

    @has_seen_tour.setter
    def has_seen_tour(self, seen: bool) -> None:
        self._store.setValue("has_seen_tour", "true" if seen else "")

    def unfolded(self, known: Mapping[str, bool]) -> dict[str, bool]:
        """Whether each known part is unfolded: as stored, or else as given."""
        stored = self._parsed("unfolded")
        found = stored if isinstance(stored, dict) else {}
        values = {name: found.get(name) for name in known}
        return {n: v if isinstance(v, bool) else known[n] for n, v in values.items()}

    def set_unfolded(self, parts: Mapping[str, bool]) -> None:
        """Remember which parts are unfolded."""
        self._store.setValue("unfolded", json.dumps(dict(parts)))

    def shares(self, known: Iterable[str]) -> dict[str, float | None]:
        """The share that someone gave the second part at each known edge; None: nobody did."""
        stored = self._parsed("shares")
        found = stored if isinstance(stored, dict) else {}
        return {name: _share(found.get(name)) for name in known}

    def set_shares(self, shares: Mapping[str, float | None]) -> None:
        """Remember the shares at some edges."""
        self._store.setValue("shares", json.dumps(dict(shares)))

    def layers(self, known: Mapping[str, LayerState]) -> dict[str, LayerState]:
        """The state of each known layer: as stored, or else as given."""
        stored = self._parsed("layers")
        found = stored if isinstance(stored, dict) else {}
        return {key: _layer_state(found.get(key), state) for key, state in known.items()}

    def set_layers(self, layers: Mapping[str, LayerState]) -> None:
        """Remember how layers are shown."""
        plain = {key: [state.visible, state.opacity, state.size] for key, state in layers.items()}
        self._store.setValue("layers", json.dumps(plain))

    @property
    def magnifications(self) -> dict[str, float]:
        """How large text, points and marks are, in the window and in the plane alone."""
        stored = self._parsed("magnifications")
        found = stored if isinstance(stored, dict) else {}
        values = {where: found.get(where) for where in USUAL}
        return {w: v if _is_magnification(v) else USUAL[w] for w, v in values.items()}

    @magnifications.setter
    def magnifications(self, sizes: Mapping[str, float]) -> None:
        self._store.setValue("magnifications", json.dumps(dict(sizes)))

    @property
    def colouring(self) -> str | None:
        """The key of the measure that colours images; None: by class."""
        stored = self._store.value("colouring")
        return stored if isinstance(stored, str) and stored in MEASURES else None

    @colouring.setter
    def colouring(self, measure: str | None) -> None:
        self._store.setValue("colouring", measure or "")

    def _parsed(self, name: str) -> object:
        """A stored value parsed as JSON; None if it is damaged."""
        try:
            return json.loads(str(self._store.value(name, "")))
        except (ValueError, RecursionError):
            return None


def _is_magnification(stored: object) -> TypeGuard[float]:
    return isinstance(stored, float) and stored in MAGNIFICATIONS


def _share(stored: object) -> float | None:
    """A stored share; None where it is damaged."""
    return stored if isinstance(stored, float) and 0.0 < stored < 1.0 else None


def _layer_state(stored: object, known: LayerState) -> LayerState:
    """A layer's stored state; the given one where the stored one is damaged."""
    if not isinstance(stored, list) or not 2 <= len(stored) <= 3:
        return known
    visible, opacity, size = (*stored, known.size)[:3]
    if not isinstance(visible, bool):
        visible = known.visible
    is_number = isinstance(opacity, (int, float)) and not isinstance(opacity, bool)
    if not is_number or not math.isfinite(opacity) or not 0.0 <= opacity <= 1.0:
        opacity = known.opacity
    if not isinstance(size, int) or isinstance(size, bool) or size not in range(len(SIZES)):
        size = known.size
    return LayerState(visible, float(opacity), size)


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def recall_layers(preferences: Preferences, appearance: Appearance) -> None:
    """Restore layers and colours."""
    for key, state in preferences.layers(appearance.layers).items():
        appearance.set_layer(key, state)
    appearance.colour_by(preferences.colouring)


def recall_layout(preferences: Preferences, window: QWidget, folds: Folds, edges: Edges) -> None:
    """Restore the window's place, the folded parts, and the edges between parts.

    The window has its usual size already, and keeps it if what is stored makes no sense, or is of
    a screen of quite another width.
    """
    stored = preferences.geometry
    # Qt takes a part of what it wrote for the whole, and would make the window a pixel large.
    is_whole = stored.size() == window.saveGeometry().size()
    if is_whole and window.restoreGeometry(stored):
        bring_back(window)
    unfolded = preferences.unfolded({name: fold.isChecked() for name, fold in folds.items()})
    for name, fold in folds.items():
        fold.setChecked(unfolded[name])
    for name, share in preferences.shares(edges).items():
        edges[name].set_share(share)


def keep(
    preferences: Preferences,
    window: QWidget,
    appearance: Appearance,
    folds: Folds,
    edges: Edges,
) -> None:
    """Store all that the two functions above restore."""
    preferences.set_shares({name: edge.share for name, edge in edges.items()})
    preferences.geometry = window.saveGeometry()
    preferences.set_unfolded({name: fold.isChecked() for name, fold in folds.items()})
    preferences.set_layers(appearance.layers)
    preferences.colouring = appearance.colouring

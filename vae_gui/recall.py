"""The window as it was when it was closed last."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from vae_gui.preferences import Preferences
from vae_gui.session import Session


def recall_layers(preferences: Preferences, session: Session) -> None:
    """Show the layers and the colours that were shown."""
    for key, state in preferences.layers(session.layers).items():
        session.set_layer(key, state)
    session.colour_by(preferences.colouring)


def recall_layout(preferences: Preferences, window: QWidget, panels: Mapping[str, QAction]) -> None:
    """Put the window where it was, and fold the panels that were folded.

    Args:
        preferences: what is remembered.
        window: has its usual size already, and keeps it if what is stored makes no sense.
        panels: the actions that show each panel while they are checked, by name.
    """
    usual = window.geometry()
    stored = preferences.geometry
    # Qt takes a part of what it wrote for the whole, and would make the window a pixel large.
    is_whole = stored.size() == window.saveGeometry().size()
    if is_whole and not window.restoreGeometry(stored):
        window.setGeometry(usual)
    for name, action in panels.items():
        action.setChecked(name not in preferences.folded)


def keep(
    preferences: Preferences,
    window: QWidget,
    session: Session,
    panels: Mapping[str, QAction],
) -> None:
    """Keep all that the two functions above bring back."""
    preferences.geometry = window.saveGeometry()
    preferences.folded = frozenset(
        name for name, action in panels.items() if not action.isChecked()
    )
    preferences.set_layers(session.layers)
    preferences.colouring = session.colouring

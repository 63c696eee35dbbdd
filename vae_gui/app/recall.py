"""The window as it was when it was closed last."""

from collections.abc import Mapping

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QWidget

from vae_gui.app.preferences import Preferences
from vae_gui.state.session import Session

# What shows a part of the window while it is checked, by the part's name.
Folds = Mapping[str, QAction | QAbstractButton]


def recall_layers(preferences: Preferences, session: Session) -> None:
    """Show the layers and the colours that were shown."""
    for key, state in preferences.layers(session.layers).items():
        session.set_layer(key, state)
    session.colour_by(preferences.colouring)


def recall_layout(preferences: Preferences, window: QWidget, folds: Folds) -> None:
    """Put the window where it was, and fold the parts that were folded.

    The window has its usual size already, and keeps it if what is stored makes no sense.
    """
    usual = window.geometry()
    stored = preferences.geometry
    # Qt takes a part of what it wrote for the whole, and would make the window a pixel large.
    is_whole = stored.size() == window.saveGeometry().size()
    if is_whole and not window.restoreGeometry(stored):
        window.setGeometry(usual)
    unfolded = preferences.unfolded({name: fold.isChecked() for name, fold in folds.items()})
    for name, fold in folds.items():
        fold.setChecked(unfolded[name])


def keep(preferences: Preferences, window: QWidget, session: Session, folds: Folds) -> None:
    """Keep all that the two functions above bring back."""
    preferences.geometry = window.saveGeometry()
    preferences.set_unfolded({name: fold.isChecked() for name, fold in folds.items()})
    preferences.set_layers(session.layers)
    preferences.colouring = session.colouring

"""Light and dark: what the user chooses, and the palette of the widgets."""

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from vae_gui.style.palette import DARK, LIGHT, Theme


class ThemeChoice(StrEnum):
    """What the user may choose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def faded(colour: str, alpha: float) -> QColor:
    """A colour, #rrggbb, as opaque as alpha says, from 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def resolve(choice: ThemeChoice) -> Theme:
    """The theme of a choice; the light one where the system does not say."""
    if choice is ThemeChoice.SYSTEM:
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice is ThemeChoice.DARK else LIGHT


def theme_of(palette: QPalette) -> Theme:
    """The theme that a widget's palette is of."""
    return DARK if palette.color(QPalette.ColorRole.Light).lightness() < 128 else LIGHT


def apply(application: QApplication, theme: Theme) -> None:
    """Give all widgets a theme's palette.

    There is no style sheet: with one, each repaint of the panel under the hand takes twice as long.
    """
    palette = _palette(theme)
    application.setPalette(palette)
    QToolTip.setPalette(palette)


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.field),
        (role.AlternateBase, theme.warning),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.field),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.text),
        (role.Light, theme.surface),
        (role.Mid, theme.line),
        (role.Dark, theme.line),
        (role.ToolTipBase, theme.surface),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
        (role.Accent, theme.accent),
    ):
        palette.setColor(where, QColor(colour))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.muted))
    return palette

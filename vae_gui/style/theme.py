"""Light and dark: the palette of the widgets, and the colours of what is drawn in the plane."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip


class ThemeChoice(StrEnum):
    """What the user may choose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Theme:
    """The colours of one look, as #rrggbb. Widgets know them by their roles in the palette.

    Attributes:
        window: behind the panels (Window).
        surface: behind the plane (Light).
        field: behind what can be typed into, ticked or pressed (Base, Button).
        text: what is read (WindowText).
        muted: captions and axes (PlaceholderText).
        line: hairlines between parts, and axes (Mid).
        accent: the one colour that calls for the hand (Highlight).
        on_accent: text upon it (HighlightedText).
        warning: behind an error message (AlternateBase).
    """

    window: str
    surface: str
    field: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    warning: str


LIGHT = Theme(
    window="#f4f5f7",
    surface="#ffffff",
    field="#ffffff",
    text="#1c1f24",
    muted="#5d6570",
    line="#d5d9df",
    accent="#1f5fd1",
    on_accent="#ffffff",
    warning="#fde7c8",
)
DARK = Theme(
    window="#1d1f23",
    surface="#141518",
    field="#34383f",
    text="#e6e8eb",
    muted="#9aa3ae",
    line="#383c44",
    accent="#7aa7ff",
    on_accent="#10131a",
    warning="#5a3d10",
)

# petroff10 (Petroff 2021, arXiv 2107.02270): ten colours that stay apart for colour-blind eyes.
CLASS_COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)


def faded(colour: str, alpha: float) -> QColor:
    """A colour, #rrggbb, as opaque as alpha says, from 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def resolve(choice: ThemeChoice) -> Theme:
    """The theme that a choice means now; where the system does not say, the light one."""
    if choice is ThemeChoice.SYSTEM:
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice is ThemeChoice.DARK else LIGHT


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

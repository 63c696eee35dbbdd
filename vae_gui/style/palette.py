"""The colours of each look, and of the classes. Free of Qt: layers draw with them in workers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

# petroff10 (Petroff 2021, arXiv 2107.02270): ten colours that colour-blind eyes can tell apart.
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


def rgb(colour: str) -> int:
    """A colour, #rrggbb, as an opaque pixel 0xffRRGGBB."""
    return 0xFF000000 | int(colour.removeprefix("#"), 16)


def class_palette() -> NDArray[np.uint32]:
    """The colours of the classes as pixels, (10,) 0xffRRGGBB."""
    return np.array([rgb(colour) for colour in CLASS_COLOURS], dtype=np.uint32)

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
        posterior: a posterior density in the plane, above points of all classes.
        chains: of pseudo-Gibbs and of Metropolis-within-Gibbs, upon a posterior density.
        classes: what belongs to each of the ten classes.
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
    posterior: str
    chains: tuple[str, str]
    classes: tuple[str, ...]


# petroff10 (Petroff 2021, arXiv 2107.02270): ten colours that colour-blind eyes can tell apart,
# dealt out to the digits 0 to 9 so that those that models confuse differ most. In each look some
# are lighter or darker than his, so that none is hard to see there. The test of these colours says
# by how much all this holds.
_ON_LIGHT = (
    "#a56755",
    "#6b6f7b",
    "#1a7bc3",
    "#c07d01",
    "#51999c",
    "#758482",
    "#bd5104",
    "#9a8e54",
    "#911600",
    "#832db6",
)
_ON_DARK = (
    "#a96b59",
    "#717581",
    "#3f90da",
    "#ffa90e",
    "#92dadd",
    "#94a4a2",
    "#e76300",
    "#b9ac70",
    "#c92c0b",
    "#963fc8",
)
CLASS_COUNT = len(_ON_LIGHT)

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
    posterior="#c2007c",
    chains=("#806000", "#006b8f"),
    classes=_ON_LIGHT,
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
    posterior="#ff66c4",
    chains=("#ffd84d", "#4dd2ff"),
    classes=_ON_DARK,
)


def rgb(colour: str) -> int:
    """A colour, #rrggbb, as an opaque pixel 0xffRRGGBB."""
    return 0xFF000000 | int(colour.removeprefix("#"), 16)


def class_palette(theme: Theme) -> NDArray[np.uint32]:
    """The colours of the classes as pixels, (10,) 0xffRRGGBB."""
    return np.array([rgb(colour) for colour in theme.classes], dtype=np.uint32)


def contrast(one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.float64]:
    """How well pixels can be seen upon each other, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    first, second = _luminance(one) + 0.05, _luminance(other) + 0.05
    found: NDArray[np.float64] = np.maximum(first, second) / np.minimum(first, second)
    return found


def _luminance(colours: NDArray[np.integer]) -> NDArray[np.float64]:
    """The relative luminance of pixels 0xRRGGBB, from 0 to 1 (WCAG 2.2)."""
    channels = np.stack([(colours >> shift) & 0xFF for shift in (16, 8, 0)], axis=-1) / 255.0
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    found: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return found

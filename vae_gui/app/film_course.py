"""The course of a film of a run: which snapshot each frame shows, and how far points have come."""

import math
from typing import NamedTuple

TELLS = "VAE_GUI_TELLS_PROGRESS"  # a window asks for it by this variable of the environment
FRAME_MS = 60  # a GIF counts in hundredths of a second
LEAST_FRAMES = 2
REST = 0.15  # of the film, for which the last snapshot stays


class Frame(NamedTuple):
    """One picture of a film.

    Attributes:
        snapshot: the index of the one whose weights it shows.
        fraction: of the way that points have gone there, above 0; 1: they have arrived.
    """

    snapshot: int
    fraction: float


def course(snapshots: int, seconds: float) -> list[Frame]:
    """The frames of a film of so many snapshots that takes so long.

    Each snapshot has the same time: they are dense where much happens. Where there are more
    snapshots than frames, some are passed over; the first and the last never.
    """
    frames = max(LEAST_FRAMES, round(1000.0 * seconds / FRAME_MS))
    moving = max(1, frames - round(REST * frames) - 1)
    places = [(snapshots - 1) * frame / moving for frame in range(moving + 1)]
    shown = [_frame(place) for place in places]
    return shown + [Frame(snapshots - 1, 1.0)] * (frames - len(shown))


def _frame(place: float) -> Frame:
    """The frame at a place between two snapshots: points are on their way to the later one."""
    index = math.ceil(place - 1e-9)
    return Frame(index, min(1.0, 1.0 - (index - place)))

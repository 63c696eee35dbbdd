"""How far a run is: what a look at it found. Free of torch: the window asks at its start."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What can be said of a run from its folder."""

    GOING_ON = "going on"  # or killed: its folder does not tell
    ENDED = "ended"
    GONE = "gone"  # there is no run in the folder, or no folder
    UNREADABLE = "unreadable"  # the system refuses: it may be readable again later


@dataclass(frozen=True)
class RunState:
    """What one look at a run found.

    Attributes:
        stage: whether it goes on.
        epoch: that of its checkpoint; 0 while there is none.
        reason: why it ended ("finished", "interrupted", "diverged"), or why it cannot be read.
    """

    stage: Stage
    epoch: int = 0
    reason: str = ""

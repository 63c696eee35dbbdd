"""How far a run is: what a look at it found. Free of torch: the window asks at its start."""

from dataclasses import dataclass
from enum import StrEnum

SILENCE_STEP = 20  # seconds: a training writes its progress twice a second


class Stage(StrEnum):
    """What can be said of a run from its folder."""

    GOING_ON = "going on"  # or killed: its files do not tell, its lock and time may
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
        is_lost: whether the process that was seen to train it is gone, and has written no end.
        silence: for how many seconds nothing has been written, where nobody is seen to train it: in
            steps of `SILENCE_STEP`; 0 for less, or where the training is known to go on.
        can_go_on: whether there is something to continue from.
        started: when the run began, as its settings say: another run in the folder says another
            time. Empty where they say nothing.
    """

    stage: Stage
    epoch: int = 0
    reason: str = ""
    is_lost: bool = False
    silence: int = 0
    can_go_on: bool = False
    started: str = ""

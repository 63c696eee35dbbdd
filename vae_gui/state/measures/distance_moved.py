"""How far images have moved since the snapshot before."""

from collections.abc import Generator

import numpy as np

from vae_gui.state.measures.measure import Subject, Values
from vae_gui.style.scales import Scale

# Fixed, so that a colour means the same at each snapshot: the prior's standard deviation is 1.
SCALE = Scale(0.0, 0.5, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5), 0.1)


def compute_distance_moved(subject: Subject) -> Generator[Values, None, None]:
    """The distance of each mean of q(z|x) from where the snapshot before has it, in units of z."""
    former = subject.images.former
    if former is not None:
        yield Values("moved", 0, np.linalg.norm(subject.images.means - former, axis=1))


def why_nothing_moved(subject: Subject) -> str:
    """Why there is no distance; empty where there is one."""
    return "" if subject.images.former is not None else "no snapshot before"

"""The snapshot schedule: the steps of a run after which its weights are kept to be looked at.

Most of what there is to see happens in the first epoch, so snapshots are dense at first: the steps
0, 1, 3, 10, 30, 100, 300, then each epoch, then epochs at growing distances, and the last one. How
soon the distances grow follows from a budget of bytes for each hundred epochs.

But for its last epoch, a schedule does not depend on how many epochs there are: a run that is
continued for longer keeps what the longer run would have kept.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = {
    "dense": "after the steps 0, 1, 3, 10, 30, 100 and 300 and after epochs",
    "epochs": "after epochs",
    "none": "no snapshots",
}

DENSE_STEPS = (0, 1, 3, 10, 30, 100, 300)

# The budget is for so many epochs.
_HUNDRED = 100
# Percent by which the distances between epochs grow at least: each of the first hundred epochs
# then has a snapshot, and a run of a thousand has some two hundred.
_SLOWEST = 2


@dataclass(frozen=True)
class SnapshotSchedule:
    """The snapshots that a run keeps.

    Attributes:
        steps: after which there is one, ascending; 0 is the untrained network.
        bytes_each: the size of one, at most.
    """

    steps: tuple[int, ...]
    bytes_each: int

    @property
    def bytes(self) -> int:
        """The size of all of them, at most."""
        return len(self.steps) * self.bytes_each

    def keeps(self, step: int) -> bool:
        """Whether there is a snapshot after this step."""
        return step in self.steps


def snapshot_schedule(
    kind: str, *, epochs: int, steps_per_epoch: int, bytes_each: int, bytes_per_hundred: int
) -> SnapshotSchedule:
    """The schedule of a run.

    Args:
        kind: one of `KINDS`.
        epochs: of the run.
        steps_per_epoch: the last one may have fewer images.
        bytes_each: the size of a snapshot.
        bytes_per_hundred: what the snapshots of each hundred epochs, begun or done, may take. Where
            that is less than one snapshot, there is none.
    """
    affordable = bytes_per_hundred // bytes_each
    if kind == "none" or affordable == 0:
        return SnapshotSchedule((), bytes_each)
    early = _spread(affordable // 2) if kind == "dense" else ()
    last = epochs * steps_per_epoch
    # One is set aside for the last epoch.
    kept_epochs = _kept_epochs(affordable - len(early) - 1, epochs)
    steps = {last, *early, *(epoch * steps_per_epoch for epoch in kept_epochs)}
    return SnapshotSchedule(tuple(sorted(step for step in steps if step <= last)), bytes_each)


def _spread(count: int) -> tuple[int, ...]:
    """At most so many of the dense steps, spread over them."""
    if count >= len(DENSE_STEPS):
        return DENSE_STEPS
    gaps = max(count - 1, 1)
    return tuple(DENSE_STEPS[index * (len(DENSE_STEPS) - 1) // gaps] for index in range(count))


def _kept_epochs(count: int, epochs: int) -> Iterator[int]:
    """Epochs of a run, at growing distances; at most `count` of each hundred.

    Distances never shrink, so no later hundred has more of them than the first.
    """
    if count <= 0:
        return iter(())
    growths = itertools.count(_SLOWEST)
    fits = next(growth for growth in growths if len(list(_growing(growth, _HUNDRED))) <= count)
    return _growing(fits, epochs)


def _growing(percent: int, last: int) -> Iterator[int]:
    """Whole numbers from 1 to `last`, each so much larger than the one before, or by 1."""
    number = 1
    while number <= last:
        yield number
        number += max(1, number * percent // 100)

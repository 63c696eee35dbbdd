"""The progress of a long computation."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called with the fraction that is done, from 0 to 1. An exception in it stops the computation."""


def ignore(done: float) -> None:
    """Do nothing."""


def fraction(progress: Progress, start: float, end: float) -> Progress:
    """The progress of the part of a computation that takes it from `start` to `end`."""
    return lambda done: progress(start + (end - start) * done)

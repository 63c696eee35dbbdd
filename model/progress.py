"""How a long computation says how far it is."""

from collections.abc import Callable

Progress = Callable[[float], None]
"""Called with the part that is done, from 0 to 1. It may raise: that stops the computation."""


def ignore(done: float) -> None:
    """For those who do not want to know."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a computation that is itself the part from `start` to `end` of another."""
    return lambda done: progress(start + (end - start) * done)

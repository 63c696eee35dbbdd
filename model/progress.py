"""The progress of a long computation."""

from collections.abc import Callable, Generator
from typing import TypeVar

Progress = Callable[[float], None]
"""Called with the fraction that is done, from 0 to 1. An exception in it stops the computation."""

T = TypeVar("T")


def ignore(done: float) -> None:
    """Do nothing."""


def fraction(progress: Progress, start: float, end: float) -> Progress:
    """The progress of the part of a computation that takes it from `start` to `end`."""
    return lambda done: progress(start + (end - start) * done)


def stage(steps: Generator[float, None, T], start: float, end: float) -> Generator[float, None, T]:
    """The steps of a computation that is itself the fraction from `start` to `end` of another."""
    while True:
        try:
            yield min(end, start + (end - start) * next(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result


def finish(steps: Generator[float, None, T], on_progress: Progress = ignore) -> T:
    """Run a computation in steps to its end, and return its result."""
    while True:
        try:
            on_progress(next(steps))
        except StopIteration as stop:
            result: T = stop.value
            return result

"""Scales with round ticks, for colour bars and axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The ends of a scale. Values beyond have the colour of an end: outliers take no colours away.
PERCENTILES = (1.0, 99.0)
_LARGEST = 1e300  # twice as much is a number, too
_LONGEST = 1e15  # a number from here on is written with a power of ten


@dataclass(frozen=True)
class Scale:
    """A range of numbers, low < high, with round ticks in it, `step` apart."""

    low: float
    high: float
    ticks: tuple[float, ...]
    step: float

    def fraction_of(self, value: float) -> float:
        """Where a number lies, from 0 at the low end to 1 at the high end."""
        return (value - self.low) / (self.high - self.low)

    def text_of(self, value: float) -> str:
        """The text of a tick."""
        return text_of(value, self.step)

    def text_of_end(self, value: float) -> str:
        """The text of an end, which is no round number: to a tenth of a tick's step."""
        return text_of(value, self.step / 10.0)


def scale_of(values: NDArray[np.floating]) -> Scale | None:
    """A scale from the 1st to the 99th percentile of the known numbers; None if none is known."""
    known = np.asarray(values[np.isfinite(values)], dtype=np.float64).clip(-_LARGEST, _LARGEST)
    if len(known) == 0:
        return None
    low, high = (float(end) for end in np.percentile(known, PERCENTILES))
    least = 1e-9 * max(1.0, abs(low))
    if high - low < least:
        low, high = low - max(0.5, least), high + max(0.5, least)
    step = _round_step((high - low) / 5.0)
    return Scale(low, high, tuple(round_ticks(low, high, step)), step)


def joined(scales: Sequence[Scale]) -> Scale | None:
    """The scale that reaches over all of some; None of none."""
    if len(scales) < 2:
        return scales[0] if scales else None
    low, high = min(scale.low for scale in scales), max(scale.high for scale in scales)
    step = _round_step((high - low) / 5.0)
    return Scale(low, high, tuple(round_ticks(low, high, step)), step)


def signed_scale(largest: float) -> Scale:
    """A scale around zero that reaches at least as far as a positive number, with five ticks."""
    step = _round_step(largest / 2.0)
    return Scale(-2.0 * step, 2.0 * step, tuple(i * step for i in range(-2, 3)), step)


def round_ticks(low: float, high: float, least: float) -> list[float]:
    """The multiples of a round step between low and high; the step is at least `least`."""
    step = _round_step(least)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [index * step for index in range(first, last + 1)]


def text_of(value: float, step: float) -> str:
    """A number with enough decimals to tell it from its neighbour, a round step away."""
    power = math.floor(math.log10(step) + 1e-9)
    if abs(value) >= _LONGEST:
        return with_minus(f"{value:.{max(0, math.floor(math.log10(abs(value))) - power)}e}")
    decimals = max(0, -power)
    text = f"{value:.{decimals}f}"
    return with_minus(text) if float(text) else text.lstrip("-")


def _round_step(step: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is at least `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= step * (1.0 - 1e-9))


def with_minus(number: str) -> str:
    """A number's text with a minus sign in place of the hyphen."""
    return number.replace("-", "−")


def percent(fraction: float) -> str:
    """A fraction in percent, as it is written: 97 %, 0.4 %, under 0.1 %, over 99.9 %."""
    value = 100.0 * fraction
    if value < 0.1:
        return "under 0.1 %" if value > 0.0 else "0 %"
    if 99.0 < value < 100.0:
        return f"{value:.1f} %" if value <= 99.9 else "over 99.9 %"
    return f"{value:.1f} %" if value < 1.0 else f"{value:.0f} %"


def percent_of_belief(probability: float) -> str:
    """A probability that no model holds to be 0 or 1: what rounds to these is written as near them.

    A computer's floating-point numbers end at 1; a softmax does not reach it.
    """
    least = 1e-12
    return percent(min(max(probability, least), 1.0 - least))


def percent_in_little_room(fraction: float) -> str:
    """A fraction in percent, with signs for words: <0.1 %, >99.9 %."""
    return percent(fraction).replace("under ", "<").replace("over ", ">")

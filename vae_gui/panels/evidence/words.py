"""What the page Evidence says in words and numbers."""

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.document import Document
from vae_gui.state.inference import Numbers
from vae_gui.state.measures import MEASURES
from vae_gui.state.observation import Sketch

MEASURE = "log_likelihood"
UNKNOWN = "…"
NO_ANSWER = "–"


def nats(value: float) -> str:
    """A number of nats, with its sign; none if that is all that is left of it."""
    return f"{value:z.2f}".replace("-", "−")


def of_modes(numbers: Numbers) -> str:
    """The heading of the modes."""
    count = len(numbers.modes)
    if count == 0:
        return "modes: only in two latent dimensions"
    return "one mode, its mass" if count == 1 else f"{count} heaviest modes, their mass"


def missing(numbers: Numbers, sketch: Sketch) -> str:
    """The nats of the missing part, and for each of its pixels; why not, where they are unknown."""
    hidden = len(sketch.evidence.pixels) - sketch.count
    if numbers.nats_missing is None or hidden == 0:
        return NO_ANSWER
    return f"{nats(numbers.nats_missing)} ({numbers.nats_missing / hidden:.3f}/pixel)"


def place(numbers: Numbers, sketch: Sketch, document: Document) -> str:
    """A sentence that places the image among the test digits; or how to get it."""
    evidence = sketch.evidence
    log_p = numbers.log_p_observed if evidence.known.all() else numbers.log_p_whole
    if evidence.flip > 0.0:
        return "With noise there is no whole image to compare with the test digits."
    if sketch.count == 0:
        return ""
    if log_p is None:
        return "Is the rest blank? Press the button, and the image is compared with test digits."
    whole = evidence.pixels if sketch.truth is None else sketch.truth
    if np.any((whole > 0.0) & (whole < 1.0)):
        return "Grey pixels have no likelihood that could be compared with that of test digits."
    measures = document.measures
    if measures is None or not measures[MEASURE].is_complete:
        title = MEASURES[MEASURE].title_given(document.label)
        return f"Colour by “{title}” once, and the image is placed among the test digits."
    said = _among(log_p, measures[MEASURE].values)
    return said if document.label is None else f"Given y = {document.label}: {said}"


def _among(log_p: float, values: NDArray[np.float64]) -> str:
    known = values[~np.isnan(values)]
    likelier = 100.0 * float((known > log_p + 1e-3).mean())
    less = 100.0 * float((known < log_p - 1e-3).mean())
    comparison = "less likely" if likelier >= 50.0 else "likelier"
    return f"The whole image is {comparison} than {_share(max(likelier, less))} of the test digits."


def _share(percent: float) -> str:
    if percent == 100.0:
        return "all"
    return f"{min(percent, 99.9):.1f}\u00a0%" if percent > 99.0 else f"{percent:.0f}\u00a0%"

"""Exact p(y|x) of one image, by a model with classes of two latent dimensions, while one waits.

    p(y|x) = p(x|y) / sum over all classes of p(x|y),   p(x|y) = integral of p(x|y,z) p(z) over z

The prior of the classes is uniform. Each integral is over cells as fine as it needs
(`model.latent.refinement`): 0.2 seconds for ten of them, where `model.likelihood.class_likelihood`
takes minutes to be as exact for thousands of images.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.latent.decode_table import Decode, DecodeTable, Doubles, Floats, tabulation
from model.latent.evidence import Evidence
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore
from model.progress import stage

SIDE = 40  # points along an axis of each table: 27 MB a class
MOST_POINTS = 40_000  # decoded for each class, beside those of its table


@dataclass(frozen=True, eq=False)
class ClassPlane:
    """The decoder of one class, and what it decodes at the points of a table."""

    decode: Decode
    table: DecodeTable


@dataclass(frozen=True, eq=False)
class ClassPosterior:
    """What the integrals say of one image.

    Attributes:
        log_p_x_given_y: in nats, (10,).
        unresolved: why it may be wrong, as a sentence; None if it holds.
    """

    log_p_x_given_y: Doubles
    unresolved: str | None = None

    @cached_property
    def probabilities(self) -> Doubles:
        """p(y|x), (10,): they sum to one."""
        relative = np.exp(self.log_p_x_given_y - self.log_p_x_given_y.max())
        return np.asarray(relative / relative.sum())

    @property
    def log_likelihood(self) -> float:
        """Log p(x), in nats."""
        highest = float(self.log_p_x_given_y.max())
        return highest + float(np.log(np.exp(self.log_p_x_given_y - highest).mean()))


def class_planes(
    decoders: Sequence[Decode], side: int = SIDE
) -> Generator[float, None, list[ClassPlane]]:
    """Decode the plane of each class; yields the fraction done."""
    planes = []
    for label, decode in enumerate(decoders):
        span = label / len(decoders), (label + 1) / len(decoders)
        table = yield from stage(tabulation(decode, side), *span)
        planes.append(ClassPlane(decode, table))
    return planes


def class_posterior(
    planes: Sequence[ClassPlane], pixels: Floats
) -> Generator[float, None, ClassPosterior]:
    """Exact p(y|x) of an image (784,) of zeros and ones; yields the fraction done."""
    evidence = Evidence(pixels)
    log_p = np.empty(len(planes))
    reasons = []
    for label, plane in enumerate(planes):
        running = RunningScore(plane.table)
        for _ in running.begin_afresh(evidence):
            yield label / len(planes)
        span = label / len(planes), (label + 1) / len(planes)
        posterior = yield from stage(
            refinement(plane.decode, running, most_points=MOST_POINTS), *span
        )
        log_p[label] = posterior.log_evidence
        reasons.append(posterior.unresolved)
    return ClassPosterior(log_p, _why_unresolved(log_p, reasons))


def _why_unresolved(log_p: Doubles, reasons: Sequence[str | None]) -> str | None:
    """The reason of a class that may count; of others it does not matter."""
    may_count = log_p > log_p.max() - 20.0
    return next((r for r, counts in zip(reasons, may_count, strict=True) if r and counts), None)

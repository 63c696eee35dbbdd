"""Filling in missing pixels at two latent dimensions: log p(missing | observed), and what is drawn.

    log p(missing | observed) = log p(x) - log p(observed)

Both are integrals over the plane (`model.latent.refinement`): nothing is sampled but pictures.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import Decode, DecodeTable, Floats, log_probabilities
from model.latent.evidence import Evidence
from model.latent.pixel_information import ask_pixels, draw_images
from model.latent.plane_posterior import PlanePosterior
from model.latent.refinement import TOLERANCE, refinement
from model.latent.running_score import RunningScore

DRAWS = 3
_STAND_FOR_ALL = 400


@dataclass(frozen=True)
class Completion:
    """One image, of which some pixels are seen.

    Attributes:
        log_p_observed: log p(observed), in nats.
        log_p: log p(x) of the whole image.
        mean: the posterior predictive mean, (784,); seen pixels are as they are.
        draws: whole images given what is seen, (3, 784).
        labels: p(label | observed), (K,), by the regions that were given; None where none were.
        unresolved: why a number may be wrong, as a sentence; None if they hold.
    """

    log_p_observed: float
    log_p: float
    mean: Floats
    draws: Floats
    labels: NDArray[np.float64] | None
    unresolved: str | None

    @property
    def nats_missing(self) -> float:
        """-log p(missing | observed)."""
        return self.log_p_observed - self.log_p


def completions(
    decode: Decode,
    table: DecodeTable,
    x: Floats,
    seen: NDArray[np.bool_],
    *,
    shares: NDArray[np.float64] | None = None,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> Iterator[Completion]:
    """Complete images x (N, 784), of which the pixels `seen` (N, 784) are known, one by one.

    With the bundled model an image takes a third of a second on one thread.

    Args:
        decode: the model's decoder.
        table: its table.
        x: the whole images, in [0, 1].
        seen: which pixels are known.
        shares: p(label | z) in the table's inner cells (`model.latent.label_regions`).
        seed: of the draws.
        tolerance: the fraction of the mass that each integral may miss.
    """
    running = RunningScore(table)
    rng = np.random.default_rng(seed)
    for image, known in zip(x, seen, strict=True):
        evidence = Evidence.of(image, known)
        posterior = _integrated(decode, running, evidence, tolerance)
        whole = _integrated(decode, running, Evidence.of(image), tolerance)
        cells, weights = posterior.heaviest(_STAND_FOR_ALL)
        drawn = posterior.draw(DRAWS, rng)
        ink = _ink(decode, posterior, np.concatenate([cells, drawn]))
        yield Completion(
            posterior.log_evidence,
            whole.log_evidence,
            ask_pixels(ink[: len(cells)], weights, evidence).mean,
            draw_images(ink[len(cells) :], evidence, rng),
            None if shares is None else posterior.label_probabilities(shares),
            posterior.unresolved or whole.unresolved,
        )


def _integrated(
    decode: Decode, running: RunningScore, evidence: Evidence, tolerance: float
) -> PlanePosterior:
    running.see(evidence)
    return result_of(refinement(decode, running, tolerance=tolerance))


def result_of(steps: Generator[float, None, PlanePosterior]) -> PlanePosterior:
    """The result of a refinement that nobody watches."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: PlanePosterior = end.value
            return found


def _ink(decode: Decode, posterior: PlanePosterior, cells: NDArray[np.intp]) -> Floats:
    """p(pixel is ink | z) at some of a posterior's cells, (K, 784)."""
    log_ink, _ = log_probabilities(decode(posterior.cells.z[cells].astype(np.float32)))
    return np.asarray(np.exp(log_ink))

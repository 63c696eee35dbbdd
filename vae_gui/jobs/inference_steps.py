"""What is computed of p(z | what is on the canvas), in a worker: without Qt and without state."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.latent.decode_table import DecodeTable, Doubles, Floats, log_probabilities, tabulation
from model.latent.evidence import Evidence
from model.latent.modes import modes
from model.latent.pixel_information import ask_pixels, ask_table, draw_images, ink_at
from model.latent.plane_posterior import PlanePosterior
from model.latent.refinement import refinement
from model.latent.running_score import RunningScore
from vae_gui.jobs.pixel_map_steps import on_finer_cells, on_table
from vae_gui.state.encoded import EncodedImages, OpenModel
from vae_gui.state.inference import Numbers, Pictures
from vae_gui.state.pixel_map import PixelInformation

DRAWS = 3
STAND_FOR_ALL = 400
COARSE = 60  # points along each axis of the first table


@dataclass(frozen=True)
class Progress:
    """How far something is.

    Attributes:
        what: the table, or the numbers.
        fraction: from 0 to 1.
    """

    what: str
    fraction: float


TABLE, NUMBERS = "table", "numbers"


@dataclass(frozen=True, eq=False)
class Shares:
    """p(label | z) in each inner cell of a table, and the images whose encodings say so."""

    values: Doubles
    images: EncodedImages


@dataclass(frozen=True, eq=False)
class Whole:
    """Log p(x) of a whole image, in nats; None where it cannot be resolved."""

    pixels: Floats
    log_p: float
    unresolved: str | None


@dataclass(frozen=True, eq=False)
class Question:
    """All that the answers depend on.

    Attributes:
        model: the open model.
        table: its decodes.
        evidence: what is known.
        truth: the whole image, (784,), where it is known and agrees with the evidence.
        images: whose labels those of z are read from, if they are encoded.
        shares: what was found of these before.
        whole: what was found of the truth before.
        seed: of the draws.
        wants_map: whether the map of what each pixel tells is wanted.
    """

    model: OpenModel
    table: DecodeTable
    evidence: Evidence
    truth: Floats | None
    images: EncodedImages | None
    shares: Shares | None
    whole: Whole | None
    seed: int
    wants_map: bool = False


def make_tables(model: OpenModel, side: int) -> Generator[Progress | DecodeTable, None, None]:
    """Decode the plane: coarsely, so that a hand can begin within a second, and then finely."""
    _use_one_thread()
    for points in sorted({min(COARSE, side), side}):
        steps = tabulation(model.decode_logits, points)
        while True:
            try:
                yield Progress(TABLE, next(steps))
            except StopIteration as end:
                yield end.value
                break


Answer = RunningScore | Shares | Whole | Pictures | Numbers | PixelInformation | Progress | None


def answer(ask: Question) -> Generator[Answer, None, None]:
    """First the sums over the table and rough pictures, then numbers and pictures to print."""
    _use_one_thread()
    running = RunningScore(ask.table)
    yield from running.begin_afresh(ask.evidence)
    yield running.copy()
    shares = ask.shares
    yield _rough_pictures(ask, running, shares)
    if ask.wants_map:
        yield (yield from on_table(ask.table, PlanePosterior.on_table(running), ask.evidence))
    if ask.images is not None and (shares is None or shares.images is not ask.images):
        shares = _shares(ask.images, ask.table.side)
        yield shares
    posterior = yield from _refined(ask, running)
    yield pictures_of(ask.model, posterior, ask.evidence, shares, ask.seed)
    whole = yield from _whole(ask, running, posterior)
    if whole is not None:
        yield whole
    yield _numbers(ask, posterior, whole)
    if ask.wants_map:
        yield (yield from on_finer_cells(ask.model, ask.table, posterior, ask.evidence))


def pictures_of(
    model: OpenModel,
    posterior: PlanePosterior,
    evidence: Evidence,
    shares: Shares | None,
    seed: int,
) -> Pictures:
    """Mean, draws and labels of a posterior."""
    cells, weights = posterior.heaviest(STAND_FOR_ALL)
    rng = np.random.default_rng(seed)
    drawn = posterior.draw(DRAWS, rng)
    ink = _ink(model, posterior.cells.z[np.concatenate([cells, drawn])])
    return Pictures(
        ask_pixels(ink[: len(cells)], weights, evidence).mean,
        draw_images(ink[len(cells) :], evidence, rng),
        posterior.cells.z[drawn],
        *_labels(posterior, shares),
    )


def _labels(posterior: PlanePosterior, shares: Shares | None) -> tuple[Doubles | None, str]:
    if shares is None:
        return None, ""
    return posterior.label_probabilities(shares.values), shares.images.source


def _rough_pictures(ask: Question, running: RunningScore, shares: Shares | None) -> Pictures:
    """The pictures by the table's own cells: in 20 ms."""
    posterior, evidence = PlanePosterior.on_table(running), ask.evidence
    rng = np.random.default_rng(ask.seed)
    drawn = posterior.draw(DRAWS, rng)
    return Pictures(
        ask_table(ask.table, posterior, evidence, STAND_FOR_ALL).mean,
        draw_images(ink_at(ask.table, drawn), evidence, rng),
        posterior.cells.z[drawn],
        *_labels(posterior, shares),
    )


def _refined(ask: Question, running: RunningScore) -> Generator[Progress, None, PlanePosterior]:
    steps = refinement(ask.model.decode_logits, running)
    while True:
        try:
            yield Progress(NUMBERS, next(steps))
        except StopIteration as end:
            found: PlanePosterior = end.value
            return found


def _whole(
    ask: Question, running: RunningScore, posterior: PlanePosterior
) -> Generator[Answer, None, Whole | None]:
    """Log p(x) of the truth. With noise it is not asked for: pixels that were seen may be wrong."""
    if ask.truth is None or ask.evidence.flip > 0.0:
        return None
    if ask.whole is not None and ask.whole.pixels is ask.truth:
        return ask.whole
    if ask.evidence.known.all():
        return Whole(ask.truth, posterior.log_evidence, posterior.unresolved)
    yield from running.begin_afresh(Evidence.of(ask.truth))
    found = yield from _refined(ask, running)
    return Whole(ask.truth, found.log_evidence, found.unresolved)


def _numbers(ask: Question, posterior: PlanePosterior, whole: Whole | None) -> Numbers:
    found = modes(posterior, ask.table.side, most=4)
    z = np.array([mode.z for mode in found]).reshape(-1, 2)
    unresolved = posterior.unresolved
    if whole is not None:
        unresolved = unresolved or whole.unresolved
    return Numbers(
        ask.evidence,
        posterior.log_evidence,
        None if whole is None else whole.log_p,
        posterior.entropy,
        found,
        _ink(ask.model, z),
        posterior,
        unresolved,
    )


def _shares(images: EncodedImages, side: int) -> Shares:
    from model.latent.label_regions import label_shares

    return Shares(label_shares(images.aggregate, side), images)


def _ink(model: OpenModel, z: NDArray[np.float64]) -> Floats:
    log_ink, _ = log_probabilities(model.decode_logits(z.astype(np.float32)))
    return np.asarray(np.exp(log_ink))


def _use_one_thread() -> None:
    from model.latent.threads import use_threads

    use_threads(1)  # the hand goes first

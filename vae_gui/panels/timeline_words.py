"""What there is to say of a timeline: the moment that is shown, and what is still to come."""

import math

from vae_gui.state.timeline import Moment, Timeline
from vae_gui.style.scales import with_minus

UNTRAINED = "Untrained"
BETWEEN = "  ·  "


def sentences_of(timeline: Timeline, *, moves: bool = False) -> tuple[str, ...]:
    """The moment that is shown, with its ELBO and KL; and the one that is wanted, if another.

    Args:
        timeline: of the run.
        moves: whether points are on their way to where this moment has them.

    Returns:
        The same in three lengths, the longest first: for wide windows and narrow ones.
    """
    shown, to_come = timeline.shown, _still_to_come(timeline)
    if shown is None:
        return (BETWEEN.join(["An epoch without a snapshot is shown", *to_come]),)
    moment = timeline.moments[shown]
    if moves:
        names = name_of(moment, timeline), name_of(moment), short_name_of(moment)
        begun = tuple(f"Moving to {_begun(name)} …" for name in names)
    else:
        begun = titles_of(moment, timeline)
    return tuple(BETWEEN.join([first, *to_come]) for first in begun)


def titles_of(moment: Moment, timeline: Timeline) -> tuple[str, ...]:
    """A moment with its ELBO and its KL, in three lengths, the longest first."""
    few = few_numbers_of(moment, timeline)
    return (
        _with_numbers(name_of(moment, timeline), numbers_of(moment, timeline)),
        _with_numbers(name_of(moment), few),
        _with_numbers(short_name_of(moment), few),
    )


def name_of(moment: Moment, timeline: Timeline | None = None) -> str:
    """Which moment of the training it is, and of how many epochs if the timeline is given."""
    if moment.step == 0:
        return UNTRAINED
    epochs = 0 if timeline is None else timeline.story.epochs
    of = f" of {epochs:,}" if epochs >= moment.epoch else ""
    return f"Epoch {moment.epoch:,}{of}, step {moment.step:,}"


def short_name_of(moment: Moment) -> str:
    """The same in fewer words: an epoch where one ended, otherwise a step."""
    if moment.step == 0:
        return UNTRAINED
    return f"Epoch {moment.epoch:,}" if moment.ends_epoch else f"Step {moment.step:,}"


def elbo_of(moment: Moment, timeline: Timeline) -> str:
    """Its ELBO, and of which images; empty where it is not known.

    Within an epoch nothing is measured of the validation images. What is known there is the average
    over the training images that the epoch has seen, while the weights changed.
    """
    if moment.elbo is not None:
        return f"ELBO {_written(moment.elbo)} (validation)"
    if moment.step in timeline.train:
        return f"ELBO {_written(timeline.train[moment.step])} (training, of its epoch so far)"
    return ""


def kl_of(moment: Moment, timeline: Timeline) -> str:
    """Its KL, measured with its own weights, and of which images; empty where it is not known."""
    kl = timeline.kl.get(moment.step)
    return "" if kl is None else f"KL {written_kl(kl)} nats (mean of the test digits)"


def numbers_of(moment: Moment, timeline: Timeline) -> list[str]:
    """Its ELBO and its KL, as far as they are known."""
    return [*filter(None, (elbo_of(moment, timeline), kl_of(moment, timeline)))]


def few_numbers_of(moment: Moment, timeline: Timeline) -> list[str]:
    """The same in fewer words."""
    numbers = []
    if moment.elbo is not None:
        numbers.append(f"ELBO {_written(moment.elbo)} (val.)")
    elif moment.step in timeline.train:
        numbers.append(f"ELBO {_written(timeline.train[moment.step])} (train)")
    if moment.step in timeline.kl:
        numbers.append(f"KL {written_kl(timeline.kl[moment.step])} nats (test)")
    return numbers


def written_kl(kl: float) -> str:
    """A KL as it is written: of an untrained network it may be a hundredth of a nat."""
    if math.isinf(kl):
        return "∞"  # a q(z|x) has no width
    return f"{kl:.3f}" if kl < 0.1 else f"{kl:.2f}"


def _still_to_come(timeline: Timeline) -> list[str]:
    """What is being read, and what cannot be."""
    parts = []
    wanted = timeline.wanted
    if wanted is not None and wanted != timeline.shown:
        parts.append(f"{_begun(short_name_of(timeline.moments[wanted]))} is being read …")
    if timeline.broken:
        count = len(timeline.broken)
        parts.append(f"{count} snapshot{'s' * (count > 1)} cannot be read")
    return parts


def _with_numbers(name: str, numbers: list[str]) -> str:
    return f"{name}: {BETWEEN.join(numbers)}" if numbers else name


def _written(elbo: float) -> str:
    return with_minus(f"{elbo:.1f}")


def _begun(name: str) -> str:
    """A name within a sentence."""
    return name[:1].lower() + name[1:]

"""What there is to say of a timeline: the moment that is shown, and what is still to come."""

from vae_gui.state.timeline import Moment, Timeline
from vae_gui.style.scales import with_minus

UNTRAINED = "Untrained"


def sentence_of(timeline: Timeline, *, moves: bool = False) -> str:
    """The moment that is shown, with its ELBO; and the one that is wanted, where it is another.

    Args:
        timeline: of the run.
        moves: whether points are on their way to where this moment has them.
    """
    moments, shown, wanted = timeline.moments, timeline.shown, timeline.wanted
    if shown is None:
        parts = ["An epoch without a snapshot is shown"]
    else:
        moment = moments[shown]
        name, elbo = name_of(moment, timeline), elbo_of(moment, timeline)
        parts = [f"Moving to {_begun(name)} …" if moves else f"{name}{elbo and ': '}{elbo}"]
    if wanted is not None and wanted != shown:
        parts.append(f"{_begun(short_name_of(moments[wanted]))} is being read …")
    if timeline.broken:
        count = len(timeline.broken)
        parts.append(f"{count} snapshot{'s' * (count > 1)} cannot be read")
    return "  ·  ".join(parts)


def name_of(moment: Moment, timeline: Timeline) -> str:
    """Which moment of the training it is."""
    if moment.step == 0:
        return UNTRAINED
    epochs = timeline.story.epochs
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


def _written(elbo: float) -> str:
    return with_minus(f"{elbo:.1f}")


def _begun(name: str) -> str:
    """A name within a sentence."""
    return name[:1].lower() + name[1:]

"""What is known of the first epoch, in which nothing is measured but its snapshots."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from model.files.run import run_around
from vae_gui.state.document import Document
from vae_gui.state.timeline import Timeline


@dataclass(frozen=True)
class Watched:
    """What is open in the plane, and the timeline of the run that it belongs to."""

    document: Document
    timeline: Timeline

    def is_of(self, folder: Path | None) -> bool:
        """Whether it is the run in a folder."""
        model = self.document.model
        around = None if model is None else run_around(model.path)
        return folder is not None and around is not None and around.absolute() == folder.absolute()


class EarlyPoint(NamedTuple):
    """The KL at a snapshot within the first epoch.

    Attributes:
        step: of the snapshot.
        epochs: how much of the first epoch was done, from 0 to 1.
        kl: the mean over the test images with its weights, in nats.
    """

    step: int
    epochs: float
    kl: float


def first_epoch_of(timeline: Timeline) -> tuple[EarlyPoint, ...]:
    """The snapshots before the end of the first epoch whose KL is known, in their order.

    Until an epoch has ended, nobody knows how many steps it has: there are none yet.
    """
    if not timeline.story.curve:
        return ()
    ended = timeline.story.curve[0]
    steps = ended.step / ended.epoch
    return tuple(
        EarlyPoint(moment.step, moment.step / steps, timeline.kl[moment.step])
        for moment in timeline.moments
        if moment.step < steps and moment.step in timeline.kl
    )

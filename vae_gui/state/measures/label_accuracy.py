"""How many images lie where their own label is the likeliest."""

from collections.abc import Generator
from dataclasses import dataclass

from vae_gui.state.encoded import EncodedImages

_AT_ONCE = 50


@dataclass(frozen=True)
class LabelAccuracy:
    """How many test images lie where their own label is the likeliest.

    Attributes:
        right: how many do.
        count: of how many.
    """

    right: int
    count: int

    @property
    def percent(self) -> str:
        """The fraction in words."""
        return f"{100.0 * self.right / self.count:.1f} %"

    def __str__(self) -> str:
        return f"{self.percent} of the test digits"


def count_right_labels(
    test: EncodedImages, training: EncodedImages
) -> Generator[LabelAccuracy, None, None]:
    """Count test images in the region of their own label, some at a time.

    With more than two dimensions, in all of them: the regions that a plane shows are one cut.
    """
    import torch

    from model.latent.aggregate_posterior import neighbourhoods
    from model.latent.threads import use_threads

    use_threads(1)  # the hand goes first
    mixture = training.aggregate
    z, labels = torch.from_numpy(test.means), torch.from_numpy(test.labels)
    right = count = 0
    for some in neighbourhoods(z, _AT_ONCE):
        right += int((mixture.shares_at(z[some]).argmax(dim=1) == labels[some]).sum())
        count += len(some)
        yield LabelAccuracy(right, count)

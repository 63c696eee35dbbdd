"""A glide: points on their way from where one snapshot has them to where the next one does."""

from dataclasses import dataclass, replace
from functools import cached_property

from vae_gui.state.encoded import Array, EncodedImages

GLIDE_MS = 300


@dataclass(frozen=True, eq=False)
class Glide:
    """Only painted places are between two snapshots: weights never are, nor what is decoded.

    Attributes:
        before: (N, D), where the points were.
        after: where they go to, and all else of them.
        milliseconds: how long it takes.
        fraction: of the time that has passed, from 0 to 1.
    """

    before: Array
    after: EncodedImages
    milliseconds: float = GLIDE_MS
    fraction: float = 0.0

    @cached_property
    def images(self) -> EncodedImages:
        """The images where they are painted now: fast at first, and slower where they arrive."""
        left = (1.0 - self.fraction) ** 2
        return replace(self.after, means=self.after.means + left * (self.before - self.after.means))

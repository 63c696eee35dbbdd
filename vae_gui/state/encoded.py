"""Models and images as values: an open checkpoint, images as it encodes them, a decoded point."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.files.checkpoint import Checkpoint
    from model.files.preview import Preview
    from model.latent.aggregate_posterior import AggregatePosterior
    from model.latent.point_decoder import PointDecoder
    from model.network.vae import Decoder

Array = NDArray[np.float64]


class OpenModel:
    """A checkpoint that is open, or its preview while the checkpoint itself is still to be read.

    Attributes:
        path: the file it came from.
        title: what to call it: the file's name, and for a run the folder's too.
        preview: what is known of it without torch, where that is kept in a file.
    """

    def __init__(
        self,
        path: Path,
        title: str,
        checkpoint: "Checkpoint | None" = None,
        preview: "Preview | None" = None,
    ) -> None:
        """Take a checkpoint, or a preview of the one at this path."""
        self.path = path
        self.title = title
        self.preview = preview
        self._checkpoint = checkpoint

    @property
    def is_read(self) -> bool:
        """Whether the checkpoint has been read."""
        return self._checkpoint is not None

    @property
    def checkpoint(self) -> "Checkpoint":
        """What is in the file. To read it takes a second: where `is_read` is false, ask a worker.

        Raises:
            CheckpointError: the file is not a sound checkpoint, or no longer that of the preview.
        """
        if self._checkpoint is None:
            from model.files.checkpoint import read_checkpoint
            from model.files.checkpoint_format import CheckpointError

            read = read_checkpoint(self.path)
            if self.preview is not None and read.digest != self.preview.digest:
                raise CheckpointError(f"{self.title} was written anew; open it again.")
            self._checkpoint = read
        return self._checkpoint

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's content."""
        return self.checkpoint.digest if self.preview is None else self.preview.digest

    @property
    def latent_dim(self) -> int:
        """D."""
        if self.preview is not None:
            return int(self.preview.means.shape[1])
        return self.checkpoint.config.latent_dim

    @cached_property
    def point_decoder(self) -> "PointDecoder":
        """The decoder for one point at a time, for the GUI thread."""
        if self.preview is not None:
            return self.preview.decoder
        from model.latent.plain_layers import point_decoder

        return point_decoder(self.checkpoint.vae.decoder)

    def decode(self, z: Array) -> NDArray[np.float32]:
        """The pixels' Bernoulli means at many latent points z (B, D): (B, 28, 28). In a worker.

        Raises:
            CheckpointError: the checkpoint is needed, and cannot be read.
        """
        import torch

        from model.latent.decoding import decode_by

        z_ = torch.from_numpy(z).float()
        means: NDArray[np.float32] = decode_by(self._decoder_of_batches, z_).numpy()
        return means

    def logits(self, z: Array) -> NDArray[np.float32]:
        """The logits of the pixels at many latent points z (B, D): (B, 784). In a worker.

        Raises:
            CheckpointError: the checkpoint is needed, and cannot be read.
        """
        import torch

        with torch.inference_mode():
            found: NDArray[np.float32] = self._decoder_of_batches(
                torch.from_numpy(z).float()
            ).numpy()
        return found

    @cached_property
    def _decoder_of_batches(self) -> "Decoder":
        make = None if self.preview is None or self.is_read else self.preview.for_batches
        return self.checkpoint.vae.decoder if make is None else make()


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """A set of images as a model encodes it. Its arrays are never written to.

    Attributes:
        means: (N, D), the means of q(z|x).
        standard_deviations: (N, D), those of q(z|x).
        images: (N, 28, 28) uint8, the grey values of the data set.
        labels: (N,) whole numbers.
        class_names: a name for each label.
        source: what these points are, for the reader of the plane.
        former: (N, D), the means as the snapshot before has them; None where there is none.
    """

    means: Array
    standard_deviations: Array
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str
    former: Array | None = None

    def __len__(self) -> int:
        """N."""
        return len(self.labels)

    def shows_the_same_as(self, other: "EncodedImages") -> bool:
        """Whether these are the same images, in the same order, whoever encoded them."""
        if self.images is other.images and self.labels is other.labels:
            return True
        return np.array_equal(self.labels, other.labels) and np.array_equal(
            self.images, other.images
        )

    @cached_property
    def aggregate(self) -> "AggregatePosterior":
        """The mean of all q(z|x), by label. Made where it is first asked for: in a worker."""
        import torch

        from model.latent.aggregate_posterior import AggregatePosterior
        from model.network.densities import Posterior

        mean, deviation = (
            torch.from_numpy(array).float() for array in (self.means, self.standard_deviations)
        )
        labels = torch.from_numpy(self.labels).long()
        return AggregatePosterior(
            Posterior(mean, 2.0 * deviation.log()), labels, len(self.class_names)
        )


@dataclass(frozen=True)
class NearestImage:
    """The test image that is drawn nearest to a point of the plane.

    Attributes:
        index: its place in the test set.
        distance: from the point to its posterior mean, over all D dimensions.
        in_plane: the same over the dimensions that the plane shows, by which it is the nearest.
    """

    index: int
    distance: float
    in_plane: float


@dataclass(frozen=True, eq=False)
class Reading:
    """One decoded point: the decoder's input, its output, and the nearest test image.

    Attributes:
        z: (D,), exactly what was decoded, which is the point in single precision.
        image: (28, 28) float32 in [0, 1], the pixels' Bernoulli means; row 0 is the top.
        is_peek: whether the point is the one under the cursor, not the probe.
        nearest: None until the test images are encoded.
    """

    z: Array
    image: NDArray[np.float32]
    is_peek: bool
    nearest: NearestImage | None

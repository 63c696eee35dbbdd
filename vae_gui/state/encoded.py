"""Models and images as values: an open checkpoint, images as it encodes them, a decoded point."""

from collections.abc import Iterable
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
    from model.latent.class_decoder import ClassDecoder
    from model.latent.point_decoder import PointDecoder
    from model.network.families import Labelled
    from model.network.vae import VAE, Decoder

Array = NDArray[np.float64]


class OpenModel:
    """A checkpoint that is open, or its preview while the checkpoint itself is still to be read.

    Attributes:
        path: the file it came from.
        title: what to call it: the file's name, and for a run the folder's too.
        preview: what is known of it without torch, where that is kept in a file.
        label: of a model with classes, the class that is shown: all else here is of that class.
        has_likelihood: whether its decoder is p(x|z), and not only its mean.
    """

    def __init__(
        self,
        path: Path,
        title: str,
        checkpoint: "Checkpoint | None" = None,
        preview: "Preview | None" = None,
        label: int | None = None,
        *,
        has_likelihood: bool = True,
    ) -> None:
        """Take a checkpoint, or a preview of the one at this path, and perhaps a class of it."""
        self.path = path
        self.title = title
        self.preview = preview
        self.label = label
        self.has_likelihood = has_likelihood
        self._checkpoint = checkpoint
        if checkpoint is not None:
            self.has_likelihood = has_likelihood_of(checkpoint)

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
    def identity(self) -> tuple[str, int | None]:
        """What tells it from all others: the content of its file, and the class that is shown."""
        return self.digest, self.label

    @cached_property
    def vae(self) -> "VAE":
        """The VAE that it is: of a model with classes, the one of the class that is shown.

        Raises:
            CheckpointError: the checkpoint is needed, and cannot be read.
        """
        return self.checkpoint.vae if self.label is None else self.checkpoint.given(self.label)

    @property
    def labelled(self) -> "Labelled | None":
        """The whole model, if it is one with classes. Raises CheckpointError, as `vae` does."""
        return None if self.label is None else self.checkpoint.labelled

    def given(self, label: int) -> "OpenModel":
        """The same model with another class shown. In a worker, where it is still to be read.

        Raises:
            CheckpointError: the checkpoint is needed, and cannot be read.
        """
        return OpenModel(self.path, self.title, self.checkpoint, label=label)

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

        return point_decoder(self.vae.decoder)

    @property
    def class_decoder(self) -> "ClassDecoder | None":
        """The decoder for one point under all ten classes, for the GUI thread.

        None without classes, and until the checkpoint is read.
        """
        return None if self.label is None or not self.is_read else self._class_decoder

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

    def decode_logits(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """The pixels' logits at many latent points z (B, D): (B, 784). In a worker.

        Raises:
            CheckpointError: the checkpoint is needed, and cannot be read.
        """
        from model.latent.decoding import plain_decode_by

        return plain_decode_by(self._decoder_of_batches)(z)

    @cached_property
    def _class_decoder(self) -> "ClassDecoder":
        from model.latent.class_decoder import ClassDecoder

        assert self.labelled is not None
        return ClassDecoder(self.labelled)

    @cached_property
    def _decoder_of_batches(self) -> "Decoder":
        make = None if self.preview is None or self.is_read else self.preview.for_batches
        return self.vae.decoder if make is None else make()


def has_likelihood_of(checkpoint: "Checkpoint") -> bool:
    """Whether p(x|z) of a model is what its decoder gives; above another model it is not."""
    return checkpoint.config.family != "m1+m2"


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
        label: the class whose q(z|x,y) this is, where the model has classes.
        classified: q(y|x), (N, 10), where the model has classes.
    """

    means: Array
    standard_deviations: Array
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str
    former: Array | None = None
    label: int | None = None
    classified: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        """N."""
        return len(self.labels)

    @cached_property
    def taken_for(self) -> NDArray[np.int64] | None:
        """The class that q(y|x) takes each image for, (N,), where the model has classes."""
        if self.classified is None:
            return None
        taken: NDArray[np.int64] = self.classified.argmax(axis=1).astype(np.int64)
        return taken

    @cached_property
    def belongs(self) -> NDArray[np.bool_]:
        """Which images the model takes for the class that is shown, (N,); all without classes."""
        if self.taken_for is None or self.label is None:
            return np.ones(len(self), dtype=bool)
        own: NDArray[np.bool_] = self.taken_for == self.label
        return own

    def shown_beside(self, hidden: Iterable[int]) -> NDArray[np.bool_]:
        """Which images are shown in full, (N,): those that belong, and whose label is not hidden.

        Args:
            hidden: labels.
        """
        shown: NDArray[np.bool_] = ~np.isin(self.labels, list(hidden)) & self.belongs
        return shown

    def shows_the_same_as(self, other: "EncodedImages") -> bool:
        """Whether these are the same images, in the same order, whoever encoded them."""
        if self.images is other.images and self.labels is other.labels:
            return True
        return np.array_equal(self.labels, other.labels) and np.array_equal(
            self.images, other.images
        )

    @cached_property
    def aggregate(self) -> "AggregatePosterior":
        """The mean of all q(z|x), by label. Made where it is first asked for: in a worker.

        Of a model with classes, of those that it takes for the class that is shown.
        """
        import torch

        from model.latent.aggregate_posterior import AggregatePosterior
        from model.network.densities import Posterior

        own = self.belongs if self.belongs.any() else slice(None)
        mean, deviation = (
            torch.from_numpy(array[own]).float() for array in (self.means, self.standard_deviations)
        )
        labels = torch.from_numpy(self.labels[own]).long()
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

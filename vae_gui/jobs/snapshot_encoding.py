"""The job that makes a snapshot ready to be shown: it reads its file, and encodes images."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vae_gui.jobs.class_encoding import classify
from vae_gui.state.encoded import Array, EncodedImages, OpenModel
from vae_gui.state.measures.closed_form import kl_of

if TYPE_CHECKING:
    from model.latent.packed_decoder import PackedDecoder

_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class MadeMoment:
    """All that is needed to show a snapshot at once, in as few bytes as it can be.

    Attributes:
        path: of its file.
        title: what to call it.
        digest: the SHA-256 of the file's content.
        means: of q(z|x) of each test image, (N, D), in single precision, as the encoder gives them.
        standard_deviations: theirs, (N, D), likewise.
        decoder: packed.
        kl: of q(z|x) from the prior, in nats, averaged over these images.
        train: the averages over the training images of its epoch so far, where the file has them.
        label: the class of the model that is shown, where it has classes.
        classified: q(y|x) of each test image, (N, 10), where the model has classes.
        has_likelihood: as `OpenModel` has it.
    """

    path: Path
    title: str
    digest: str
    means: NDArray[np.float32]
    standard_deviations: NDArray[np.float32]
    decoder: "PackedDecoder"
    kl: float
    train: dict[str, float]
    label: int | None = None
    classified: NDArray[np.float32] | None = None
    has_likelihood: bool = True

    @property
    def bytes(self) -> int:
        """What it takes of the memory."""
        classified = 0 if self.classified is None else self.classified.nbytes
        arrays = self.means.nbytes + self.standard_deviations.nbytes + classified
        return arrays + self.decoder.bytes

    def unpack(
        self, images: EncodedImages, former: "MadeMoment | None" = None
    ) -> tuple[OpenModel, EncodedImages]:
        """The model, whose checkpoint is read when it is needed, and the images as it encodes them.

        Args:
            images: the images, as whatever model encodes them.
            former: the snapshot before, if it is known.
        """
        from model.files.preview import Preview

        means, deviations = (
            array.astype(np.float64) for array in (self.means, self.standard_deviations)
        )
        decoder = self.decoder
        preview = Preview(
            self.digest, decoder.unpack(), means, deviations, decoder.unpack_for_batches
        )
        model = OpenModel(
            self.path,
            self.title,
            preview=preview,
            label=self.label,
            has_likelihood=self.has_likelihood,
        )
        return model, replace(
            images,
            means=means,
            standard_deviations=deviations,
            former=None if former is None else _wide(former.means),
            label=self.label,
            classified=self.classified,
        )


def encode_snapshot(
    path: Path, latent_dim: int, images: NDArray[np.uint8], label: int | None = None
) -> Generator[MadeMoment | None, None, None]:
    """Read a snapshot and encode the test images with it; it yields None between batches.

    It uses one thread: the hand goes first, and so does a training that writes these snapshots.

    Args:
        path: of its file.
        latent_dim: that the model must have.
        images: (N, 28, 28) grey values.
        label: the class that is shown, where the model has classes.

    Raises:
        CheckpointError: the file is no sound checkpoint, or one of another kind of model.
    """
    import torch

    from model.data.binarise import binarise_once
    from model.files.checkpoint import read_checkpoint
    from model.files.checkpoint_format import CheckpointError
    from model.files.run import title_of
    from model.latent.decoding import posteriors
    from model.latent.packed_decoder import PackedDecoder
    from model.latent.threads import use_threads
    from model.latent.usable import why_unusable
    from model.printable import printable

    use_threads(1)
    checkpoint = read_checkpoint(path)
    if checkpoint.config.latent_dim != latent_dim:
        raise CheckpointError(f"{printable(path.name)} has another number of latent dimensions.")
    if (checkpoint.labelled is None) != (label is None):
        raise CheckpointError(f"{printable(path.name)} is a model of another family.")
    model = OpenModel(path, title_of(path), checkpoint, label=label)
    yield None
    x = binarise_once(torch.from_numpy(images)).flatten(1)
    means, deviations = [], []
    for batch in torch.split(x, _AT_ONCE):
        posterior = posteriors(model.vae, batch)
        means.append(posterior.mean.numpy())
        deviations.append(posterior.log_variance.div(2).exp().numpy())
        yield None
    mean, deviation = np.concatenate(means), np.concatenate(deviations)
    if reason := why_unusable(model.vae, _wide(mean), _wide(deviation)):
        raise CheckpointError(f"{printable(path.name)} cannot be shown: {reason}.")
    yield MadeMoment(
        path,
        model.title,
        checkpoint.digest,
        mean,
        deviation,
        PackedDecoder(model.vae.decoder),
        float(kl_of(_wide(mean), _wide(deviation)).mean()),
        dict(checkpoint.metrics.get("train", {})),
        label,
        None if model.labelled is None else classify(model.labelled, x).numpy(),
        model.has_likelihood,
    )


def _wide(values: NDArray[np.float32]) -> Array:
    return values.astype(np.float64)

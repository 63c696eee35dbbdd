"""Images as a model with classes takes and encodes them. In a worker."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vae_gui.state.encoded import EncodedImages, OpenModel

if TYPE_CHECKING:
    from torch import Tensor

    from model.network.families import Labelled

_AT_ONCE = 500


def classify(labelled: "Labelled", x: "Tensor") -> "Tensor":
    """q(y|x) of images x (N, 784) in [0, 1]: (N, 10) float32."""
    from model.likelihood.label_posterior import log_label_posteriors

    return log_label_posteriors(labelled, x).exp()


def taken_for(labelled: "Labelled", x: "Tensor", label: int) -> "Tensor":
    """Which images x (N, 784) in [0, 1] the likeliest class is a given one of: (N,) bool."""
    return classify(labelled, x).argmax(1) == label


def of_one_class(
    images: EncodedImages, label: int | None, classified: "Tensor | None" = None
) -> EncodedImages:
    """Images that say which class they are encoded for, and perhaps q(y|x) of each, (N, 10).

    Without q(y|x) they are said to be those that the model takes for that class.
    """
    if label is None:
        return images
    if classified is not None:
        return replace(images, label=label, classified=classified.numpy())
    every = f"{len(images):,} posterior means"
    source = images.source.replace(every, f"{every} of digits that q(y|x) takes for {label}")
    return replace(images, label=label, source=source)


def encode_for_class(
    model: OpenModel, label: int, images: EncodedImages
) -> Generator[tuple[OpenModel, EncodedImages] | None, None, None]:
    """The model with another class shown, and the images by q(z|x,y) of that class.

    It yields None between batches, and both at the end. It uses one thread: the hand goes first.

    Raises:
        CheckpointError: the checkpoint is needed, and cannot be read; or it cannot be shown.
    """
    import torch

    from model.data.binarise import binarise_once
    from model.files.checkpoint_format import CheckpointError
    from model.latent.decoding import posteriors
    from model.latent.threads import use_threads
    from model.latent.usable import why_unusable

    use_threads(1)
    shown = model.given(label)
    x = binarise_once(torch.from_numpy(images.images)).flatten(1)
    means, deviations = [], []
    for batch in torch.split(x, _AT_ONCE):
        posterior = posteriors(shown.vae, batch)
        means.append(posterior.mean.double().numpy())
        deviations.append(posterior.log_variance.div(2).exp().double().numpy())
        yield None
    mean, deviation = np.concatenate(means), np.concatenate(deviations)
    if reason := why_unusable(shown.vae, mean, deviation):
        raise CheckpointError(f"Class {label} of {model.title} cannot be shown: {reason}.")
    yield (
        shown,
        replace(images, means=mean, standard_deviations=deviation, former=None, label=label),
    )

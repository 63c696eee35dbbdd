"""The preview of the bundled model: what can be shown of it before torch is imported.

torch takes a second to import. Until then the window decodes with numpy, and it shows the test
digits where they were encoded when the model was bundled. A preview belongs to one checkpoint,
known by its SHA-256, and to the test set of MNIST. It holds

- the layers of the decoder in plain values, with the names of their weights in the checkpoint;
- mean and standard deviation of q(z|x) of each test image, binarised once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.files import sealed
from model.files.checkpoint_format import CHECKPOINT
from model.files.untrusted import Refused, parse_json
from model.latent.point_decoder import Layer, PointDecoder

if TYPE_CHECKING:
    from torch import Tensor

    from model.files.checkpoint import Checkpoint
    from model.network.vae import Decoder

KIND = sealed.Kind(
    "a preview", "vae-gui preview 1", frozenset({"model", "decoder"}), max_bytes=2 * 2**20
)
_DECODER = "decoder."  # before the names of the decoder's weights in a checkpoint
_MEANS, _DEVIATIONS = "means", "standard_deviations"


@dataclass(frozen=True)
class Preview:
    """What can be shown of a model at once.

    Attributes:
        digest: the SHA-256 of the checkpoint's content.
        decoder: decodes one point at a time.
        means: of q(z|x) of each test image, (N, D) float64.
        standard_deviations: theirs, (N, D) float64.
        for_batches: makes the decoder of many points at once, where that is at hand without the
            checkpoint.
    """

    digest: str
    decoder: PointDecoder
    means: NDArray[np.float64]
    standard_deviations: NDArray[np.float64]
    for_batches: "Callable[[], Decoder] | None" = None


def write_preview(path: Path, checkpoint: "Checkpoint", x: "Tensor") -> None:
    """Write the preview of a checkpoint that was read from a file.

    Args:
        path: of the preview.
        checkpoint: the model; its decoder has no convolutions.
        x: the binarised test images, (N, 784).

    Raises:
        ValueError: the decoder has a layer that numpy cannot stand in for.
        OSError: the system refuses to write.
    """
    from model.latent.decoding import posteriors
    from model.latent.plain_layers import plain_layers

    posterior = posteriors(checkpoint.vae, x)
    layers = [[e.kind, e.weights, e.settings] for e in plain_layers(checkpoint.vae.decoder)]
    described = {"model": checkpoint.digest, "decoder": json.dumps(layers)}
    deviations = posterior.log_variance.div(2).exp()
    sealed.write(path, KIND, described, {_MEANS: posterior.mean, _DEVIATIONS: deviations})


def read_preview(path: Path, checkpoint: Path) -> Preview | None:
    """The preview of a checkpoint; None if it is damaged or another one's. Never raises."""
    try:
        preview, model = sealed.read(path, KIND), sealed.read(checkpoint, CHECKPOINT)
        if preview.metadata["model"] != model.digest:
            return None
        arrays = preview.arrays()
        means, deviations = (arrays[name].astype(np.float64) for name in (_MEANS, _DEVIATIONS))
        decoder = _decoder(preview.metadata["decoder"], model.arrays())
        decoder.decode(np.zeros(means.shape[1]))  # raises where the layers do not fit together
        return Preview(model.digest, decoder, means, deviations)
    except (Refused, LookupError, TypeError, ValueError, AttributeError):
        return None


def _decoder(described: str, arrays: dict[str, NDArray[Any]]) -> PointDecoder:
    layers = [Layer(*entry) for entry in parse_json(described, "its decoder")]
    weights = {
        name.removeprefix(_DECODER): values.astype(np.float32)
        for name, values in arrays.items()
        if name.startswith(_DECODER)
    }
    return PointDecoder([layer.step(weights) for layer in layers])

"""Whether anything sensible can be shown of a model's latent space."""

import numpy as np
import torch
from numpy.typing import NDArray

from model.network.vae import VAE

Array = NDArray[np.float64]

FARTHEST = 1e6
"""Beyond this, means of different images fall upon each other: float32 keeps seven digits."""

_MEANS_DECODED = 64


@torch.inference_mode()
def why_unusable(vae: VAE, means: Array, standard_deviations: Array) -> str | None:
    """Why nothing sensible can be shown of a model, as the end of a sentence; None if it can.

    Args:
        vae: the model.
        means: of q(z|x) of some images, (N, D), at least one.
        standard_deviations: theirs, (N, D); zero is allowed.
    """
    for values, name in ((means, "means"), (standard_deviations, "standard deviations")):
        if not np.isfinite(values).all():
            return f"its encoder gives {name} that are not numbers"
        if np.abs(values).max() > FARTHEST:
            return f"its encoder gives {name} beyond {FARTHEST:,.0f}, where images fall together"
    some = np.concatenate([np.zeros_like(means[:1]), means[:: 1 + len(means) // _MEANS_DECODED]])
    logits = vae.decoder(torch.from_numpy(some).float().to(next(vae.parameters()).device))
    if not torch.sigmoid(logits).isfinite().all():
        return "its decoder gives pixels that are not numbers where images lie"
    return None

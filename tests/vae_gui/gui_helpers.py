"""Made-up digits, a hand, and layers that settle."""

import numpy as np
import pytest
from patience import settle_when

from benchmarks.hand import mouse, settle
from model.likelihood.image_terms import NODES
from vae_gui.state.encoded import EncodedImages
from vae_gui.state.workspace import Workspace

__all__ = ["coarse_elbo", "make_digits", "mouse", "settle", "settle_layers"]


def make_digits(latent_dim: int = 2, count: int = 200) -> EncodedImages:
    """Digits at random places, with images that tell their index."""
    numbers = np.random.default_rng(0)
    images = np.zeros((count, 28, 28), dtype=np.uint8)
    images[np.arange(count), np.arange(count) % 28, 0] = 255
    return EncodedImages(
        means=numbers.normal(size=(count, latent_dim)),
        standard_deviations=numbers.uniform(0.02, 0.2, size=(count, latent_dim)),
        images=images,
        labels=np.arange(count) % 10,
        class_names=tuple("abcdefghij"),
        source=f"{count} made-up digits",
    )


def coarse_elbo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Integrate the ELBO of digits with 3 x 3 points, not 5 x 5: each window measures it anew."""
    monkeypatch.setitem(NODES, 2, 3)


def settle_layers(workspace: Workspace) -> None:
    """Wait until nothing is on its way that will be seen."""
    settle()
    settle_when(lambda: workspace.pending.is_settled)

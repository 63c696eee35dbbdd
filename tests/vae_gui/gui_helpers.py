"""Made-up digits, a hand, and patience."""

import time

import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.hand import mouse, settle
from vae_gui.state.encoded import EncodedDigits

__all__ = ["make_digits", "mouse", "settle", "settle_layers"]


def make_digits(latent_dim: int = 2, count: int = 200) -> EncodedDigits:
    """Digits at random places, with images that tell their index."""
    numbers = np.random.default_rng(0)
    images = np.zeros((count, 28, 28), dtype=np.uint8)
    images[np.arange(count), np.arange(count) % 28, 0] = 255
    return EncodedDigits(
        means=numbers.normal(size=(count, latent_dim)),
        spreads=numbers.uniform(0.02, 0.2, size=(count, latent_dim)),
        images=images,
        labels=np.arange(count) % 10,
        class_names=tuple("abcdefghij"),
        source=f"{count} made-up digits",
    )


def settle_layers(view: object) -> None:
    """Wait until the plane shows all that its layers have to show."""
    for _ in range(3):  # a picture that arrives may have another one drawn
        settle()
        view.grab()
        deadline = time.monotonic() + 20.0
        while not view.is_settled:
            assert time.monotonic() < deadline
            QApplication.processEvents()

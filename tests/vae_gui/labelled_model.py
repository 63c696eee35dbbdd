"""A small model with classes in a file, and images as it encodes them by a way of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from gui_helpers import make_digits
from written_run import read_once

from model.data.binarise import binarise_once
from model.files.checkpoint import Checkpoint, write_checkpoint
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig
from vae_gui.state.encoded import EncodedImages

M2 = VAEConfig(2, "mlp", layers="16", family="m2")
TEST_ERROR = 6.13  # %


def labelled_checkpoint(
    config: VAEConfig = M2, seed: int = 0, *, epoch: int = 1, training: TrainConfig | None = None
) -> Checkpoint:
    """An untrained model that spreads its points and its digits, by class too."""
    network = build(config, seed).eval().requires_grad_(False)
    m2 = network if config.family == "m2" else network.above.m2
    m2.encoder.mean.weight *= 6.0
    m2.encoder.body.classes.weight *= 6.0
    m2.decoder.logits.weight *= 2.0
    m2.decoder.body.classes.weight *= 4.0
    m2.classifier.logits.weight *= 200.0
    metrics = {"test": {"elbo": -150.0, "error": TEST_ERROR}}
    return Checkpoint(network, training or TrainConfig(epochs=3, labels=100), epoch, metrics, {})


def write_labelled(path: Path, config: VAEConfig = M2, seed: int = 0) -> Path:
    """Write such a model; return where it is."""
    write_checkpoint(path, labelled_checkpoint(config, seed))
    return path


def encode_as(path: Path, images: np.ndarray, label: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of q(z|x,y) of images (N, D) for a class, and q(y|x), (N, 10), by the whole model."""
    network, x = read_once(path).network, pixels(images)
    with torch.no_grad():
        mean = network.posterior(x, torch.full((len(x),), label)).mean
        return mean.double().numpy(), network.log_label_posterior(x).exp().numpy()


def pixels(images: np.ndarray) -> torch.Tensor:
    """Images as a model takes them: (N, 784)."""
    return binarise_once(torch.from_numpy(images)).flatten(1)


def noise_digits(latent_dim: int = 2, count: int = 200) -> EncodedImages:
    """Images of noise, which such a model takes for every class."""
    digits = make_digits(latent_dim, count)
    grey = np.random.default_rng(1).integers(0, 256, size=digits.images.shape)
    return replace(digits, images=grey.astype(np.uint8), class_names=tuple("0123456789"))


def open_with_noise(real: Callable[..., Iterator[object]]) -> Callable[..., Iterator[object]]:
    """What opens a checkpoint at once, with images of noise for test digits."""

    def open_quickly(path: Path, data_dir: Path | None, label: int = 0) -> Iterator[object]:
        results = real(path, data_dir, label)
        model = next(results)
        results.close()
        yield model
        digits = noise_digits(model.latent_dim)
        if model.label is None:
            yield digits
            return
        means, classified = encode_as(model.path, digits.images, model.label)
        yield replace(digits, means=means, label=model.label, classified=classified)

    return open_quickly

"""A run that a test writes itself, a snapshot at a time, as a training would."""

import dataclasses
import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from model.data.binarise import binarise_once
from model.files.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from model.files.run import RunPaths
from model.network.initialisation import build
from model.network.vae import VAEConfig
from model.train.train_config import TrainConfig

TINY = VAEConfig(latent_dim=2, hidden=8, blocks=1, fourier_features=0)
STEPS = 10  # in an epoch


Make = Callable[[TrainConfig, int, int], Checkpoint]


def tiny_checkpoint(training: TrainConfig, seed: int, epoch: int) -> Checkpoint:
    """An untrained network that spreads its points, another one for each seed."""
    vae = build(TINY, seed).eval().requires_grad_(False)
    vae.encoder.mean.weight *= 20.0
    vae.decoder.logits.weight *= 20.0
    return Checkpoint(vae, training, epoch, {"train": {"elbo": -200.0 - seed}}, {})


class WrittenRun:
    """The folder of a run of ten steps an epoch, and what writes into it."""

    def __init__(self, folder: Path, epochs: int = 9, make: Make = tiny_checkpoint) -> None:
        """Begin the folder.

        Args:
            folder: must not exist.
            epochs: that it is to have.
            make: a checkpoint of a training, a seed and an epoch.
        """
        self.make = make
        self.paths = RunPaths(folder)
        self.paths.snapshot(0).parent.mkdir(parents=True)
        self.plan(epochs)

    def plan(self, epochs: int) -> None:
        """Write the settings: a run that is continued has other epochs."""
        self.training = TrainConfig(epochs=epochs, batch_size=10)
        settings = {
            "model": dataclasses.asdict(TINY),
            "training": dataclasses.asdict(self.training),
            "data": {"images": {"train": 10 * STEPS}},
        }
        self.paths.config.write_text(json.dumps(settings))

    def add(self, *steps: int, seed: int | None = None) -> None:
        """Write the snapshots after these steps; `seed` gives them other weights than usual."""
        for step in steps:
            of = step if seed is None else seed
            content = _content(self.make, self.training, of, -(-step // STEPS), torch.float16)
            _put(content, self.paths.snapshot(step))

    def finish_epochs(self, *epochs: int) -> None:
        """Write the snapshot and the line of each of these epochs, and the best and last ones."""
        for epoch in epochs:
            self.add(STEPS * epoch)
            self.write_line(epoch)
        content = _content(self.make, self.training, STEPS * epochs[-1], epochs[-1])
        for path in (self.paths.last, self.paths.best):
            _put(content, path)

    def write_line(self, epoch: int) -> None:
        """Write the line of an epoch."""
        line = {"kind": "epoch", "epoch": epoch, "step": STEPS * epoch}
        line |= {"validation": _terms(elbo(epoch)), "train": _terms(elbo(epoch) - 1.0)}
        line |= {"seconds": 1.0}
        with self.paths.metrics.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def end(self, reason: str = "finished") -> None:
        """Write that it has ended."""
        with self.paths.metrics.open("a") as file:
            file.write(json.dumps({"kind": "end", "reason": reason}) + "\n")


def _put(content: bytes, path: Path) -> None:
    """Write a file, whole or not at all, as a training does, but without waiting for the disk."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


@cache  # many runs of many tests have the same snapshots
def _content(
    make: Make, training: TrainConfig, seed: int, epoch: int, dtype: torch.dtype = torch.float32
) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a checkpoint"
        write_checkpoint(path, make(training, seed, epoch), dtype)
        return path.read_bytes()


def _terms(elbo: float) -> dict[str, float]:
    return {"elbo": elbo, "reconstruction": elbo + 7.0, "kl": 7.0}


def elbo(epoch: int) -> float:
    """The validation ELBO after an epoch; that of the seventh is the best."""
    return -150.0 - abs(epoch - 7)


def read_once(path: Path) -> Checkpoint:
    """The checkpoint in a file, for all who ask: change nothing in it."""
    return _read(path, path.read_bytes())


@lru_cache(maxsize=32)
def _read(path: Path, _: bytes) -> Checkpoint:
    """What is in a file of this content: it is read again when that is another."""
    return read_checkpoint(path)


def encode(path: Path, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of images, by a checkpoint's own encoder: (N, D) each."""
    x = binarise_once(torch.from_numpy(images)).flatten(1)
    with torch.no_grad():
        mean, log_variance = read_once(path).vae.encoder(x)
    return mean.numpy(), (0.5 * log_variance).exp().numpy()

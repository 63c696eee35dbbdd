"""The MNIST family as tensors: 50,000 training, 10,000 validation and 10,000 test images."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from model.data.raw import TEST, TRAINING, RawFiles, raw_files

VALIDATION_IMAGES = 10_000


@dataclass(frozen=True)
class Images:
    """Labelled images: `images` (N, 1, 28, 28) uint8 grey values, `labels` (N,) int64."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, some: slice) -> "Images":
        return Images(self.images[some], self.labels[some])


@dataclass(frozen=True)
class Splits:
    """One data set, split: 50,000 training, 10,000 validation, 10,000 test images.

    `checksums` maps each raw file to its SHA-256; a run records them.
    """

    name: str
    train: Images
    validation: Images
    test: Images
    checksums: dict[str, str]


def load_splits(name: str = "mnist", data_dir: Path | None = None) -> Splits:
    """Read a data set and split it. The last 10,000 training images are the validation set.

    Args:
        name: a key of `DATASETS`.
        data_dir: the folder that holds, or will hold, torchvision's folder of this data set.

    Raises:
        DataError: the files are not there and cannot be had, or cannot be written.
    """
    files = raw_files(name, data_dir)
    train = _read(files, TRAINING)
    return Splits(
        name,
        train[: len(train) - VALIDATION_IMAGES],
        train[len(train) - VALIDATION_IMAGES :],
        _read(files, TEST),
        files.checksums,
    )


def load_test(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read the 10,000 test images alone. Arguments and errors as in `load_splits`."""
    return _read(raw_files(name, data_dir), TEST)


def load_training(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read all 60,000 training images, including the validation set. As `load_splits`."""
    return _read(raw_files(name, data_dir), TRAINING)


def _read(files: RawFiles, which: str) -> Images:
    images, labels = files.images(which), files.labels(which)
    return Images(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels).long())

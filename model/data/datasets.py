"""The MNIST family as tensors: 50,000 training, 10,000 validation and 10,000 test images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from model.data.cache import DataError, sound_files
from model.printable import printable

VALIDATION_IMAGES = 10_000


@dataclass(frozen=True)
class DatasetInfo:
    """The facts about a data set that are known before it is read.

    Attributes:
        title: its usual name.
        torchvision_class: the class in torchvision.datasets that reads it.
        class_names: the ten classes, by label.
    """

    title: str
    torchvision_class: str
    class_names: tuple[str, ...]


DATASETS = {
    "mnist": DatasetInfo("MNIST", "MNIST", tuple("0123456789")),
    "fashion-mnist": DatasetInfo(
        "Fashion-MNIST",
        "FashionMNIST",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
    ),
    "kmnist": DatasetInfo(
        "KMNIST", "KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    ),
}


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
    raw, sums = _sound_files(name, data_dir)
    train = _read(raw, "train")
    return Splits(
        name,
        train[: len(train) - VALIDATION_IMAGES],
        train[len(train) - VALIDATION_IMAGES :],
        _read(raw, "t10k"),
        sums,
    )


def load_test(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read the 10,000 test images alone. Arguments and errors as in `load_splits`."""
    return _read(_sound_files(name, data_dir)[0], "t10k")


def load_training(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read all 60,000 training images, including the validation set. As `load_splits`."""
    return _read(_sound_files(name, data_dir)[0], "train")


def _sound_files(name: str, data_dir: Path | None) -> tuple[Path, dict[str, str]]:
    if name not in DATASETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(DATASETS)}.")
    info = DATASETS[name]
    return sound_files(info.torchvision_class, info.title, data_dir)


def _read(raw: Path, prefix: str) -> Images:
    """The images and labels of sound raw files.

    torchvision reads them too, but it imports a thousand modules for that, in 1 to 3 s.
    """
    images = _content(raw / f"{prefix}-images-idx3-ubyte", header=16).view(-1, 1, 28, 28)
    return Images(images, _content(raw / f"{prefix}-labels-idx1-ubyte", header=8).long())


def _content(path: Path, header: int) -> Tensor:
    try:
        return torch.from_numpy(np.fromfile(path, dtype=np.uint8, offset=header))
    except OSError as error:
        raise DataError(
            f"{printable(path)} cannot be read ({error.strerror or error}); "
            "try again, or name another folder with --data-dir."
        ) from error

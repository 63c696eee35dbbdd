"""The raw files of a data set as arrays. It does not import torch, which takes a second."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data.cache import DataError, sound_files
from model.data.catalogue import DATASETS
from model.printable import printable

TRAINING, TEST = "train", "t10k"
"""How the names of the files of both sets begin."""


@dataclass(frozen=True)
class RawFiles:
    """The four raw files of a data set, all of them sound.

    Attributes:
        folder: the folder that they are in.
        checksums: the SHA-256 of each file.
    """

    folder: Path
    checksums: dict[str, str]

    def images(self, which: str) -> NDArray[np.uint8]:
        """The grey values of a set, `TRAINING` or `TEST`: (N, 28, 28). Raises DataError."""
        return _content(self.folder / f"{which}-images-idx3-ubyte", 16).reshape(-1, 28, 28)

    def labels(self, which: str) -> NDArray[np.uint8]:
        """The labels of a set: (N,). Raises DataError."""
        return _content(self.folder / f"{which}-labels-idx1-ubyte", 8)


def raw_files(name: str = "mnist", data_dir: Path | None = None) -> RawFiles:
    """The raw files of a data set, unpacked or downloaded if need be.

    Args:
        name: a key of `DATASETS`.
        data_dir: the folder that holds, or will hold, torchvision's folder of this data set.

    Raises:
        DataError: the files are not there and cannot be had, or cannot be written.
    """
    if name not in DATASETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(DATASETS)}.")
    info = DATASETS[name]
    return RawFiles(*sound_files(info.torchvision_class, info.title, data_dir))


def _content(path: Path, header: int) -> NDArray[np.uint8]:
    """What follows a file's header. torchvision reads it too, but imports a thousand modules."""
    try:
        return np.fromfile(path, dtype=np.uint8, offset=header)
    except OSError as error:
        raise DataError(
            f"{printable(path)} cannot be read ({error.strerror or error}); "
            "try again, or name another folder with --data-dir."
        ) from error

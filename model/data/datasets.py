"""The MNIST family as tensors: reading, caching, splitting, binarising.

MNIST comes with the program and needs no network; it is unpacked once into the user's cache, in
torchvision's layout. Fashion-MNIST and KMNIST are downloaded there by torchvision. Every file in
the cache is checked by its SHA-256 before it is read, and a damaged one is made anew.

Protocol: 50,000 training, 10,000 validation and 10,000 test images. Training pixels are Bernoulli
draws of the grey values, fresh at each visit (`binarise`). Validation and test images are drawn
once, with a published seed (`binarise_once`), so that their numbers can be compared.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import torch
from torch import Tensor

from model import assets
from model.atomic import write_atomically

VALIDATION_IMAGES = 10_000

# The published seed of `binarise_once`.
BINARISATION_SEED = 0

RAW_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

# SHA-256 of the four MNIST files, unpacked.
_MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

_SUMS_FILE = "SHA256SUMS.json"
_NO_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class DataError(Exception):
    """The data cannot be had. The message is one sentence that says what to do."""


@dataclass(frozen=True)
class DatasetInfo:
    """What is known about a data set before it is read.

    Attributes:
        title: its name as people write it.
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

    def __getitem__(self, part: slice) -> "Images":
        return Images(self.images[part], self.labels[part])


@dataclass(frozen=True)
class Splits:
    """One data set, split: 50,000 training, 10,000 validation, 10,000 test images.

    `checksums` maps each raw file to its SHA-256: what a run records about its data.
    """

    name: str
    train: Images
    validation: Images
    test: Images
    checksums: dict[str, str]


def default_data_dir() -> Path:
    """Where unpacked data go unless another place is named: a folder of this user's cache."""
    return Path(platformdirs.user_cache_dir("vae-gui", appauthor=False))


def load_splits(name: str = "mnist", data_dir: Path | None = None) -> Splits:
    """Read a data set and split it. The last 10,000 training images are the validation set.

    Args:
        name: a key of `DATASETS`.
        data_dir: the folder that holds, or will hold, torchvision's folder of this data set.

    Raises:
        DataError: it is neither there nor bundled nor to be downloaded, or cannot be written.
    """
    folder, sums = _prepare(name, data_dir)
    train = _read(name, folder, train=True)
    return Splits(
        name,
        train[: len(train) - VALIDATION_IMAGES],
        train[len(train) - VALIDATION_IMAGES :],
        _read(name, folder, train=False),
        sums,
    )


def load_test(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read the 10,000 test images alone. Arguments and errors as in `load_splits`."""
    folder, _ = _prepare(name, data_dir)
    return _read(name, folder, train=False)


def load_training(name: str = "mnist", data_dir: Path | None = None) -> Images:
    """Read all training images, those of the validation set among them. As `load_splits`."""
    folder, _ = _prepare(name, data_dir)
    return _read(name, folder, train=True)


def binarise(images: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draw each pixel from a Bernoulli distribution whose mean is its grey value / 255.

    Images of any shape, uint8; the result has that shape, float32, of zeros and ones. Exact: a
    whole number below 255 is smaller than the grey value v in v of 255 cases.
    """
    threshold = torch.empty_like(images).random_(0, 255, generator=generator)
    return (threshold < images).float()


def binarise_once(images: Tensor, seed: int = BINARISATION_SEED) -> Tensor:
    """`binarise`, the same on every machine and for ever: (N, 1, 28, 28) uint8 -> float32.

    The numbers come from NumPy's legacy generator, whose stream is frozen by NEP 19.
    """
    threshold = np.random.RandomState(seed).randint(0, 255, size=images.shape, dtype=np.uint8)
    return (torch.from_numpy(threshold) < images).float()


def _prepare(name: str, data_dir: Path | None) -> tuple[Path, dict[str, str]]:
    """Make sure that sound raw files are in the cache; return its root and their sums."""
    if name not in DATASETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(DATASETS)}.")
    root = _without_tilde(data_dir or default_data_dir())
    raw = root / DATASETS[name].torchvision_class / "raw"
    _refuse_pickles(raw.with_name("processed"))
    try:
        if name == "mnist":
            return root, _prepare_mnist(raw, root)
        return root, _prepare_download(name, raw, root)
    except OSError as error:
        raise DataError(
            f"The data folder {root} cannot be used ({error.strerror or error}); "
            "name another one with --data-dir."
        ) from error


def _without_tilde(folder: Path) -> Path:
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise DataError(
            f"The data folder {folder} lies in a home that is not known here; "
            "name another one with --data-dir."
        ) from error


def _refuse_pickles(processed: Path) -> None:
    """Before 2021 torchvision kept pickles; it still prefers them to the files checked here."""
    if (processed / "training.pt").exists() and (processed / "test.pt").exists():
        raise DataError(
            f"{processed} holds pickles of an old torchvision, which would be read unchecked; "
            "remove that folder, or name another one with --data-dir."
        )


def _prepare_mnist(raw: Path, root: Path) -> dict[str, str]:
    damaged = _damaged(raw, _MNIST_SHA256)
    if damaged and not assets.MNIST.is_dir():
        _download("mnist", root, [raw / file for file in damaged])
        damaged = _damaged(raw, _MNIST_SHA256)
        if damaged:
            raise DataError(f"The downloaded {damaged[0]} is not the MNIST file of that name.")
        return _MNIST_SHA256
    for file in damaged:
        content = _unpack_bundled(file)
        raw.mkdir(parents=True, exist_ok=True)
        write_atomically(raw / file, content)
    return _MNIST_SHA256


def _unpack_bundled(file: str) -> bytes:
    packed = assets.MNIST / f"{file}.gz"
    try:
        content = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise _bundle_damaged(packed, str(error)) from error
    if hashlib.sha256(content).hexdigest() != _MNIST_SHA256[file]:
        raise _bundle_damaged(packed, "its checksum is wrong")
    return content


def _bundle_damaged(packed: Path, reason: str) -> DataError:
    return DataError(
        f"The bundled file {packed} is damaged ({reason}); install the program again, "
        "or check the file out again."
    )


def _prepare_download(name: str, raw: Path, root: Path) -> dict[str, str]:
    """Files that are not bundled: their sums are those of the first sound ones."""
    sums = _recorded_sums(raw)
    damaged = _unfinished(raw) if sums is None else _damaged(raw, sums)
    if sums is not None and not damaged:
        return sums
    if damaged:
        _download(name, root, [raw / file for file in damaged])
        if unfinished := _unfinished(raw):
            raise DataError(f"The downloaded {unfinished[0]} is not a file of labelled images.")
    sums = {file: _sha256(raw / file) for file in RAW_FILES}
    write_atomically(raw / _SUMS_FILE, json.dumps(sums, indent=1).encode())
    return sums


def _recorded_sums(raw: Path) -> dict[str, str] | None:
    try:
        sums = json.loads((raw / _SUMS_FILE).read_bytes())
    except (OSError, ValueError):
        return None
    return sums if isinstance(sums, dict) and set(sums) == set(RAW_FILES) else None


def _download(name: str, root: Path, damaged: list[Path]) -> None:
    """Let torchvision fetch a data set, or unpack what it fetched before and knows to be sound."""
    title = DATASETS[name].title
    for path in damaged:  # torchvision takes an existing file for a sound one
        path.unlink(missing_ok=True)
    try:
        _torchvision_class(name)(root, download=True)
    except (OSError, HTTPException, RuntimeError) as error:
        raise DataError(
            f"{title} is not in {root} and could not be downloaded; connect to the network once, "
            "or name the folder that holds it with --data-dir."
        ) from error


def _unfinished(raw: Path) -> list[str]:
    return [file for file in RAW_FILES if not _is_whole(raw / file)]


def _is_whole(path: Path) -> bool:
    """Whether a file is of the idx format and as long as its own header says."""
    images = "images" in path.name
    sizes, item = ((28).to_bytes(4, "big") * 2, 28 * 28) if images else (b"", 1)
    try:
        with path.open("rb") as file:
            header = file.read(8 + len(sizes))
        length = path.stat().st_size
    except _NO_FILE:
        return False
    magic = b"\x00\x00\x08" + (b"\x03" if images else b"\x01")
    count = int.from_bytes(header[4:8], "big")
    return (header[:4], header[8:], length) == (magic, sizes, len(header) + count * item)


def _damaged(raw: Path, sums: dict[str, str]) -> list[str]:
    return [file for file, expected in sums.items() if _sha256(raw / file) != expected]


def _sha256(path: Path) -> str:
    """The checksum of a file, or a word that is no checksum where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except _NO_FILE:
        return "missing"


def _read(name: str, root: Path, *, train: bool) -> Images:
    """The images and labels of sound raw files.

    torchvision reads them too, but it imports a thousand modules for that, in 1 to 3 s.
    """
    raw, part = root / DATASETS[name].torchvision_class / "raw", "train" if train else "t10k"
    images = _content(raw / f"{part}-images-idx3-ubyte", header=16).view(-1, 1, 28, 28)
    return Images(images, _content(raw / f"{part}-labels-idx1-ubyte", header=8).long())


def _content(path: Path, header: int) -> Tensor:
    try:
        return torch.from_numpy(np.fromfile(path, dtype=np.uint8, offset=header))
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}); try again, or name another "
            "folder with --data-dir."
        ) from error


def _torchvision_class(name: str) -> Callable[..., Any]:
    from torchvision import datasets  # 1.1 s that only those pay who download data

    reader: Callable[..., Any] = getattr(datasets, DATASETS[name].torchvision_class)
    return reader

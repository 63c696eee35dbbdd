"""The cache of raw data files: unpacked or downloaded once, checked by SHA-256 at each use.

MNIST comes with the program and needs no network; it is unpacked into the user's cache, in
torchvision's layout. Other data sets are downloaded there by torchvision. A damaged file is made
anew. A data set is known here by the name of its class in torchvision.datasets.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import platformdirs

from model import assets
from model.atomic import write_atomically
from model.printable import printable

RAW_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

# Of the four MNIST files, unpacked.
MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}

_SUMS_FILE = "SHA256SUMS.json"
_NO_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class DataError(Exception):
    """The data cannot be had. The message is one sentence that says what to do."""


def default_data_dir() -> Path:
    """The folder for unpacked data unless another one is named: in this user's cache."""
    return Path(platformdirs.user_cache_dir("vae-gui", appauthor=False))


def sound_files(
    torchvision_class: str, title: str, data_dir: Path | None
) -> tuple[Path, dict[str, str]]:
    """The folder of a data set's four raw files, all of them sound, and their SHA-256.

    Args:
        torchvision_class: the data set's class in torchvision.datasets, and its folder.
        title: its name in error messages.
        data_dir: the folder that holds, or will hold, torchvision's folder of this data set.

    Raises:
        DataError: the files are not there and cannot be had, or cannot be written.
    """
    root = _without_tilde(data_dir or default_data_dir())
    raw = root / torchvision_class / "raw"
    _refuse_pickles(raw.with_name("processed"))
    download = _Download(torchvision_class, title, root)
    try:
        if torchvision_class == "MNIST":
            return raw, _prepare_mnist(raw, download)
        return raw, _prepare_download(raw, download)
    except OSError as error:
        raise DataError(
            f"The data folder {printable(root)} cannot be used ({error.strerror or error}); "
            "name another one with --data-dir."
        ) from error


def _without_tilde(folder: Path) -> Path:
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise DataError(
            f"The data folder {printable(folder)} lies in a home that is not known here; "
            "name another one with --data-dir."
        ) from error


def _refuse_pickles(processed: Path) -> None:
    """Refuse the pickles of torchvision before 2021: it still prefers them to the checked files."""
    if (processed / "training.pt").exists() and (processed / "test.pt").exists():
        raise DataError(
            f"{printable(processed)} holds pickles of an old torchvision, which would be read "
            "unchecked; remove that folder, or name another one with --data-dir."
        )


def _prepare_mnist(raw: Path, download: "_Download") -> dict[str, str]:
    damaged = _damaged(raw, MNIST_SHA256)
    if damaged and not assets.MNIST.is_dir():
        download(raw / file for file in damaged)
        damaged = _damaged(raw, MNIST_SHA256)
        if damaged:
            raise DataError(f"The downloaded {damaged[0]} is not the MNIST file of that name.")
        return MNIST_SHA256
    for file in damaged:
        content = unpack_bundled(file)
        raw.mkdir(parents=True, exist_ok=True)
        write_atomically(raw / file, content)
    return MNIST_SHA256


def unpack_bundled(file: str) -> bytes:
    """The content of one of MNIST's raw files, from the bundle. Raises DataError if damaged."""
    packed = assets.MNIST / f"{file}.gz"
    try:
        content = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise _bundle_damaged(packed, str(error)) from error
    if hashlib.sha256(content).hexdigest() != MNIST_SHA256[file]:
        raise _bundle_damaged(packed, "its checksum is wrong")
    return content


def _bundle_damaged(packed: Path, reason: str) -> DataError:
    return DataError(
        f"The bundled file {printable(packed)} is damaged ({reason}); install the program again, "
        "or check the file out again."
    )


def _prepare_download(raw: Path, download: "_Download") -> dict[str, str]:
    """Checksums of files that are not bundled: recorded when the first sound ones were found."""
    sums = _recorded_sums(raw)
    damaged = _unfinished(raw) if sums is None else _damaged(raw, sums)
    if sums is not None and not damaged:
        return sums
    if damaged:
        download(raw / file for file in damaged)
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


@dataclass(frozen=True)
class _Download:
    """Torchvision's download of a data set; it unpacks sound packed files without the network."""

    torchvision_class: str
    title: str
    root: Path

    def __call__(self, damaged: Iterable[Path]) -> None:
        for path in damaged:  # torchvision takes an existing file for a sound one
            path.unlink(missing_ok=True)
        try:
            self._reader()(self.root, download=True)
        except (OSError, HTTPException, RuntimeError) as error:
            raise DataError(
                f"{self.title} is not in {printable(self.root)} and could not be downloaded; "
                "connect to the network once, or name the folder that holds it with --data-dir."
            ) from error

    def _reader(self) -> Callable[..., Any]:
        from torchvision import datasets  # takes 1.1 s to import, for downloads alone

        reader: Callable[..., Any] = getattr(datasets, self.torchvision_class)
        return reader


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
    """The SHA-256 of a file, or "missing"."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except _NO_FILE:
        return "missing"

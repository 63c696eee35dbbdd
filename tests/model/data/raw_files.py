"""Raw data files in tests: sound ones, damaged ones, and what is said of them."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from model.data.cache import MNIST_SHA256, RAW_FILES, DataError

LABELS = "t10k-labels-idx1-ubyte"
TRAIN_IMAGES = "train-images-idx3-ubyte"


def sentence_of(load: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        load()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def assert_sound(root: Path, *others: str) -> None:
    """The four files are MNIST's, and nothing else lies beside them."""
    raw = root / "MNIST" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted((*RAW_FILES, *others))
    for file in RAW_FILES:
        assert hashlib.sha256((raw / file).read_bytes()).hexdigest() == MNIST_SHA256[file]


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    content = change(path.read_bytes())
    path.unlink()  # the file may be a link
    path.write_bytes(content)


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]

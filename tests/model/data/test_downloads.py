"""Downloads: torchvision's own code against a server on this machine."""

import functools
import gzip
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from raw_files import (
    LABELS,
    TRAIN_IMAGES,
    assert_sound,
    damage,
    flipped,
    sentence_of,
    truncated,
)
from torchvision import datasets

from model import assets
from model.data.cache import RAW_FILES
from model.data.catalogue import DATASETS
from model.data.datasets import load_splits, load_test


class Server(ThreadingHTTPServer):
    """Serves a folder and counts what is asked for."""

    def handle_error(self, *_: object) -> None:
        """A client that has hung up is no news."""


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, _format: str, *arguments: object) -> None:
            asked.append(str(arguments[0]))

    server = Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The folder that the server serves."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The only mirror that torchvision knows; what is asked of it."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(shelf) as (url, asked):
        for info in DATASETS.values():
            monkeypatch.setattr(getattr(datasets, info.torchvision_class), "mirrors", [url])
        yield asked


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirrors refuse every connection."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for info in DATASETS.values():
        cls = getattr(datasets, info.torchvision_class)
        monkeypatch.setattr(cls, "mirrors", ["http://127.0.0.1:9/"])


def publish(
    name: str, shelf: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]
) -> None:
    """Put packed files on the shelf, and tell torchvision their sums."""
    resources = []
    for file, packed in files.items():
        (shelf / f"{file}.gz").write_bytes(packed)
        resources.append((f"{file}.gz", hashlib.md5(packed).hexdigest()))
    monkeypatch.setattr(getattr(datasets, DATASETS[name].torchvision_class), "resources", resources)


def stand_in(train: int = 10_050, test: int = 60, side: int = 28) -> dict[str, bytes]:
    """A small data set in the idx format, packed."""
    return dict(packed_stand_in(train, test, side))


@functools.cache
def packed_stand_in(train: int, test: int, side: int) -> dict[str, bytes]:
    numbers = np.random.default_rng(0)
    files = {}
    for prefix, count in (("train", train), ("t10k", test)):
        pixels = numbers.integers(0, 256, count * side * side, dtype=np.uint8).tobytes()
        labels = numbers.integers(0, 10, count, dtype=np.uint8).tobytes()
        sizes = b"".join(size.to_bytes(4, "big") for size in (count, side, side))
        images_file, labels_file = f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"
        files[images_file] = gzip.compress(b"\x00\x00\x08\x03" + sizes + pixels, 1)
        files[labels_file] = gzip.compress(b"\x00\x00\x08\x01" + sizes[:4] + labels, 1)
    return {file: files[file] for file in RAW_FILES}


def test_mnist_without_its_bundle_is_downloaded(
    shelf: Path, mirror: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = {file: (assets.MNIST / f"{file}.gz").read_bytes() for file in RAW_FILES}
    publish("mnist", shelf, monkeypatch, packed)
    monkeypatch.setattr(assets, "MNIST", tmp_path / "missing")
    assert len(load_splits("mnist", tmp_path / "cache").train) == 50_000
    assert_sound(tmp_path / "cache", *(f"{file}.gz" for file in RAW_FILES))
    assert mirror

    # A damaged file is downloaded again, though torchvision itself would take it for sound.
    damage(tmp_path / "cache" / "MNIST" / "raw" / LABELS, flipped)
    assert load_test("mnist", tmp_path / "cache").labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert_sound(tmp_path / "cache", *(f"{file}.gz" for file in RAW_FILES))


def test_a_download_that_is_not_mnist_is_one_sentence(
    shelf: Path, mirror: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("mnist", shelf, monkeypatch, stand_in())
    monkeypatch.setattr(assets, "MNIST", tmp_path / "missing")
    sentence = sentence_of(lambda: load_splits("mnist", tmp_path / "cache"))
    assert "is not the MNIST file of that name" in sentence
    assert mirror


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", list(DATASETS))
def test_without_a_network_there_is_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MNIST", tmp_path / "missing")
    sentence = sentence_of(lambda: load_splits(name, tmp_path / "cache"))
    assert sentence.startswith(f"{DATASETS[name].title} is not in ")
    assert "--data-dir" in sentence


@pytest.mark.parametrize("name", ["fashion-mnist", "kmnist"])
def test_another_data_set_is_downloaded_once_and_remembered_by_its_sums(
    name: str,
    shelf: Path,
    mirror: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = stand_in()
    publish(name, shelf, monkeypatch, files)
    splits = load_splits(name, tmp_path / "cache")

    sums = {
        file: hashlib.sha256(gzip.decompress(packed)).hexdigest() for file, packed in files.items()
    }
    assert splits.checksums == sums
    assert (len(splits.train), len(splits.validation), len(splits.test)) == (50, 10_000, 60)
    pixels = gzip.decompress(files["t10k-images-idx3-ubyte"])[16:]
    assert splits.test.images.numpy().tobytes() == pixels
    raw = tmp_path / "cache" / DATASETS[name].torchvision_class / "raw"
    assert json.loads((raw / "SHA256SUMS.json").read_bytes()) == sums

    mirror.clear()
    assert load_splits(name, tmp_path / "cache").checksums == sums
    assert mirror == []


def test_a_download_of_images_of_another_size_is_one_sentence(
    shelf: Path, mirror: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("kmnist", shelf, monkeypatch, stand_in(train=10, test=10, side=32))
    sentence = sentence_of(lambda: load_splits("kmnist", tmp_path))
    assert "is not a file of labelled images" in sentence
    assert mirror


@pytest.mark.parametrize("change", [truncated, flipped])
def test_a_damaged_download_is_made_anew(
    change: Callable[[bytes], bytes],
    shelf: Path,
    mirror: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("fashion-mnist", shelf, monkeypatch, stand_in())
    sound = load_splits("fashion-mnist", tmp_path)
    raw = tmp_path / "FashionMNIST" / "raw"
    damage(raw / LABELS, change)
    damage(raw / f"{LABELS}.gz", change)
    mirror.clear()
    again = load_splits("fashion-mnist", tmp_path)
    assert again.checksums == sound.checksums
    assert torch.equal(again.test.labels, sound.test.labels)
    assert any(LABELS in line for line in mirror)


@pytest.mark.usefixtures("no_network")
def test_a_damaged_file_is_unpacked_again_without_a_network(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torchvision keeps the packed files and knows their sums."""
    files = stand_in()
    publish("fashion-mnist", shelf, monkeypatch, files)
    raw = tmp_path / "FashionMNIST" / "raw"
    shutil.copytree(shelf, raw)
    sound = load_splits("fashion-mnist", tmp_path)
    damage(raw / LABELS, flipped)
    assert load_splits("fashion-mnist", tmp_path).checksums == sound.checksums


@pytest.mark.usefixtures("no_network")
def test_files_that_somebody_else_unpacked_are_used_and_never_lost(tmp_path: Path) -> None:
    """A folder as torchvision leaves it, without packed files and without our sums."""
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file, packed in stand_in().items():
        (raw / file).write_bytes(gzip.decompress(packed))
    splits = load_splits("fashion-mnist", tmp_path)
    assert len(splits.test) == 60
    assert load_splits("fashion-mnist", tmp_path).checksums == splits.checksums


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "change",
    [truncated, lambda content: content[:3], lambda _: b"", lambda content: content + b"x"],
    ids=["half", "head", "empty", "longer"],
)
def test_a_half_written_file_without_sums_is_not_taken_for_sound(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file, packed in stand_in().items():
        (raw / file).write_bytes(gzip.decompress(packed))
    damage(raw / TRAIN_IMAGES, change)
    sentence_of(lambda: load_splits("fashion-mnist", tmp_path))


@pytest.mark.parametrize("sums", [b"", b"[]", b"{}", b"\xff", b'{"a": 1}', b"null"])
def test_damaged_sums_are_made_anew(
    sums: bytes,
    shelf: Path,
    mirror: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish("kmnist", shelf, monkeypatch, stand_in(train=10, test=10))
    sound = load_splits("kmnist", tmp_path)
    (tmp_path / "KMNIST" / "raw" / "SHA256SUMS.json").write_bytes(sums)
    assert load_splits("kmnist", tmp_path).checksums == sound.checksums
    assert json.loads((tmp_path / "KMNIST" / "raw" / "SHA256SUMS.json").read_bytes())
    assert mirror

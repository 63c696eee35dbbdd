import functools
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torchvision import datasets

from model import assets
from model.data import datasets as data
from model.data.datasets import (
    DATASETS,
    RAW_FILES,
    DataError,
    Splits,
    binarise,
    binarise_once,
    default_data_dir,
    load_splits,
    load_test,
    load_training,
)

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
        assert data._sha256(raw / file) == data._MNIST_SHA256[file]


@pytest.fixture
def cache(mnist_dir: Path, tmp_path: Path) -> Path:
    """A data folder that may be damaged: links to the sound files."""
    root = tmp_path / "cache"
    shutil.copytree(mnist_dir, root, copy_function=os.link)
    return root


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    content = change(path.read_bytes())
    path.unlink()  # the file may be a link
    path.write_bytes(content)


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


# Binarisation


def test_black_is_never_drawn_white_nor_white_black() -> None:
    generator = torch.Generator().manual_seed(0)
    black, white = torch.zeros(1_000_000, dtype=torch.uint8), torch.full((1_000_000,), 255).byte()
    assert binarise(black, generator).sum() == 0
    assert binarise(white, generator).sum() == 1_000_000
    assert binarise_once(black).sum() == 0
    assert binarise_once(white).sum() == 1_000_000


@pytest.mark.parametrize("draw", [binarise, binarise_once])
def test_every_grey_value_is_white_with_its_probability(
    draw: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    torch.manual_seed(0)
    draws = 10_000
    grey = torch.arange(256, dtype=torch.uint8).repeat(draws, 1)
    drawn = draw(grey)
    assert drawn.dtype == torch.float32
    assert drawn.shape == grey.shape
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    expected = torch.arange(256) / 255
    error = (drawn.mean(0) - expected).abs()
    assert (error <= 5 * (expected * (1 - expected) / draws).sqrt()).all()


def test_training_pixels_are_drawn_afresh_and_follow_the_generator() -> None:
    grey = torch.full((1000,), 128, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(5)
    first, second = binarise(grey, generator), binarise(grey, generator)
    assert not torch.equal(first, second)
    assert torch.equal(binarise(grey, torch.Generator().manual_seed(5)), first)


def test_test_images_are_binarised_alike_for_ever(mnist: Splits) -> None:
    drawn = binarise_once(mnist.test.images)
    assert drawn.shape == (10_000, 1, 28, 28)
    digest = hashlib.sha256(drawn.to(torch.uint8).numpy().tobytes()).hexdigest()
    assert digest == "1d9c9184e478f16d76049e297fdf93dd9932992895535fd6a2af54ad5dcf15b6"
    assert not torch.equal(binarise_once(mnist.test.images, seed=1), drawn)


def test_binarising_once_leaves_the_global_generators_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    binarise_once(torch.full((5, 5), 100, dtype=torch.uint8))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


# Splits


def test_the_splits_are_the_right_parts_of_mnist(mnist: Splits, mnist_dir: Path) -> None:
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (50_000, 10_000, 10_000)
    for part in (mnist.train, mnist.validation, mnist.test):
        assert part.images.shape == (len(part), 1, 28, 28)
        assert part.images.dtype == torch.uint8
        assert part.labels.dtype == torch.int64
        assert set(part.labels.tolist()) == set(range(10))
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    # Straight from the bytes of the file: nothing is left out, nothing is in two parts.
    content = (mnist_dir / "MNIST" / "raw" / TRAIN_IMAGES).read_bytes()[16:]
    joined = torch.cat([mnist.train.images, mnist.validation.images])
    assert joined.numpy().tobytes() == content
    assert mnist.name == "mnist"
    assert mnist.checksums == data._MNIST_SHA256


def test_images_stand_upright(mnist: Splits) -> None:
    """The first test image is a 7: its bar is above its stem, and the stem leans to the left."""
    seven = mnist.test.images[0, 0] > 127
    widths = seven.sum(1)
    assert 7 <= widths.argmax() <= 10
    assert widths[8:10].min() > 2 * widths[12:26].max()
    columns = [row.nonzero().float().mean() for row in seven[10:26]]
    assert columns == sorted(columns, reverse=True)


def test_the_test_images_can_be_had_alone(mnist: Splits, mnist_dir: Path) -> None:
    test = load_test("mnist", mnist_dir)
    assert torch.equal(test.images, mnist.test.images)
    assert torch.equal(test.labels, mnist.test.labels)


# The cache


@pytest.mark.parametrize("train", [True, False])
def test_the_files_are_read_as_torchvision_reads_them(mnist_dir: Path, train: bool) -> None:
    theirs = datasets.MNIST(mnist_dir, train=train)
    ours = load_training(data_dir=mnist_dir) if train else load_test(data_dir=mnist_dir)
    assert ours.images.dtype == torch.uint8
    assert ours.labels.dtype == torch.int64
    assert torch.equal(ours.images[:, 0], theirs.data)
    assert torch.equal(ours.labels, theirs.targets)


def test_to_read_data_does_not_import_torchvision(mnist_dir: Path) -> None:
    """It brings a thousand modules along, and a collection of garbage of 0.1 s among them."""
    code = """
import sys
from pathlib import Path
from model.data.datasets import load_splits
load_splits(data_dir=Path(sys.argv[1]))
print([name for name in sys.modules if name.startswith(("torchvision", "sympy"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(mnist_dir)], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_without_a_name_data_go_to_the_users_cache(tmp_path: Path) -> None:
    load_test()
    assert default_data_dir() == tmp_path / "user cache" / "vae-gui"
    assert_sound(default_data_dir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rule of another system")
def test_the_users_cache_is_where_the_system_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from platformdirs.unix import Unix

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(
        platformdirs,
        "user_cache_dir",
        lambda name, appauthor: Unix(name, appauthor).user_cache_dir,
    )
    assert default_data_dir() == tmp_path / "xdg" / "vae-gui"


def test_a_sound_cache_is_not_written_again(cache: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    load_test("mnist", cache)
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before


def test_a_sound_cache_needs_no_bundle(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "MNIST", tmp_path / "missing")
    assert load_test("mnist", cache).labels[0] == 7


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (LABELS, truncated),
        (LABELS, flipped),
        (LABELS, lambda _: b""),
        (TRAIN_IMAGES, truncated),
        (TRAIN_IMAGES, flipped),
    ],
)
def test_a_damaged_file_is_made_anew(
    cache: Path, file: str, change: Callable[[bytes], bytes]
) -> None:
    damage(cache / "MNIST" / "raw" / file, change)
    assert len(load_splits("mnist", cache).train) == 50_000
    assert_sound(cache)


def test_a_file_that_is_missing_or_replaced_by_a_broken_link_is_made_anew(cache: Path) -> None:
    raw = cache / "MNIST" / "raw"
    (raw / LABELS).unlink()
    (raw / TRAIN_IMAGES).unlink()
    (raw / TRAIN_IMAGES).symlink_to(raw / "nowhere")
    load_test("mnist", cache)
    assert_sound(cache)


def test_the_rest_of_a_killed_unpacking_does_not_matter(tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / f".{LABELS}.abcd.part").write_bytes(b"half")
    load_test("mnist", tmp_path)
    assert_sound(tmp_path, f".{LABELS}.abcd.part")


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
def test_a_full_disk_while_unpacking_is_one_sentence_and_leaves_no_rest(tmp_path: Path) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        sentence = sentence_of(lambda: load_splits("mnist", tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "--data-dir" in sentence
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert all(name in RAW_FILES for name in left)
    load_splits("mnist", tmp_path)
    assert_sound(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("mnist", "fashion-mnist"):
        below_a_file = functools.partial(load_splits, name, tmp_path / "file" / "below")
        assert "--data-dir" in sentence_of(below_a_file)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_in_the_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "MNIST").write_bytes(b"")
    assert "--data-dir" in sentence_of(lambda: load_splits("mnist", tmp_path))


def test_a_folder_in_the_place_of_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "MNIST" / "raw" / LABELS / "inside").mkdir(parents=True)
    assert "--data-dir" in sentence_of(lambda: load_splits("mnist", tmp_path))


def test_the_home_of_nobody_is_one_sentence() -> None:
    sentence = sentence_of(lambda: load_splits("mnist", Path("~no-such-user-anywhere/data")))
    assert "--data-dir" in sentence


def test_an_unknown_data_set_is_one_sentence_that_names_the_known_ones(tmp_path: Path) -> None:
    sentence = sentence_of(lambda: load_splits("cifar-10", tmp_path))
    assert "'cifar-10'" in sentence
    assert all(name in sentence for name in DATASETS)


@pytest.mark.parametrize("name", ["mnist", "kmnist"])
def test_pickles_of_an_old_torchvision_are_never_read(tmp_path: Path, name: str) -> None:
    """torchvision would prefer them to the checked files."""
    processed = tmp_path / DATASETS[name].torchvision_class / "processed"
    processed.mkdir(parents=True)
    for file in ("training.pt", "test.pt"):
        torch.save((torch.zeros(3, 28, 28).byte(), torch.zeros(3).long()), processed / file)
    sentence = sentence_of(lambda: load_test(name, tmp_path))
    assert str(processed) in sentence


# The bundle


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle that may be damaged."""
    folder = tmp_path / "bundle"
    shutil.copytree(assets.MNIST, folder)
    monkeypatch.setattr(assets, "MNIST", folder)
    return folder


@pytest.mark.parametrize(
    "change",
    [
        truncated,
        flipped,
        lambda _: b"",
        lambda _: b"<html>404</html>",
        lambda content: content + b"more",
        lambda content: gzip.compress(flipped(gzip.decompress(content))),
    ],
    ids=["truncated", "flipped", "empty", "other", "longer", "another content"],
)
def test_a_damaged_bundle_is_one_sentence(
    bundle: Path, cache: Path, change: Callable[[bytes], bytes]
) -> None:
    (cache / "MNIST" / "raw" / LABELS).unlink()
    damage(bundle / f"{LABELS}.gz", change)
    sentence = sentence_of(lambda: load_test("mnist", cache))
    assert sentence.startswith(f"The bundled file {bundle / LABELS}.gz is damaged")
    assert not (cache / "MNIST" / "raw" / LABELS).exists()


def test_a_bundle_with_a_file_missing_is_one_sentence(bundle: Path, tmp_path: Path) -> None:
    (bundle / f"{TRAIN_IMAGES}.gz").unlink()
    sentence = sentence_of(lambda: load_splits("mnist", tmp_path / "cache"))
    assert f"{TRAIN_IMAGES}.gz" in sentence


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), start=st.booleans())
def test_any_flipped_bit_of_the_bundle_is_harmless_or_noticed(
    bundle: Path, position: float, bit: int, start: bool
) -> None:
    packed = bundle / f"{LABELS}.gz"
    sound = (Path(__file__).parents[3] / "assets" / "mnist" / packed.name).read_bytes()
    index = int(position * (20 if start else len(sound)))
    packed.write_bytes(sound[:index] + bytes([sound[index] ^ 1 << bit]) + sound[index + 1 :])
    try:
        content = data._unpack_bundled(LABELS)
    except DataError:
        return
    assert hashlib.sha256(content).hexdigest() == data._MNIST_SHA256[LABELS]


# Downloads: torchvision's own code against a server on this machine


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

import functools
import gzip
import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_files import (
    LABELS,
    TRAIN_IMAGES,
    assert_sound,
    damage,
    flipped,
    sentence_of,
    truncated,
)

from model import assets
from model.data.cache import MNIST_SHA256, RAW_FILES, DataError, default_data_dir, unpack_bundled
from model.data.catalogue import DATASETS
from model.data.datasets import load_splits, load_test


@pytest.fixture
def cache(mnist_dir: Path, tmp_path: Path) -> Path:
    """A data folder that may be damaged: links to the sound files."""
    root = tmp_path / "cache"
    shutil.copytree(mnist_dir, root, copy_function=os.link)
    return root


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
        content = unpack_bundled(LABELS)
    except DataError:
        return
    assert hashlib.sha256(content).hexdigest() == MNIST_SHA256[LABELS]

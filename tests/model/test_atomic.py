import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

import pytest

from model.atomic import replacing, write_atomically, write_through_file

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions and limits of POSIX")

OLD = b"the old content, longer than the new one"
NEW = b"new"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file that is there already, alone in its folder."""
    path = tmp_path / "folder" / "file.bin"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


def assert_only(path: Path, content: bytes) -> None:
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_it_replaces_what_was_there(target: Path) -> None:
    write_atomically(target, NEW)
    assert_only(target, NEW)


def test_it_makes_what_was_not_there(target: Path) -> None:
    target.unlink()
    write_atomically(target, NEW)
    assert_only(target, NEW)


def test_empty_content_makes_an_empty_file(target: Path) -> None:
    write_atomically(target, b"")
    assert_only(target, b"")


def test_a_function_can_write_in_parts(target: Path) -> None:
    def write(file: IO[bytes]) -> None:
        file.write(b"ne")
        file.write(b"w")

    write_through_file(target, write)
    assert_only(target, NEW)


def test_the_old_file_is_there_until_the_block_ends(target: Path) -> None:
    with replacing(target) as file:
        file.write(NEW)
        file.flush()
        assert target.read_bytes() == OLD
    assert_only(target, NEW)


@pytest.mark.parametrize("exception", [RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_in_the_block_leaves_the_old_file(
    target: Path, exception: type[BaseException]
) -> None:
    def half_way() -> NoReturn:
        with replacing(target) as file:
            file.write(NEW)
            raise exception

    with pytest.raises(exception):
        half_way()
    assert_only(target, OLD)


@pytest.mark.parametrize("name", ["fsync", "chmod", "replace"])
def test_a_failing_system_call_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(target, NEW)
    assert_only(target, OLD)


def test_a_function_that_fails_to_write_leaves_the_old_file(target: Path) -> None:
    def write(file: IO[bytes]) -> NoReturn:
        file.write(NEW)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_through_file(target, write)
    assert_only(target, OLD)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system itself refuses to write beyond `size`; Python ignores the signal."""
    import resource  # not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix_only
@pytest.mark.parametrize("size", [10_001, 5_000_000])  # found out at the flush, at the write
def test_a_write_that_the_system_refuses_leaves_the_old_file(target: Path, size: int) -> None:
    with largest_file(10_000), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        write_atomically(target, b"x" * size)
    assert_only(target, OLD)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_noticed_before_the_file_is_replaced(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The content of the temporary file really goes to a device that has no space."""
    fdopen = os.fdopen

    def on_full_device(descriptor: int, mode: str) -> IO[bytes]:
        os.close(descriptor)
        return fdopen(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(os, "fdopen", on_full_device)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_atomically(target, NEW)
    assert_only(target, OLD)


@posix_only
def test_a_file_that_cannot_be_synchronised_by_its_folder_is_written_all_the_same(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems cannot fsync a folder; the file is already in its place by then."""
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(target, NEW)
    assert_only(target, NEW)


@posix_only
def test_the_content_is_synchronised_before_the_rename_and_the_folder_after(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("folder" if is_folder else os.fstat(descriptor).st_size)
        fsync(descriptor)

    def note_replace(source: str, goal: Path) -> None:
        calls.append("replace")
        replace(source, goal)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_atomically(target, NEW)
    assert calls == [len(NEW), "replace", "folder"]


@posix_only
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_permissions_follow_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "file", NEW)
        assert os.umask(mask) == mask  # looking at it has not changed it
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "file", NEW)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        write_atomically(tmp_path / "file", NEW)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


REWRITE_FOR_EVER = """
import sys
from pathlib import Path
from model.atomic import write_atomically
path = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number = (number + 1) % 256
    write_atomically(path, bytes([number]) * 200_000)
"""


@posix_only
def test_after_a_kill_the_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(bytes(200_000))
    seen = set()
    for kill in range(6):
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", REWRITE_FOR_EVER, path],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05 + 0.017 * kill)
        process.kill()
        process.communicate()
        content = path.read_bytes()
        assert len(content) == 200_000
        assert len(set(content)) == 1
        seen.add(content[0])
    assert seen != {0}  # it did write

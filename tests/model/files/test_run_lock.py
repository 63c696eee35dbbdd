import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.files.run_lock import RunLock, is_being_written

fcntl = pytest.importorskip("fcntl")


def test_a_folder_has_one_writer_at_a_time(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    with pytest.raises(BlockingIOError):
        RunLock(tmp_path)
    with pytest.raises(BlockingIOError):  # the refused one took nothing away
        RunLock(tmp_path)
    lock.release()
    lock.release()
    RunLock(tmp_path).release()


def test_other_folders_are_free(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    locks = [RunLock(tmp_path), RunLock(tmp_path / "below")]
    assert list(tmp_path.iterdir()) == [tmp_path / "below"]  # it leaves nothing behind
    del locks


def test_a_lock_that_nobody_has_any_more_is_released(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    del lock
    RunLock(tmp_path)


def test_a_lock_ends_with_its_process_however_that_ends(tmp_path: Path) -> None:
    code = """
import os, pathlib, signal, sys
from model.files.run_lock import RunLock, is_being_written
lock = RunLock(pathlib.Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(BlockingIOError):
            RunLock(tmp_path)
        process.kill()
        process.wait()
        RunLock(tmp_path)


def test_where_nothing_can_be_locked_nothing_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else None
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", refuse)
        RunLock(tmp_path)
        RunLock(tmp_path).release()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "fcntl", None)  # as on Windows
        RunLock(tmp_path)
        RunLock(tmp_path).release()
    if before is not None:
        assert len(list(descriptors.iterdir())) == before


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        RunLock(tmp_path / "missing")


def test_whether_a_run_is_being_written_is_told_by_its_lock(tmp_path: Path) -> None:
    assert is_being_written(tmp_path) is False
    lock = RunLock(tmp_path)
    assert is_being_written(tmp_path) is True
    lock.release()
    assert is_being_written(tmp_path) is False
    RunLock(tmp_path).release()  # those who looked hold nothing
    with pytest.raises(FileNotFoundError):
        is_being_written(tmp_path / "missing")


def test_a_writer_waits_a_moment_for_those_who_only_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    monkeypatch.setattr("time.sleep", lambda _: os.close(descriptor))
    RunLock(tmp_path).release()


def test_where_nothing_can_be_locked_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert is_being_written(tmp_path) is None

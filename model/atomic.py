"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that becomes `path` when the block ends without an exception.

    At any moment, also after a power cut, `path` is either the whole old file or the whole new one.
    On an exception the temporary file is removed and `path` is as it was.

    Raises:
        OSError: whatever the system raises on opening, writing, flushing or renaming.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _set_usual_permissions(name)
        os.replace(name, path)  # noqa: PTH105 - tests replace os.replace to inject faults
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise
    _sync_folder(path.parent)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all. Raises OSError as `replacing` does."""
    with replacing(path) as file:
        file.write(content)


def write_through_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a file that becomes `path` if it succeeds. Raises OSError likewise."""
    with replacing(path) as file:
        write(file)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files that a kill left in a folder. Nobody may be writing there.

    Raises:
        OSError: the system refuses.
    """
    for path in folder.glob(".*.part"):
        path.unlink()


def _set_usual_permissions(name: str) -> None:
    """Give the file the mode that open() would have given it: mkstemp makes it private."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)  # noqa: PTH101


def _sync_folder(folder: Path) -> None:
    """Make a rename durable. Windows cannot open a folder, and does not need to.

    The new file is already in its place. Where a file system cannot synchronise a folder (some
    network shares), an error would wrongly say that nothing was written.
    """
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

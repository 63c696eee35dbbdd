"""Input that anyone may have made: bytes of bounded size, and strictly parsed JSON.

What is wrong with it becomes a `Refused`, which says why and what to do.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any

COPY_AGAIN = "copy it again from where it came from"
RETRAIN = "train a model with train_cli.py"

# As Python's own default limit, which an environment variable can lift.
_MAX_DIGITS = 4300


class Refused(Exception):  # noqa: N818 - it says what happened
    """Why a file is refused, and what to do; becomes the error that names the file.

    Attributes:
        reason: half a sentence, at most 200 characters.
        advice: the other half.
    """

    def __init__(self, reason: str, advice: str = COPY_AGAIN) -> None:
        super().__init__(reason)
        self.reason = reason if len(reason) <= 200 else reason[:200] + "…"
        self.advice = advice


def read_bytes(path: Path, limit: int, what: str = "a checkpoint") -> bytes:
    """The content of a regular file of at most `limit` bytes, from one descriptor.

    Args:
        path: of the file.
        limit: larger files are refused unread.
        what: the kind of file, for the sentence about its size.

    Raises:
        Refused: it is not such a file, or the system refuses to read it.
    """
    descriptor = _open(path)
    try:
        _check_kind(os.fstat(descriptor), limit, what)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1) or b""  # None where a strange file would block
    except OSError as error:
        raise Refused(_lower(error.strerror or str(error))) from error
    finally:
        os.close(descriptor)


def read_start(path: Path, count: int) -> tuple[bytes, int]:
    """The first `count` bytes of a regular file of any size, and how many it has.

    Raises:
        Refused: it is not such a file, or the system refuses to read it.
    """
    descriptor = _open(path)
    try:
        status = os.fstat(descriptor)
        _check_kind(status, status.st_size, "it")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(count) or b"", status.st_size
    except OSError as error:
        raise Refused(_lower(error.strerror or str(error))) from error
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    # Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags)
    except ValueError as error:
        raise Refused("its name cannot be a file's", "choose a checkpoint") from error
    except OSError as error:
        # Windows opens no folder. Path.is_dir() would raise where the folder above is closed.
        if os.path.isdir(path):  # noqa: PTH112
            raise _folder() from error
        raise Refused(_lower(error.strerror or str(error)), "check its name and rights") from error


def _check_kind(status: os.stat_result, limit: int, what: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _folder()
    if not stat.S_ISREG(status.st_mode):
        raise Refused("it is not a regular file", "choose a .safetensors file")
    if status.st_size > limit:
        raise Refused(
            f"it has {status.st_size:,} bytes, and {what} has at most {limit:,}",
            "choose a checkpoint that train_cli.py wrote",
        )


def _folder() -> Refused:
    return Refused("it is a folder", "choose a .safetensors file in it")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def parse_json(text: str | bytes, what: str) -> Any:
    """Parse JSON strictly: no duplicate keys, no NaN, no unbounded depth or numbers.

    Raises:
        Refused: naming `what`.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_bounded_whole_number,
        )
    except (ValueError, RecursionError) as error:
        raise Refused(f"{what} is damaged") from error


def parse_table(text: str | bytes, what: str) -> dict[str, Any]:
    """Parse JSON that must be an object, as strictly as `parse_json`. Raises Refused."""
    table = parse_json(text, what)
    if not isinstance(table, dict):
        raise Refused(f"{what} is damaged")
    return table


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate key")
    return table


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _bounded_whole_number(digits: str) -> int:
    """A whole number; the time to read one grows with the square of its digits."""
    if len(digits) > _MAX_DIGITS:
        raise ValueError("too many digits")
    return int(digits)

"""The outer shell of a checkpoint file: its bytes, and its strictly parsed header.

A safetensors file is a length (8 bytes, little-endian), a JSON header of that length, and the bytes
of the tensors. What anyone may have made is refused here, before anything is allocated for it, with
a `Refused` that says why and what to do.
"""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

MAX_BYTES = 64 * 2**20
MAX_HEADER = 2**20

COPY_AGAIN = "copy it again from where it came from"
RETRAIN = "train a model with train_cli.py"


class Refused(Exception):  # noqa: N818 - it says what happened
    """Why a file is refused, and what to do; becomes the CheckpointError that names the file.

    Attributes:
        reason: half a sentence, at most 200 characters.
        advice: the other half.
    """

    def __init__(self, reason: str, advice: str = COPY_AGAIN) -> None:
        super().__init__(reason)
        self.reason = reason if len(reason) <= 200 else reason[:200] + "…"
        self.advice = advice


def _folder() -> Refused:
    return Refused("it is a folder", "choose a .safetensors file in it")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most `limit` bytes, from one descriptor.

    Raises:
        Refused: it is something else, or the system refuses to read it.
    """
    descriptor = _open(path)
    try:
        _check_kind(os.fstat(descriptor), limit)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1) or b""  # None where a strange file would block
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


def _check_kind(status: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise _folder()
    if not stat.S_ISREG(status.st_mode):
        raise Refused("it is not a regular file", "choose a .safetensors file")
    if status.st_size > limit:
        raise Refused(
            f"it has {status.st_size:,} bytes, and a checkpoint has at most {limit:,}",
            "choose a checkpoint that train_cli.py wrote",
        )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def split_file(content: bytes) -> tuple[dict[str, Any], memoryview]:
    """Take a file apart into its header, parsed, and the bytes of its tensors. Raises Refused."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or content[8:9] not in (b"{", b""):
        # Only here: a sound file may begin with these bytes too, if its header is so long.
        if content.startswith((b"\x80", b"PK\x03\x04")):
            raise Refused("it is a pickle, which could run code when it is opened", RETRAIN)
        raise Refused("it is not a safetensors file", "choose a checkpoint")
    if length > MAX_HEADER:
        raise Refused(f"its header claims {length:,} bytes", "choose a checkpoint")
    if length > len(content) - 8:
        raise Refused("it ends too early")
    header = parse_json(content[8 : 8 + length], "its header")
    return header, memoryview(content)[8 + length :]


def parse_json(text: str | bytes, what: str) -> Any:
    """Parse JSON strictly: no duplicate keys, no NaN, no unbounded depth or numbers.

    Raises:
        Refused: naming `what`.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
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


def digest_of(header: dict[str, Any], weights: memoryview) -> str:
    """SHA-256 of all that a file says, however its header is spelt."""
    described = {name: entry for name, entry in header.items() if name != "__metadata__"}
    metadata = {key: text for key, text in header["__metadata__"].items() if key != "digest"}
    digest = hashlib.sha256(json.dumps([described, metadata], sort_keys=True).encode())
    digest.update(weights)
    return digest.hexdigest()

"""Sealed files: one reader and one writer for checkpoints, resume states and number caches.

A sealed file is a safetensors file: a length (8 bytes, little-endian), a JSON header of that length
with the table of tensors, and the bytes of the tensors. The header's `__metadata__` maps names to
texts: `format`, `digest` (the SHA-256 of everything else) and those of the kind of file. There is
no pickle, not even as a fallback: reading a file cannot run code.

The reader trusts nothing, and allocates nothing before what it depends on has been checked. Order:
size, header, metadata, format, table, digest; then, when asked, names, shapes and values of the
tensors. Whatever the file is, the result is a `Sealed` or a `Refused`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from numpy.typing import NDArray
from safetensors import SafetensorError

from model.atomic import write_atomically
from model.files.untrusted import RETRAIN, Refused, parse_json, read_bytes, read_start

if TYPE_CHECKING:  # torch takes a second to import, and the window reads its first model before
    from torch import Tensor

MAX_HEADER = 2**20


@dataclass(frozen=True)
class Kind:
    """A kind of sealed file.

    Attributes:
        what: its name in a sentence, with its article.
        format: the format's name and number.
        keys: the names of its own texts in the metadata.
        max_bytes: the size of the largest file.
    """

    what: str
    format: str
    keys: frozenset[str]
    max_bytes: int


class Entry(NamedTuple):
    """A line of the table of tensors: the type's name in safetensors ("F32"), and the shape."""

    dtype: str
    shape: list[int]


@dataclass(frozen=True)
class Sealed:
    """The content of a sealed file whose digest is right.

    Attributes:
        metadata: its texts.
        table: its tensors by name.
    """

    metadata: Mapping[str, str]
    table: Mapping[str, Entry]
    _content: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's content."""
        return self.metadata["digest"]

    def check_shapes(self, shapes: Mapping[str, Sequence[int]]) -> None:
        """Raise Refused unless the tensors have exactly these names and shapes."""
        if set(self.table) != set(shapes):
            different = sorted(set(self.table) ^ set(shapes))[0]
            raise Refused(f"its weights do not fit its configuration at {different!a}")
        for name, entry in self.table.items():
            if entry.shape != list(shapes[name]):
                raise Refused(f"its weight {name} has another shape than its configuration says")

    def tensors(self) -> "dict[str, Tensor]":
        """The tensors by name. Raises Refused if they overlap or do not fill the file."""
        from safetensors.torch import load

        try:
            return load(self._content)
        except SafetensorError as error:
            raise Refused("its table of weights is damaged") from error

    def arrays(self) -> dict[str, NDArray[Any]]:
        """`tensors` as arrays of numpy, without torch, for types that numpy has."""
        from safetensors.numpy import load

        try:
            return load(self._content)
        except (SafetensorError, KeyError) as error:
            raise Refused("its table of weights is damaged") from error


def check_finite(tensors: "Mapping[str, Tensor]") -> None:
    """Raise Refused, naming the first tensor with a NaN or an infinity."""
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise Refused(f"its weight {name} has values that are not numbers", RETRAIN)


def write(
    path: Path, kind: Kind, metadata: Mapping[str, str], tensors: "Mapping[str, Tensor]"
) -> None:
    """Write a sealed file, whole or not at all. Raises OSError where the system refuses."""
    write_atomically(path, seal(kind, metadata, tensors))


def seal(kind: Kind, metadata: Mapping[str, str], tensors: "Mapping[str, Tensor]") -> bytes:
    """The content of a sealed file.

    Args:
        kind: of the file.
        metadata: the texts that `kind` names.
        tensors: by name, contiguous, on the CPU.
    """
    from safetensors.torch import save

    described = {"format": kind.format, **metadata}
    header, body = split_file(save(dict(tensors), described))
    header["__metadata__"]["digest"] = digest_of(header, body)
    spelt = json.dumps(header, separators=(",", ":")).encode()
    spelt += b" " * (-len(spelt) % 8)  # the tensors are aligned, as safetensors aligns them
    return b"".join([len(spelt).to_bytes(8, "little"), spelt, body])


def read(path: Path, kind: Kind) -> Sealed:
    """Read a sealed file that anyone may have made.

    Raises:
        Refused: it is not a whole, unaltered file of this kind.
    """
    content = read_bytes(path, kind.max_bytes, kind.what)
    header, body = split_file(content)
    metadata = _metadata(header, kind)
    table = {name: entry for name, entry in header.items() if name != "__metadata__"}
    # Damage is much more common than malice, and here it has its true name.
    if not all(_is_entry(entry) for entry in table.values()):
        raise Refused("its table of weights is damaged")
    if metadata["digest"] != digest_of(header, body):
        raise Refused("its content does not match its checksum")
    entries = {name: Entry(entry["dtype"], entry["shape"]) for name, entry in table.items()}
    return Sealed(metadata, entries, content)


def peek(path: Path) -> dict[str, str]:
    """The texts of a sealed file of any kind, read from its first bytes alone.

    Nothing but its length is checked: this tells what a file claims to be, before it is opened.

    Raises:
        Refused: it is not a sealed file, or not all of it is there yet.
    """
    start, size = read_start(path, 8 + MAX_HEADER)
    header, _ = split_file(start)
    metadata = header.pop("__metadata__", None)
    if not _is_table_of_texts(metadata) or not all(map(_is_entry, header.values())):
        raise Refused("it is not a file of this program", "choose a checkpoint")
    ends = [max(entry["data_offsets"], default=0) for entry in header.values()]
    if size < 8 + int.from_bytes(start[:8], "little") + max(ends, default=0):
        raise Refused("it ends too early")
    return dict(metadata)


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


def digest_of(header: dict[str, Any], body: memoryview) -> str:
    """SHA-256 of the content of a file, independent of the spelling of its header."""
    described = {name: entry for name, entry in header.items() if name != "__metadata__"}
    metadata = {key: text for key, text in header["__metadata__"].items() if key != "digest"}
    digest = hashlib.sha256(json.dumps([described, metadata], sort_keys=True).encode())
    digest.update(body)
    return digest.hexdigest()


def _metadata(header: dict[str, Any], kind: Kind) -> dict[str, str]:
    metadata = header.get("__metadata__")
    foreign = Refused(f"it is not {kind.what} of this program", RETRAIN)
    if not _is_table_of_texts(metadata) or "format" not in metadata:
        raise foreign
    if metadata["format"] != kind.format:
        raise Refused(
            f"its format is {metadata['format']!a}, and this program reads {kind.format!r}",
            "use the version of the program that wrote it",
        )
    if set(metadata) != kind.keys | {"format", "digest"}:
        raise foreign
    return metadata


def _is_table_of_texts(value: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_entry(entry: Any) -> bool:
    """Whether a line of the table of tensors has the fields that it must have, and no other."""
    return (
        isinstance(entry, dict)
        and set(entry) == {"dtype", "shape", "data_offsets"}
        and isinstance(entry["dtype"], str)
        and _is_list_of_whole_numbers(entry["shape"])
        and _is_list_of_whole_numbers(entry["data_offsets"])
    )


def _is_list_of_whole_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int for number in value)

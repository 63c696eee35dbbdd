"""Numbers of images that took a minute to compute, kept for the next time.

A file belongs to one model and one set of images, known by their SHA-256, and to the way in which
the numbers were computed. Those of the bundled model come with the program; those of others are
kept in the user's cache. Nothing there is trusted: what is damaged, or belongs to something else,
is as good as not there, and is computed anew.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as serialise_tensors
from torch import Tensor

from model import assets
from model.atomic import write_atomically
from model.data.binarise import BINARISATION_SEED
from model.data.cache import default_data_dir
from model.files.checkpoint import Checkpoint
from model.files.sealed import Refused, digest_of, read_bytes, split_file

# To be changed with whatever changes the numbers themselves: how pixels are drawn, how terms are
# integrated.
FORMAT = f"vae-gui numbers 1, pixels binarised once with seed {BINARISATION_SEED}"

MAX_FILES = 40
MAX_BYTES = 2 * 2**20


class Owner(NamedTuple):
    """Whose numbers they are.

    Attributes:
        model: the checkpoint's SHA-256.
        images: that of their grey values.
        n: how many images there are.
    """

    model: str
    images: str
    n: int


class KeptNumbers(NamedTuple):
    """Numbers of N images, in nats, (N,) float64; None where they are not known.

    Attributes:
        reconstruction: E_q[log p(x|z)].
        log_likelihood: the exact log p(x).
    """

    reconstruction: Tensor | None = None
    log_likelihood: Tensor | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any(values is not None for values in self)


def owner_of(checkpoint: Checkpoint, images: Tensor) -> Owner | None:
    """Whose the numbers of some images (N, ...) uint8 are; None for a model that is in no file."""
    if not checkpoint.digest:
        return None
    content = images.contiguous().numpy().data
    return Owner(checkpoint.digest, hashlib.sha256(content).hexdigest(), len(images))


def find_numbers(owner: Owner | None) -> KeptNumbers:
    """What is known of some images, from the bundle or from the user's cache. Never raises."""
    if owner is None:
        return KeptNumbers()
    if bundled := read_numbers(assets.NUMBERS, owner):
        return bundled
    path = _path_of(owner)
    found = read_numbers(path, owner)
    if found:
        with suppress(OSError):
            os.utime(path)  # what is used last goes last
    return found


def keep_numbers(owner: Owner | None, numbers: KeptNumbers) -> None:
    """Keep what is known in the user's cache, if it can be written; the oldest files go."""
    if owner is None:
        return
    path = _path_of(owner)
    with suppress(OSError):  # they will be computed again, that is all
        path.parent.mkdir(parents=True, exist_ok=True)
        write_numbers(path, owner, numbers)
        files = sorted(path.parent.glob("*.safetensors"), key=lambda file: file.stat().st_mtime)
        for old in files[:-MAX_FILES]:
            old.unlink()


def write_numbers(path: Path, owner: Owner, numbers: KeptNumbers) -> None:
    """Write a file of numbers, in float32, whole or not at all. Raises OSError."""
    tensors = {
        name: values.float().contiguous()
        for name, values in numbers._asdict().items()
        if values is not None
    }
    metadata = {"format": FORMAT, "model": owner.model, "images": owner.images}
    header, content = split_file(serialise_tensors(tensors, metadata))
    digest = digest_of(header, content)
    write_atomically(path, serialise_tensors(tensors, metadata | {"digest": digest}))


def read_numbers(path: Path, owner: Owner) -> KeptNumbers:
    """What a file says, if it is whole and its owner's; else nothing is known. Never raises."""
    try:
        content = read_bytes(path, MAX_BYTES)
        header, weights = split_file(content)
        metadata = header.get("__metadata__")
        if not isinstance(metadata, dict) or metadata != {
            "format": FORMAT,
            "model": owner.model,
            "images": owner.images,
            "digest": digest_of(header, weights),
        }:
            return KeptNumbers()
        tensors = load_tensors(content)
    except (Refused, SafetensorError):
        return KeptNumbers()
    sound = set(tensors) <= set(KeptNumbers._fields) and all(
        values.shape == (owner.n,) and values.dtype == torch.float32 and values.isfinite().all()
        for values in tensors.values()
    )
    if not sound:
        return KeptNumbers()
    return KeptNumbers(**{name: values.double() for name, values in tensors.items()})


def folder() -> Path:
    """Where the numbers of this user's models are kept."""
    return default_data_dir() / "numbers"


def _path_of(owner: Owner) -> Path:
    name = hashlib.sha256(f"{owner.model} {owner.images}".encode()).hexdigest()
    return folder() / f"{name[:40]}.safetensors"

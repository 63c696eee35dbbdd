"""The number cache: numbers of images that took a minute to compute, kept for the next time.

A file belongs to one model and one set of images, known by their SHA-256, and to the way in which
the numbers were computed. The numbers of bundled models come with the program; those of other
models are kept in the user's cache. The reader trusts nothing there: a file that is damaged,
impossible, or another owner's is ignored, and its numbers are computed again. There is no secret
to sign with: possible numbers that somebody else sealed for this owner are believed.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from model import assets
from model.data.cache import default_data_dir
from model.data.catalogue import BINARISATION_SEED
from model.files import sealed
from model.files.checkpoint import Checkpoint
from model.files.untrusted import Refused
from model.network.class_conditional import CLASSES

# The format has to change whenever the numbers do: how pixels are drawn, how terms are integrated.
KIND = sealed.Kind(
    "a number cache",
    f"vae-gui numbers 2, pixels binarised once with seed {BINARISATION_SEED}",
    frozenset({"model", "images"}),
    max_bytes=2 * 2**20,
)

MAX_FILES = 40

# Nats by which the logarithm of a probability may exceed zero: rounding of a sum over 784 pixels.
_ROUNDING = 0.01

_POSTERIOR, _GIVEN = "label_posterior", "reconstruction_given"
_BY_CLASS = {_POSTERIOR, _GIVEN}


class Owner(NamedTuple):
    """The model and the images that numbers belong to.

    Attributes:
        model: the checkpoint's SHA-256.
        images: the SHA-256 of their grey values.
        n: how many images there are.
    """

    model: str
    images: str
    n: int


class KeptNumbers(NamedTuple):
    """Numbers of N images, float64; None where they are not known.

    Attributes:
        reconstruction: E_q[log p(x|z)], (N,) nats.
        log_likelihood: the exact log p(x), (N,) nats.
        label_posterior: the exact p(y|x) of a model with classes, (N, 10); rows of NaN where log
            p(x) is not resolved. In a file such rows are zeros.
        reconstruction_given: E_q[log p(x|y,z)] given each class of such a model, (N, 10) nats.
    """

    reconstruction: Tensor | None = None
    log_likelihood: Tensor | None = None
    label_posterior: Tensor | None = None
    reconstruction_given: Tensor | None = None

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any(values is not None for values in self)


def owner_of(checkpoint: Checkpoint, images: Tensor) -> Owner | None:
    """The owner of numbers of images (N, ...) uint8; None for a model that is in no file."""
    if not checkpoint.digest:
        return None
    content = images.contiguous().numpy().data
    return Owner(checkpoint.digest, hashlib.sha256(content).hexdigest(), len(images))


def owner_given(owner: Owner, label: int) -> Owner:
    """The owner of the numbers that the same model has where one of its classes is given."""
    return owner._replace(model=f"{owner.model} given class {label}")


def find_numbers(owner: Owner | None) -> KeptNumbers:
    """The known numbers of some images, from the bundle or the user's cache. Never raises."""
    if owner is None:
        return KeptNumbers()
    for bundled in (assets.NUMBERS, assets.PAPER_NUMBERS, assets.M2_NUMBERS):
        if found := read_numbers(bundled, owner):
            return found
    path = _path_of(owner)
    found = read_numbers(path, owner)
    if found:
        with suppress(OSError):
            os.utime(path)  # the file that was used longest ago is removed first
    return found


def keep_numbers(owner: Owner | None, numbers: KeptNumbers) -> None:
    """Keep numbers in the user's cache, if it can be written, and remove its oldest files."""
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
    if (posterior := tensors.get(_POSTERIOR)) is not None:
        tensors[_POSTERIOR] = posterior.nan_to_num(0.0)
    sealed.write(path, KIND, {"model": owner.model, "images": owner.images}, tensors)


def read_numbers(path: Path, owner: Owner) -> KeptNumbers:
    """The numbers in a file that is whole and its owner's; otherwise none. Never raises."""
    try:
        file = sealed.read(path, KIND)
        _check_owner(file, owner)
        tensors = file.tensors()
        _check_possible(tensors)
    except Refused:
        return KeptNumbers()
    found = KeptNumbers(**{name: values.double() for name, values in tensors.items()})
    if found.label_posterior is not None:
        found.label_posterior[found.label_posterior.sum(dim=1) == 0.0] = torch.nan
    return found


def _check_owner(file: sealed.Sealed, owner: Owner) -> None:
    if (file.metadata["model"], file.metadata["images"]) != (owner.model, owner.images):
        raise Refused("its numbers are those of another model or of other images")
    if not set(file.table) <= set(KeptNumbers._fields):
        raise Refused("it has unknown numbers")
    for name, entry in file.table.items():
        shape = [owner.n, CLASSES] if name in _BY_CLASS else [owner.n]
        if entry != sealed.Entry("F32", shape):
            raise Refused("it does not have one number for each image")


def _check_possible(tensors: dict[str, Tensor]) -> None:
    """They are logarithms of probabilities of binary images, and probabilities of classes."""
    sealed.check_finite(tensors)
    logarithms = [values for name, values in tensors.items() if name != _POSTERIOR]
    if any((values > _ROUNDING).any() for values in logarithms):
        raise Refused("it has logarithms of probabilities above one")
    posterior = tensors.get(_POSTERIOR)
    if posterior is not None and not _is_posterior(posterior):
        raise Refused("its probabilities of classes do not add up to one")


def _is_posterior(posterior: Tensor) -> bool:
    """Whether each row is a distribution, or zeros."""
    sums = posterior.double().sum(dim=1)
    adds_up = ((sums - 1.0).abs() < 1e-4) | (posterior == 0.0).all(dim=1)
    return bool((posterior >= 0.0).all() and adds_up.all())


def folder() -> Path:
    """The folder of the numbers of this user's models."""
    return default_data_dir() / "numbers"


def _path_of(owner: Owner) -> Path:
    name = hashlib.sha256(f"{owner.model} {owner.images}".encode()).hexdigest()
    return folder() / f"{name[:40]}.safetensors"

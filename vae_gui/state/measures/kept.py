"""What measures share that are computed from pixels: the pixels, and what was kept of them."""

from typing import TYPE_CHECKING

from vae_gui.state.measures.measure import Subject

if TYPE_CHECKING:
    from torch import Tensor

    from model.files.number_cache import KeptNumbers, Owner


def recall(subject: Subject) -> tuple["Owner | None", "KeptNumbers"]:
    """Whose the numbers of these images are, and what was computed of them before."""
    import torch

    from model.files.number_cache import find_numbers, owner_of

    model = subject.model
    owner = owner_of(model.checkpoint, torch.from_numpy(subject.images.images))
    if owner is not None and model.label is not None:  # other numbers for each class
        owner = owner._replace(model=f"{owner.model} given class {model.label}")
    return owner, find_numbers(owner)


def binarised(subject: Subject) -> "Tensor":
    """The images as the model is measured on them: (N, 784), binarised once."""
    import torch

    from model.data.binarise import binarise_once

    return binarise_once(torch.from_numpy(subject.images.images)).flatten(1)

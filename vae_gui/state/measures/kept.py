"""What measures share that are computed from pixels: the pixels, and what was kept of them."""

from typing import TYPE_CHECKING

from vae_gui.state.measures.measure import Subject

if TYPE_CHECKING:
    from torch import Tensor

    from model.files.number_cache import KeptNumbers, Owner


def recall(subject: Subject) -> tuple["Owner | None", "KeptNumbers"]:
    """Whose the numbers of these images are, and what was computed of them before.

    Where one class of a model is shown, they are those given that class.
    """
    import torch

    from model.files.number_cache import find_numbers, owner_given, owner_of

    label = subject.model.label
    owner = owner_of(subject.model.checkpoint, torch.from_numpy(subject.images.images))
    if owner is None or label is None:
        return owner, find_numbers(owner)
    own = owner_given(owner, label)
    found = find_numbers(own)
    if not found and (of_all := find_numbers(owner).reconstruction_given) is not None:
        found = found._replace(reconstruction=of_all[:, label])
    return own, found


def binarised(subject: Subject) -> "Tensor":
    """The images as the model is measured on them: (N, 784), binarised once."""
    import torch

    from model.data.binarise import binarise_once

    return binarise_once(torch.from_numpy(subject.images.images)).flatten(1)

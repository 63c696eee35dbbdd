"""The training images whose class is known, in semi-supervised learning."""

import numpy as np
import torch
from torch import Tensor

from model.settings import SettingError

_CLASSES = 10


def labelled_subset(labels: Tensor, count: int, seed: int) -> Tensor:
    """Draw images whose class is known, as many of each class: indices (count,), rising.

    The same on every machine: NumPy keeps the stream of its PCG64. To ask for as many as there are
    gives all of them, whose classes are as frequent as they are.

    Args:
        labels: of the training images, (N,) int64.
        count: how many to draw.
        seed: of the draw.

    Raises:
        SettingError: naming `labels`, if so many of each class cannot be had.
    """
    if count == len(labels):
        return torch.arange(count)
    each, left = divmod(count, _CLASSES)
    if left:
        raise SettingError("labels", f"must be ten times the images of a class, not {count}")
    of_classes = [np.flatnonzero(labels.numpy() == label) for label in range(_CLASSES)]
    least = min(len(images) for images in of_classes)
    if least < each:
        raise SettingError(
            "labels",
            f"{count} asks for {each} images of each class; one has {least}, so ask for at most "
            f"{_CLASSES * least}, or for all {len(labels)}",
        )
    random = np.random.default_rng(seed)
    drawn = [random.permutation(images)[:each] for images in of_classes]
    return torch.from_numpy(np.sort(np.concatenate(drawn)))

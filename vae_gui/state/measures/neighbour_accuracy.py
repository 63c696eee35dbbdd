"""How many images have the label of the training images that are nearest to them."""

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from vae_gui.state.encoded import EncodedImages
from vae_gui.state.measures.label_accuracy import LabelAccuracy

NEAREST = 10  # training images that vote
_AT_ONCE = 100


def count_right_neighbours(
    test: EncodedImages, training: EncodedImages
) -> Generator[LabelAccuracy, None, None]:
    """Count test images whose ten nearest training images mostly have their label.

    Distances are those of the posterior means, over all dimensions. Of labels with as many votes,
    the one of the nearest image counts.
    """
    from model.latent.neighbours import Neighbours

    neighbours = Neighbours(training.means)
    right = 0
    for count, (mean, label) in enumerate(zip(test.means, test.labels, strict=True), start=1):
        found = training.labels[neighbours.nearest_few(mean, NEAREST)]
        right += int(_most_votes(found) == label)
        if count % _AT_ONCE == 0 or count == len(test):
            yield LabelAccuracy(right, count)


def _most_votes(labels: NDArray[np.int64]) -> int:
    """The commonest of the labels of images, the nearest first."""
    votes = np.bincount(labels)[labels]
    return int(labels[votes.argmax()])

"""How many test digits have the label of their ten nearest training digits, by a full search."""

from collections import Counter

import numpy as np
import pytest
from gui_helpers import make_digits

from vae_gui.state.measures.neighbour_accuracy import NEAREST, count_right_neighbours


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_the_count_is_that_of_a_search_through_all(dimensions):
    test, training = make_digits(dimensions, 150), make_digits(dimensions, 400)
    training.means[:] = np.random.default_rng(3).normal(size=training.means.shape)
    training.means[:, 0] += 0.4 * training.labels
    test.means[:, 0] += 0.4 * test.labels
    right = 0
    for mean, label in zip(test.means, test.labels, strict=True):
        nearest = np.argsort(((training.means - mean) ** 2).sum(1), kind="stable")[:NEAREST]
        labels = training.labels[nearest].tolist()
        votes = Counter(labels)
        most = max(votes.values())
        right += next(one for one in labels if votes[one] == most) == label
    *_, found = count_right_neighbours(test, training)
    assert (found.right, found.count) == (right, 150)
    assert 0 < right < 150

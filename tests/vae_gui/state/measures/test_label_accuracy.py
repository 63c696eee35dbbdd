"""The label accuracy, against a direct sum over all images."""

import numpy as np
import pytest
from gui_helpers import make_digits

from vae_gui.state.measures.label_accuracy import LabelAccuracy, count_right_labels


def direct_accuracy(test, training) -> float:
    """The fraction of images whose label has the highest q(z, label), by a plain sum."""
    right = 0
    for z, label in zip(test.means, test.labels, strict=True):
        exponents = -0.5 * (((z - training.means) / training.standard_deviations) ** 2).sum(1)
        exponents -= np.log(training.standard_deviations).sum(1)
        terms = np.exp(exponents - exponents.max())
        right += np.bincount(training.labels, terms, 10).argmax() == label
    return right / len(test)


@pytest.mark.parametrize("latent_dim", [1, 2, 4])
def test_the_accuracy_of_the_regions_is_that_of_a_direct_sum(latent_dim):
    test, training = make_digits(latent_dim, 200), make_digits(latent_dim, 400)
    training.means[:] += 0.1
    training.labels[:] = (training.means[:, 0] > 0.2) + 2 * (training.means[:, -1] > 0.0)
    test.labels[:] = (test.means[:, 0] > 0.2) + 2 * (test.means[:, -1] > 0.0)
    found = list(count_right_labels(test, training))
    assert found[-1].count == 200
    assert found[-1].right / 200 == direct_accuracy(test, training)
    assert 0.3 < found[-1].right / 200 < 1.0
    assert [part.count for part in found] == sorted(part.count for part in found)


def test_it_says_of_how_many():
    assert str(LabelAccuracy(150, 200)) == "75.0 % of the test digits"

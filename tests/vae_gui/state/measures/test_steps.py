"""Measures can be stopped: a worker ends a job where it yields."""

import pytest
from gui_helpers import make_digits

from vae_gui.state.measures import MEASURES, Measurements, Subject
from vae_gui.state.measures.label_accuracy import count_right_labels

MOST = 250  # images between two places where a job can be stopped


@pytest.mark.parametrize("key", ["elbo", "reconstruction", "log_density"])
def test_a_measure_can_be_stopped_every_few_images(make_model, key):
    images, training = make_digits(count=600), make_digits(count=100)
    own = Measurements(MEASURES, Subject(make_model(), images))
    stops = [
        (part.first, part.first + len(part.values))
        for part in MEASURES[key].compute(own.subject_with(training))
        if part.key == key
    ]
    assert [first for first, _ in stops] == [0] + [end for _, end in stops[:-1]]
    assert max(end - first for first, end in stops) <= MOST
    assert stops[-1][1] == 600


def test_the_count_of_right_labels_can_be_stopped_every_few_images():
    counts = [part.count for part in count_right_labels(make_digits(count=600), make_digits())]
    assert max(b - a for a, b in zip([0, *counts], counts, strict=False)) <= MOST

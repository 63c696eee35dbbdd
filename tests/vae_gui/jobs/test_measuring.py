"""What is measured first, what is kept, and what becomes of errors: with a real worker."""

from dataclasses import replace

import numpy as np
import pytest
from gui_helpers import make_digits, settle

from vae_gui.jobs.measuring import Measuring
from vae_gui.jobs.worker import Worker
from vae_gui.state.appearance import LayerState
from vae_gui.state.measures import MEASURES, Fraction, Values
from vae_gui.state.measures.label_accuracy import LabelAccuracy
from vae_gui.state.workspace import Workspace


class Steps:
    """Jobs that tell what they were asked for, and give values that are easy to know again."""

    def __init__(self):
        self.began = []
        self.error = None

    def terms(self, subject):
        start = int((~subject.so_far["reconstruction"].measured).argmax())
        self.began.append((f"terms of {len(subject.images)}", start))
        for first in range(start, len(subject.images), 50):
            values = -np.arange(first, first + 50, dtype=float)
            yield Values("reconstruction", first, values)
            yield Values("elbo", first, values - 7.0)
            if self.error:
                raise self.error

    def integral(self, subject):
        count = len(subject.images)
        self.began.append(("integral", count))
        yield Fraction(0.5)
        yield Values("log_likelihood", 0, np.full(count, -7.0))
        yield Values("reconstruction", 0, np.full(count, -5.0))
        yield Values("elbo", 0, np.full(count, -9.0))

    def log_density(self, subject):
        yield Values("log_density", 0, np.full(len(subject.images), -3.0))

    def right_labels(self, test, training):
        self.began.append(("right labels", len(training)))
        yield LabelAccuracy(1, 2)
        yield LabelAccuracy(150, 200)

    def table(self):
        """The measures of the window, with these jobs."""
        jobs = {
            "elbo": self.terms,
            "reconstruction": self.terms,
            "log_likelihood": self.integral,
            "log_density": self.log_density,
        }
        return MEASURES | {key: replace(MEASURES[key], compute=job) for key, job in jobs.items()}


@pytest.fixture
def steps(monkeypatch):
    made = Steps()
    monkeypatch.setattr("vae_gui.jobs.measuring.count_right_labels", made.right_labels)
    return made


@pytest.fixture
def workspace(steps):
    """Without a model; training images and label regions are hidden."""
    made = Workspace(measures=steps.table())
    for key in ("training", "regions"):
        made.appearance.layers[key] = LayerState(False)
    return made


@pytest.fixture
def measuring(workspace, qtbot):
    made = Measuring(workspace, workspace.viewpoint)
    yield made
    for worker in made.findChildren(Worker):
        worker.close()
        worker.join()


@pytest.fixture
def rest(workspace, measuring, qtbot):
    """A function that waits until nothing is measured any more."""

    def wait():
        qtbot.waitUntil(lambda: workspace.pending.is_settled)
        settle()

    return wait


# In which order


def test_terms_of_the_test_digits_come_by_themselves_and_the_rest_when_it_is_needed(
    workspace, steps, rest, make_model
):
    document, appearance = workspace.document, workspace.appearance
    document.open(make_model())
    document.set_test(make_digits())
    rest()
    assert steps.began == [("terms of 200", 0)]
    np.testing.assert_array_equal(document.measures["reconstruction"].values, -np.arange(200.0))
    document.set_training(make_digits(count=300))
    appearance.colour_by("elbo")
    rest()
    assert len(steps.began) == 1
    appearance.show_layer("training", True)
    rest()
    assert steps.began[1:] == [("terms of 300", 0)]
    appearance.show_layer("regions", True)
    rest()
    assert steps.began[2:] == [("right labels", 300)]
    assert document.label_accuracy == LabelAccuracy(150, 200)
    appearance.show_layer("regions", False)
    appearance.show_layer("regions", True)
    appearance.colour_by("kl")
    rest()
    assert len(steps.began) == 3


def test_a_job_that_was_interrupted_goes_on_where_it_was(
    workspace, steps, rest, make_model, monkeypatch
):
    def interrupt():
        measures = document.measures
        if measures is not None and 0 < measures["elbo"].count < 200:
            workspace.appearance.show_layer("regions", True)

    document = workspace.document
    document.measures_changed.connect(interrupt)
    document.open(make_model())
    document.set_training(make_digits(count=300))
    document.set_test(make_digits())
    rest()
    assert steps.began == [("terms of 200", 0), ("right labels", 300), ("terms of 200", 50)]
    np.testing.assert_array_equal(document.measures["reconstruction"].values, -np.arange(200.0))
    np.testing.assert_array_equal(document.measures["elbo"].values, -7.0 - np.arange(200.0))


def test_an_integral_brings_the_terms_with_it(workspace, steps, measuring, rest, make_model):
    texts, document = [], workspace.document
    measuring.progressed.connect(texts.append)
    document.open(make_model())
    workspace.appearance.colour_by("log_likelihood")
    document.set_test(make_digits())
    rest()
    assert steps.began == [("integral", 200)]
    assert (document.measures["log_likelihood"].values == -7.0).all()
    assert (document.measures["reconstruction"].values == -5.0).all()
    assert "Integrating log p(x) … 50 %" in texts
    assert texts[-1] == ""


def test_with_three_dimensions_nothing_is_integrated(workspace, steps, rest, make_model):
    workspace.document.open(make_model(3))
    workspace.appearance.colour_by("log_likelihood")
    workspace.document.set_test(make_digits(3))
    rest()
    assert steps.began == [("terms of 200", 0)]


# What goes wrong


def test_an_error_becomes_a_sentence_and_is_not_tried_again_with_this_model(
    workspace, steps, measuring, rest, make_model
):
    failures, document = [], workspace.document
    measuring.failed.connect(lambda sentence, error: failures.append((sentence, error)))
    steps.error = MemoryError("no room")
    document.open(make_model())
    document.set_test(make_digits())
    rest()
    assert failures == [("The test digits could not be measured: no room.", steps.error)]
    workspace.appearance.colour_by("kl")
    rest()
    assert len(steps.began) == 1
    steps.error = None
    document.open(make_model(seed=1))
    document.set_test(make_digits())
    rest()
    assert len(steps.began) == 2
    assert document.measures["reconstruction"].is_complete


def test_numbers_of_a_model_that_is_gone_are_not_taken(workspace, steps, rest, make_model):
    models = [make_model(), make_model(seed=1)]
    swapped, document = [], workspace.document

    def swap():
        measures = document.measures
        if not swapped and measures is not None and measures["reconstruction"].count:
            swapped.append(measures)
            document.open(models[1])
            document.set_test(make_digits(count=100))

    document.measures_changed.connect(swap)
    document.open(models[0])
    document.set_test(make_digits())
    rest()
    assert steps.began == [("terms of 200", 0), ("terms of 100", 0)]
    assert swapped[0]["reconstruction"].count == 50
    np.testing.assert_array_equal(document.measures["reconstruction"].values, -np.arange(100.0))


# Whether something is on its way


def test_measures_are_on_their_way_from_the_change_of_the_data_until_all_are_in(
    workspace, steps, measuring, rest, make_model
):
    document, pending = workspace.document, workspace.pending
    document.open(make_model())
    assert pending.is_settled
    seen = []
    document.measures_changed.connect(lambda: seen.append(pending.is_settled))
    document.label_accuracy_changed.connect(lambda: seen.append(pending.is_settled))
    document.set_test(make_digits())
    assert not pending.is_settled
    rest()
    workspace.appearance.show_layer("regions", True)
    assert pending.is_settled  # nothing can be counted without training images
    document.set_training(make_digits(count=300))
    assert not pending.is_settled
    rest()
    assert document.label_accuracy is not None
    assert document.measures["log_density"].is_complete
    assert not any(seen[1:])  # the first came before it was seen that the rest is wanted


def test_what_failed_is_not_waited_for(workspace, steps, rest, make_model):
    steps.error = ValueError("no")
    workspace.document.open(make_model())
    workspace.document.set_test(make_digits())
    assert not workspace.pending.is_settled
    rest()
    assert not workspace.document.measures["elbo"].is_complete


def test_who_closes_does_not_wait_and_nothing_begins_afterwards(
    workspace, steps, measuring, make_model, qtbot
):
    document = workspace.document
    document.open(make_model())
    document.set_test(make_digits())
    (worker,) = measuring.findChildren(Worker)
    worker.close()
    assert workspace.pending.is_settled
    worker.join()
    began = list(steps.began)
    document.open(make_model(seed=1))
    document.set_test(make_digits())
    settle()
    assert workspace.pending.is_settled
    assert steps.began == began

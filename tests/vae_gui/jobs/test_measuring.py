"""What is measured first, what is kept, and what becomes of errors: with a real worker."""

import numpy as np
import pytest
import torch
from gui_helpers import make_digits, settle

from model.data.binarise import binarise_once
from model.files.number_cache import find_numbers, owner_of
from model.likelihood.exact import integrate
from model.likelihood.grid import Grid, log_joint_on_grid
from model.likelihood.image_terms import image_terms
from vae_gui.jobs import measurer as measurer_module
from vae_gui.jobs import measuring
from vae_gui.jobs.measuring import Density, Integrated, Integrating, Measuring, Reconstructed
from vae_gui.state.appearance import LayerState
from vae_gui.state.encoded import OpenModel
from vae_gui.state.measures import LabelAccuracy
from vae_gui.state.workspace import Workspace


@pytest.fixture
def measured(qtbot):
    """A workspace, and a function that begins to measure in it."""
    workspace = Workspace()
    for key in ("training", "regions"):
        workspace.appearance.layers[key] = LayerState(False)
    made = []

    def begin():
        made.append(Measuring(workspace, workspace.viewpoint))
        return made[-1]

    yield workspace, begin
    for one in made:
        one._worker.close()
        one._worker.join()


@pytest.fixture
def steps(monkeypatch):
    """The jobs in the place of the real ones: each waits at each step; what began, in order."""
    made = Steps()
    for name in ("reconstruct", "integrate", "label", "log_densities"):
        monkeypatch.setattr(measurer_module, name, getattr(made, name))
    return made


class Steps:
    """Jobs that tell what they were asked for, and give numbers that are easy to know again."""

    def __init__(self):
        self.began = []
        self.error = None

    def reconstruct(self, model, digits, known):
        start = int(np.isnan(known).argmax())
        self.began.append((f"reconstruct {len(known)}", start))
        for first in range(start, len(known), 50):
            yield Reconstructed(first, -np.arange(first, first + 50, dtype=float))
            if self.error:
                raise self.error

    def integrate(self, model, digits):
        self.began.append(("integrate", len(digits.labels)))
        yield Integrating(0.5)
        yield Integrated(np.full(len(digits.labels), -7.0), np.full(len(digits.labels), -5.0))

    def log_densities(self, digits, training):
        yield Density(0, np.full(len(digits.labels), -3.0))

    def label(self, test, training):
        self.began.append(("label", len(training.labels)))
        yield LabelAccuracy(1, 2)
        yield LabelAccuracy(150, 200)


@pytest.fixture
def coarse_grid(monkeypatch):
    """Integrals on a twenty-fifth of the points."""
    grid = Grid(step=0.05)
    monkeypatch.setattr("model.likelihood.exact.Grid", lambda: grid)
    return grid


def rest(measurer, qtbot):
    qtbot.waitUntil(lambda: not measurer._worker.busy, timeout=20_000)
    settle()


# What is computed


def direct_accuracy(test, training) -> float:
    """The share of digits whose label has the highest q(z, label), by a plain sum."""
    right = 0
    for z, label in zip(test.means, test.labels, strict=True):
        exponents = -0.5 * (((z - training.means) / training.standard_deviations) ** 2).sum(1)
        exponents -= np.log(training.standard_deviations).sum(1)
        terms = np.exp(exponents - exponents.max())
        right += np.bincount(training.labels, terms, 10).argmax() == label
    return right / len(test.labels)


@pytest.mark.parametrize("latent_dim", [1, 2, 4])
def test_the_accuracy_of_the_regions_is_that_of_a_direct_sum(latent_dim):
    test, training = make_digits(latent_dim, 200), make_digits(latent_dim, 400)
    training.means[:] += 0.1
    training.labels[:] = (training.means[:, 0] > 0.2) + 2 * (training.means[:, -1] > 0.0)
    test.labels[:] = (test.means[:, 0] > 0.2) + 2 * (test.means[:, -1] > 0.0)
    found = list(measuring.label(test, training))
    assert found[-1].count == 200
    assert found[-1].right / 200 == direct_accuracy(test, training)
    assert 0.3 < found[-1].right / 200 < 1.0
    assert [part.count for part in found] == sorted(part.count for part in found)


def test_the_numbers_are_those_of_the_model(measured, make_model, qtbot, coarse_grid):
    workspace, begin = measured
    model = make_model()
    workspace.document.open(model)
    workspace.document.set_test(make_digits(count=8))
    measurer = begin()
    measurer._go_on()
    rest(measurer, qtbot)
    vae = model.checkpoint.vae
    x = binarise_once(torch.from_numpy(workspace.document.test.images)).flatten(1)
    np.testing.assert_allclose(
        workspace.document.measures["reconstruction"].values, image_terms(vae, x).reconstruction
    )
    assert np.isnan(workspace.document.measures["log_likelihood"].values).all()
    workspace.appearance.colour_by("log_likelihood")
    rest(measurer, qtbot)
    whole = log_joint_on_grid(vae, x, coarse_grid).double().flatten(1).logsumexp(1)
    expected = whole + coarse_grid.log_cell
    np.testing.assert_allclose(
        workspace.document.measures["log_likelihood"].values, expected, atol=1e-2
    )
    np.testing.assert_allclose(
        workspace.document.measures["reconstruction"].values, integrate(vae, x).reconstruction
    )


# What is kept


def opened(made: OpenModel) -> OpenModel:
    """A model as it is when it was read from its file: it has a digest."""
    from model.files.checkpoint import read_checkpoint

    return OpenModel(made.path, made.title, read_checkpoint(made.path))


def test_what_was_measured_once_is_not_measured_again(make_model, monkeypatch, coarse_grid):
    model, digits = opened(make_model()), make_digits(count=8)
    unknown = np.full(8, np.nan)
    first = list(measuring.reconstruct(model, digits, unknown))
    (integrated,) = [r for r in measuring.integrate(model, digits) if isinstance(r, Integrated)]
    kept = find_numbers(owner_of(model.checkpoint, torch.from_numpy(digits.images)))
    np.testing.assert_allclose(kept.log_likelihood, integrated.log_likelihood, rtol=1e-6)

    def never(*_, **__):
        raise AssertionError("computed again")

    monkeypatch.setattr("model.likelihood.image_terms.image_terms", never)
    monkeypatch.setattr("model.likelihood.exact.integration", never)
    again = list(measuring.reconstruct(model, digits, unknown))
    assert [type(result) for result in again] == [Reconstructed, Integrated]
    np.testing.assert_allclose(again[0].values, integrated.reconstruction, rtol=1e-6)
    np.testing.assert_allclose(again[0].values, first[0].values, rtol=0.01)
    np.testing.assert_allclose(again[1].log_likelihood, integrated.log_likelihood, rtol=1e-6)
    (once_more,) = measuring.integrate(model, digits)
    np.testing.assert_allclose(once_more.log_likelihood, integrated.log_likelihood, rtol=1e-6)
    with pytest.raises(AssertionError, match="computed again"):  # for other digits
        list(measuring.reconstruct(model, make_digits(count=7), np.full(7, np.nan)))


def test_terms_are_kept_whole_although_they_were_measured_in_two_goes(make_model):
    model, digits = opened(make_model()), make_digits(count=600)
    results = measuring.reconstruct(model, digits, np.full(600, np.nan))
    part = next(results)
    results.close()
    owner = owner_of(model.checkpoint, torch.from_numpy(digits.images))
    assert not find_numbers(owner)
    known = np.full(600, np.nan)
    known[: len(part.values)] = part.values
    rest_of_it = list(measuring.reconstruct(model, digits, known))
    assert rest_of_it[0].first == len(part.values)
    kept = find_numbers(owner).reconstruction
    expected = np.concatenate([part.values, *(result.values for result in rest_of_it)])
    np.testing.assert_allclose(kept, expected, rtol=1e-6)


# In which order


def test_terms_of_the_test_digits_come_by_themselves_and_the_rest_when_it_is_needed(
    measured, steps, make_model, qtbot
):
    workspace, begin = measured
    measurer = begin()
    workspace.document.open(make_model())
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert steps.began == [("reconstruct 200", 0)]
    np.testing.assert_array_equal(
        workspace.document.measures["reconstruction"].values, -np.arange(200.0)
    )
    workspace.document.set_training(make_digits(count=300))
    workspace.appearance.colour_by("elbo")
    rest(measurer, qtbot)
    assert len(steps.began) == 1
    workspace.appearance.show_layer("training", True)
    rest(measurer, qtbot)
    assert steps.began[1:] == [("reconstruct 300", 0)]
    workspace.appearance.show_layer("regions", True)
    rest(measurer, qtbot)
    assert steps.began[2:] == [("label", 300)]
    assert workspace.document.label_accuracy == LabelAccuracy(150, 200)
    assert str(workspace.document.label_accuracy) == "0.750 of 200 test digits"
    workspace.appearance.show_layer("regions", False)
    workspace.appearance.show_layer("regions", True)
    workspace.appearance.colour_by("kl")
    rest(measurer, qtbot)
    assert len(steps.began) == 3


def test_a_job_that_was_interrupted_goes_on_where_it_was(
    measured, steps, make_model, qtbot, monkeypatch
):
    workspace, begin = measured
    monkeypatch.setattr(
        measurer_module,
        "label",
        lambda test, training: (steps.began.append(("label", 0)), (yield LabelAccuracy(200, 200))),
    )
    measurer = begin()

    def interrupt():
        numbers = workspace.document.measures
        if numbers is not None and 0 < (~np.isnan(numbers.reconstruction)).sum() < 200:
            workspace.appearance.show_layer("regions", True)

    workspace.document.measures_changed.connect(interrupt)
    workspace.document.open(make_model())
    workspace.document.training = make_digits(count=300)
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert steps.began == [("reconstruct 200", 0), ("label", 0), ("reconstruct 200", 50)]
    np.testing.assert_array_equal(
        workspace.document.measures["reconstruction"].values, -np.arange(200.0)
    )


def test_an_integral_brings_the_terms_with_it(measured, steps, make_model, qtbot):
    workspace, begin = measured
    texts = []
    measurer = begin()
    measurer.progressed.connect(texts.append)
    workspace.document.open(make_model())
    workspace.appearance.colour_by("log_likelihood")
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert steps.began == [("integrate", 200)]
    assert (workspace.document.measures["log_likelihood"].values == -7.0).all()
    assert (workspace.document.measures["reconstruction"].values == -5.0).all()
    assert "Integrating log p(x) … 50 %" in texts
    assert texts[-1] == ""


def test_with_three_dimensions_nothing_is_integrated(measured, steps, make_model, qtbot):
    workspace, begin = measured
    measurer = begin()
    workspace.document.open(make_model(3))
    workspace.appearance.colour_by("log_likelihood")
    workspace.document.set_test(make_digits(3))
    rest(measurer, qtbot)
    assert steps.began == [("reconstruct 200", 0)]


# What goes wrong


def test_an_error_becomes_a_sentence_and_is_not_tried_again_with_this_model(
    measured, steps, make_model, qtbot
):
    workspace, begin = measured
    measurer = begin()
    failures = []
    measurer.failed.connect(lambda sentence, error: failures.append((sentence, error)))
    steps.error = MemoryError("no room")
    workspace.document.open(make_model())
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert failures == [("The test digits could not be measured: no room.", steps.error)]
    workspace.appearance.colour_by("kl")
    rest(measurer, qtbot)
    assert len(steps.began) == 1
    steps.error = None
    workspace.document.open(make_model(seed=1))
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert len(steps.began) == 2
    assert not np.isnan(workspace.document.measures["reconstruction"].values).any()


def test_numbers_of_a_model_that_is_gone_are_not_taken(measured, steps, make_model, qtbot):
    workspace, begin = measured
    measurer = begin()
    models = [make_model(), make_model(seed=1)]
    swapped = []

    def swap():
        numbers = workspace.document.measures
        if not swapped and numbers is not None and not np.isnan(numbers.reconstruction[0]):
            swapped.append(numbers)
            workspace.document.open(models[1])
            workspace.document.set_test(make_digits(count=100))

    workspace.document.measures_changed.connect(swap)
    workspace.document.open(models[0])
    workspace.document.set_test(make_digits())
    rest(measurer, qtbot)
    assert steps.began == [("reconstruct 200", 0), ("reconstruct 100", 0)]
    assert np.isnan(swapped[0].reconstruction[50:]).all()
    np.testing.assert_array_equal(
        workspace.document.measures["reconstruction"].values, -np.arange(100.0)
    )
